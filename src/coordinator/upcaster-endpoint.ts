/** Where old events become new ones: in this process by a direct call, or elsewhere behind a connection. */
import { type Awaitable, then } from '../awaitable.ts'
import type { UpcasterDefinition } from '../component/definition.ts'
import { upcastChain } from '../component/upcast.ts'
import { codedError } from '../errors.ts'
import type { EncodedEvent } from './stateful-endpoint.ts'

/** One step of the way of old events to their newest form: an upcaster, or several in a row. */
export interface UpcasterEndpoint {
  /** Whether anything of this domain may change; false means that nothing ever does. */
  concerns(domain: string): boolean
  /** Whether an event of this type may change; false means that it certainly stays as it is. */
  renews(domain: string, type: string): boolean
  /** The event after this step. @throws CodedError `UPCASTER_FAILED` */
  renew(domain: string, event: EncodedEvent): Awaitable<EncodedEvent>
  /**
   * Events of one stream after this step, in their order; set where it pays to ask for many at once.
   *
   * @throws CodedError `UPCASTER_FAILED`
   */
  readonly renewAll?:
    | ((domain: string, events: readonly EncodedEvent[]) => Promise<readonly EncodedEvent[]>)
    | undefined
}

/** Upcasters of this process, in the order of their registration. */
export function localUpcasters(definitions: readonly UpcasterDefinition[]): UpcasterEndpoint {
  const chain = upcastChain(definitions)
  return {
    concerns: (domain) => chain.concerns(domain),
    renews: (domain, type) => chain.renews(domain, type),
    renew: (domain, event) => {
      const failed = (cause: unknown): never => {
        throw upcasterFailed(domain, event, cause)
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
    },
  }
}

/** The error of an upcaster that cannot renew an event. */
export function upcasterFailed(
  domain: string,
  { type, sequence }: Pick<EncodedEvent, 'type' | 'sequence'>,
  cause: unknown,
): Error {
  return codedError('UPCASTER_FAILED', { cause, details: { domain, type, sequence } })
}
