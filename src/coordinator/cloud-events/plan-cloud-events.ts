/** CloudEvents as they leave: what a projector left out is filled in from its trigger. Pure. */
import { createRegistry, toJson } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import { knownSchema } from '../../component/known-messages.ts'
import { codedError, messageOf } from '../../errors.ts'
import type { Nanoseconds } from '../../clock.ts'
import { bytesOfRoot } from '../../identity.ts'
import type { StoredEvent } from '../../ledger/ledger.ts'
import type {
  CloudEvent,
  CloudEventsResponse,
} from '../../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import { decodeEventPage } from '../../wire/page-codec.ts'
import { typeNameFromUrl } from '../../wire/type-url.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import type { OutgoingCloudEvent } from './cloud-event-sink.ts'

/** Names of attributes that no extension may have. */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
])
const EXTENSION = /^[a-z0-9]{1,128}$/
const NANOSECONDS_PER_SECOND = 1_000_000_000n

/**
 * The events of one trigger. Without an id of its own, the first is named after its trigger,
 * `{domain}:{root}:{sequence}`, and those behind it by their index as well; the same trigger gives the
 * same ids again.
 *
 * @throws CodedError `CLOUD_EVENT_INVALID` naming what is wrong
 */
export function planCloudEvents(
  { events }: CloudEventsResponse,
  trigger: StoredEvent,
): readonly OutgoingCloudEvent[] {
  const { key, sequence, correlationId } = trigger
  const root = hexOf(bytesOfRoot(key.root))
  const time = timeOf(decodeEventPage(trigger.page).createdAt)
  return events.map((event, index) => {
    const place = index === 0 ? '' : `:${index}`
    const edition = key.edition === '' ? '' : `@${key.edition}`
    return {
      specversion: '1.0',
      id: given(event.id) ?? `${key.domain}${edition}:${root}:${sequence}${place}`,
      source: given(event.source) ?? `angzarr/${key.domain}`,
      type: given(event.type) ?? typeOf(event.data) ?? trigger.type,
      subject: given(event.subject) ?? root,
      ...(time === undefined ? {} : { time }),
      ...dataOf(event.data),
      ...(correlationId === '' ? {} : { correlationid: correlationId }),
      ...extensionsOf(event),
    }
  })
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function typeOf(data: Any | undefined): string | undefined {
  return data === undefined ? undefined : given(typeNameFromUrl(data.typeUrl))
}

function dataOf(
  data: Any | undefined,
): Pick<OutgoingCloudEvent, 'data' | 'data_base64' | 'datacontenttype'> {
  if (data === undefined) return {}
  const schema = knownSchema(typeNameFromUrl(data.typeUrl))
  if (schema === undefined) {
    const text = btoa(String.fromCharCode(...data.value))
    return { datacontenttype: 'application/protobuf', data_base64: text }
  }
  try {
    const registry = createRegistry(schema.file)
    const json = toJson(schema, messageCodec(schema).decode(data.value), { registry })
    return { datacontenttype: 'application/json', data: json }
  } catch (cause) {
    throw invalid({ field: 'data', type: schema.typeName, cause: messageOf(cause) }, cause)
  }
}

function extensionsOf({ extensions }: CloudEvent): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(extensions).map(([name, value]) => {
      const lower = name.toLowerCase()
      if (!EXTENSION.test(lower) || ATTRIBUTES.has(lower)) {
        throw invalid({ field: 'extensions', name })
      }
      return [lower, value]
    }),
  )
}

function invalid(details: Readonly<Record<string, unknown>>, cause?: unknown): Error {
  const hint = 'Names of extensions are letters and digits, and no attributes of CloudEvents.'
  return codedError('CLOUD_EVENT_INVALID', { details, cause, hint })
}

function timeOf(createdAt: Nanoseconds | undefined): string | undefined {
  if (createdAt === undefined) return undefined
  const seconds = createdAt / NANOSECONDS_PER_SECOND
  const nanos = createdAt % NANOSECONDS_PER_SECOND
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, -5)
  return nanos === 0n ? `${whole}Z` : `${whole}.${nanos.toString().padStart(9, '0')}Z`
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
