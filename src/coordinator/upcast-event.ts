/** Upcasting on the way from the ledger: stored events are never rewritten. */
import type { UpcasterDefinition } from '../component/definition.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { upcastChain } from '../component/upcast.ts'
import { codedError } from '../errors.ts'
import type { EncodedEvent } from './stateful-endpoint.ts'

/** Brings an event of a domain into its newest form. */
export type Upcast = {
  (domain: string, event: EncodedEvent): Awaitable<EncodedEvent>
  /** Whether an event of this type may change; false means that it certainly stays as it is. */
  readonly renews: (domain: string, type: string) => boolean
}

/**
 * The upcasting of all registered upcasters, in the order of their registration.
 *
 * What it makes fails with CodedError `UPCASTER_FAILED`.
 */
export function upcasting(definitions: readonly UpcasterDefinition[]): Upcast {
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
  return Object.assign(renew, {
    renews: (domain: string, type: string) => chain.renews(domain, type),
  })
}
