/**
 * The way of events from the ledger to whoever reads them: what is kept elsewhere is brought back, and
 * old forms become new ones. Stored events are never rewritten.
 */
import { AnySchema } from '@bufbuild/protobuf/wkt'
import type { UpcasterDefinition } from '../component/definition.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { upcastChain } from '../component/upcast.ts'
import { codedError } from '../errors.ts'
import type { Sequence } from '../identity.ts'
import type { PayloadReference } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { retrievalFailed } from './payloads/payload-reference.ts'
import type { EncodedEvent } from './stateful-endpoint.ts'

const anys = messageCodec(AnySchema)

/** An event whose message is kept elsewhere. */
export type OffloadedEvent = {
  readonly sequence: Sequence
  readonly type: string
  readonly external: PayloadReference
}

/** Brings a payload back: the encoded `Any` that a reference stands for. */
export type RetrievePayload = (reference: PayloadReference) => Promise<Uint8Array>

/** Brings an event of a domain back and into its newest form. */
export type Upcast = {
  (domain: string, event: EncodedEvent | OffloadedEvent): Awaitable<EncodedEvent>
  /** The event as it was stored. */
  readonly inline: (event: EncodedEvent | OffloadedEvent) => Awaitable<EncodedEvent>
  /** Whether an event of this type may change; false means that it certainly stays as it is. */
  readonly renews: (domain: string, type: string) => boolean
}

/**
 * The upcasting of all registered upcasters, in the order of their registration.
 *
 * What it makes fails with CodedError `UPCASTER_FAILED` and `PAYLOAD_RETRIEVAL_FAILED`.
 *
 * @param retrieve Default: nothing is kept elsewhere
 */
export function upcasting(
  definitions: readonly UpcasterDefinition[],
  retrieve: RetrievePayload = keptNowhere,
): Upcast {
  const chain = upcastChain(definitions)
  const renew = (domain: string, event: EncodedEvent): Awaitable<EncodedEvent> => {
    if (!chain.concerns(domain)) return event
    const failed = (cause: unknown): never => {
      const details = { domain, type: event.type, sequence: event.sequence }
      throw codedError('UPCASTER_FAILED', { cause, details })
    }
    try {
      const old = { typeName: event.type, bytes: event.value }
      const renewed = then(chain.upcast(domain, old), ({ typeName, bytes }) => ({
        sequence: event.sequence,
        type: typeName,
        value: bytes,
      }))
      return 'then' in renewed ? renewed.then(undefined, failed) : renewed
    } catch (cause) {
      return failed(cause)
    }
  }
  const inline = (event: EncodedEvent | OffloadedEvent): Awaitable<EncodedEvent> => {
    if (!('external' in event)) return event
    const { sequence, type, external } = event
    return retrieve(external).then((bytes) => ({ sequence, type, value: anys.decode(bytes).value }))
  }
  const upcast = (domain: string, event: EncodedEvent | OffloadedEvent): Awaitable<EncodedEvent> =>
    'external' in event
      ? then(inline(event), (found) => renew(domain, found))
      : renew(domain, event)
  return Object.assign(upcast, {
    inline,
    renews: (domain: string, type: string) => chain.renews(domain, type),
  })
}

function keptNowhere(reference: PayloadReference): Promise<Uint8Array> {
  return Promise.reject(retrievalFailed(reference, 'no folder of payloads is configured'))
}
