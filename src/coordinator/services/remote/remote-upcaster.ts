/**
 * An upcaster elsewhere: calls of its `UpcasterService`, with as many pages of one stream as are read
 * together.
 *
 * 1. It answers with the same pages in the same order; any other answer is a failure, and nothing of
 *    it is used.
 * 2. While it is away or late, whoever reads waits or tries again: an event that it may renew is never
 *    handed on as it was stored. What it refuses is refused for good, as by one of this process.
 * 3. What the engine has written for itself is none of its concern.
 */
import { create } from '@bufbuild/protobuf'
import { exactTypeName } from '../../../component/exact-type.ts'
import { codedError } from '../../../errors.ts'
import { grpcStatusOf } from '../../../errors/client-error.ts'
import { limits } from '../../../limits.ts'
import type { EventPage } from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  UpcasterService,
  UpcastRequestSchema,
} from '../../../proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { isFrameworkEvent } from '../../plan-pending.ts'
import type { EncodedEvent } from '../../stateful-endpoint.ts'
import { type UpcasterEndpoint, upcasterFailed } from '../../upcaster-endpoint.ts'
import type { ComponentCaller } from './component-link.ts'
import { pageOf } from './remote-history.ts'

const { upcast } = UpcasterService.method

/** An upcaster elsewhere. */
export type RemoteUpcasterOptions = {
  readonly domain: string
  /** Full names of the types that it renews. Default: any of its domain. */
  readonly types?: readonly string[] | undefined
  readonly call: ComponentCaller
}

/** The endpoint. */
export function remoteUpcaster(options: RemoteUpcasterOptions): UpcasterEndpoint {
  const { domain: own, call } = options
  const known = options.types === undefined ? undefined : new Set(options.types)
  const renews = (domain: string, type: string): boolean =>
    domain === own && !isFrameworkEvent(type) && (known === undefined || known.has(type))
  return {
    concerns: (domain) => domain === own,
    renews,
    renew: async (domain, event) => {
      if (!renews(domain, event.type)) return event
      const [renewed = event] = await asked(call, domain, [event])
      return renewed
    },
    renewAll: async (domain, events) => {
      const old = events.filter(({ type }) => renews(domain, type))
      const renewed: EncodedEvent[] = []
      for (const part of partsOf(old)) renewed.push(...(await asked(call, domain, part)))
      const bySequence = new Map(renewed.map((event) => [event.sequence, event]))
      return events.map((event) => bySequence.get(event.sequence) ?? event)
    },
  }
}

/** Runs of events that fit into one call. */
function* partsOf(events: readonly EncodedEvent[]): Generator<readonly EncodedEvent[]> {
  let part: EncodedEvent[] = []
  let bytes = 0
  for (const event of events) {
    const size = event.value.length
    const isFull = part.length === limits.upcastPagesPerCall
    if (part.length > 0 && (isFull || bytes + size > limits.upcastBytesPerCall)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(event)
    bytes += size
  }
  if (part.length > 0) yield part
}

async function asked(
  call: ComponentCaller,
  domain: string,
  old: readonly EncodedEvent[],
): Promise<readonly EncodedEvent[]> {
  const [first] = old
  if (first === undefined) return []
  try {
    const { events } = await call(
      upcast,
      create(UpcastRequestSchema, { domain, events: old.map(pageOf) }),
      '',
    )
    if (events.length !== old.length) throw wrongAnswer(`${events.length} pages for ${old.length}`)
    return old.map((event, at) => renewedIn(events[at], event))
  } catch (cause) {
    if (isLate(cause)) throw cause
    throw upcasterFailed(domain, first, cause)
  }
}

function renewedIn(page: EventPage | undefined, { sequence }: EncodedEvent): EncodedEvent {
  const place = page?.header?.sequenceType
  if (place?.case !== 'sequence' || place.value !== sequence) {
    throw wrongAnswer(`page ${sequence} has lost its place`)
  }
  const event = page?.payload.case === 'event' ? page.payload.value : undefined
  const type = event === undefined ? undefined : exactTypeName(event.typeUrl)
  if (event === undefined || type === undefined) throw wrongAnswer(`page ${sequence} has no event`)
  return { sequence, type, value: event.value }
}

function wrongAnswer(actual: string): Error {
  return codedError('UPCASTER_WRONG_RESPONSE_KIND', {
    details: { expected_kind: 'the same pages in the same order', actual },
  })
}

/** Whether it has not answered: that says nothing about the event. */
function isLate(error: unknown): boolean {
  const status = grpcStatusOf(error)
  return status === 'UNAVAILABLE' || status === 'DEADLINE_EXCEEDED' || status === 'CANCELLED'
}
