/**
 * The way of events from the ledger to whoever reads them: what is kept elsewhere is brought back, and
 * old forms become new ones. Stored events are never rewritten.
 */
import { AnySchema } from '@bufbuild/protobuf/wkt'
import { type Awaitable, then } from '../awaitable.ts'
import type { Sequence } from '../identity.ts'
import type { PayloadReference } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { retrievalFailed } from './payloads/payload-reference.ts'
import type { EncodedEvent } from './stateful-endpoint.ts'
import type { UpcasterEndpoint } from './upcaster-endpoint.ts'

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
  /** Whether it pays to bring many events of this domain at once, by `all`. */
  readonly together: (domain: string) => boolean
  /** Events of one stream, in their order; fails when one of them does. */
  readonly all: (
    domain: string,
    events: readonly (EncodedEvent | OffloadedEvent)[],
  ) => Promise<readonly EncodedEvent[]>
}

/**
 * The upcasting of all registered upcasters, in the order of their registration.
 *
 * What it makes fails with CodedError `UPCASTER_FAILED` and `PAYLOAD_RETRIEVAL_FAILED`; while an
 * upcaster elsewhere does not answer, with `COMPONENT_UNAVAILABLE` or a status DEADLINE_EXCEEDED.
 *
 * @param retrieve Default: nothing is kept elsewhere
 */
export function upcasting(
  upcasters: readonly UpcasterEndpoint[],
  retrieve: RetrievePayload = keptNowhere,
): Upcast {
  const stepsOf = stepsByDomain(upcasters)
  const renew = (domain: string, event: EncodedEvent): Awaitable<EncodedEvent> => {
    let renewed: Awaitable<EncodedEvent> = event
    for (const step of stepsOf(domain)) {
      renewed = then(renewed, (current) => step.renew(domain, current))
    }
    return renewed
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
    renews: (domain: string, type: string) =>
      stepsOf(domain).some((step) => step.renews(domain, type)),
    together: (domain: string) => stepsOf(domain).some(({ renewAll }) => renewAll !== undefined),
    all: async (domain: string, events: readonly (EncodedEvent | OffloadedEvent)[]) => {
      let current: readonly EncodedEvent[] = await oneByOne(events, inline)
      for (const step of stepsOf(domain)) {
        current =
          step.renewAll === undefined
            ? await oneByOne(current, (event) => step.renew(domain, event))
            : await step.renewAll(domain, current)
      }
      return current
    },
  })
}

function stepsByDomain(
  upcasters: readonly UpcasterEndpoint[],
): (domain: string) => readonly UpcasterEndpoint[] {
  const found = new Map<string, readonly UpcasterEndpoint[]>()
  return (domain) => {
    const known = found.get(domain)
    if (known !== undefined) return known
    const steps = upcasters.filter((step) => step.concerns(domain))
    // Only what somebody declared is remembered, so that names do not fill the memory.
    if (steps.length > 0) found.set(domain, steps)
    return steps
  }
}

async function oneByOne<T, R>(
  all: readonly T[],
  each: (one: T) => Awaitable<R>,
): Promise<readonly R[]> {
  const made: R[] = []
  for (const one of all) made.push(await each(one))
  return made
}

function keptNowhere(reference: PayloadReference): Promise<Uint8Array> {
  return Promise.reject(retrievalFailed(reference, 'no folder of payloads is configured'))
}
