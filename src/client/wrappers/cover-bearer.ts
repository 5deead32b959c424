/** What everything with a cover can be asked. */
import type { Message } from '@bufbuild/protobuf'
import { rootOfBytes } from '../../identity.ts'
import type { Cover } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { UNKNOWN_DOMAIN } from '../../wire/constants.ts'
import { protoUuidToHex } from '../../wire/uuid.ts'
import { Wrapped } from './wrapped.ts'

/** Accessors of messages that carry a cover (Angzarr client: `CoverBearer`). */
export abstract class CoverBearer<M extends Message> extends Wrapped<M> {
  /** The cover of the wrapped message, if it has one. */
  protected abstract coverMessage(): Cover | undefined

  /** The domain; `unknown` when there is none. */
  domain(): string {
    const domain = this.coverMessage()?.domain ?? ''
    return domain === '' ? UNKNOWN_DOMAIN : domain
  }

  /** The workflow across domains; '' when there is none. */
  correlationId(): string {
    return this.coverMessage()?.correlationId ?? ''
  }

  /** Whether there is a correlation id. */
  hasCorrelationId(): boolean {
    return this.correlationId() !== ''
  }

  /** The root as UUID text; `undefined` when it is missing or not 16 bytes. */
  rootUuid(): string | undefined {
    const bytes = this.coverMessage()?.root?.value
    return bytes?.length === 16 ? rootOfBytes(bytes) : undefined
  }

  /** The bytes of the root in lower-case hexadecimal; '' when it is missing. */
  rootIdHex(): string {
    return protoUuidToHex(this.coverMessage()?.root)
  }

  /** The name of the timeline; `undefined` for the main one. */
  edition(): string | undefined {
    const name = this.coverMessage()?.edition?.name ?? ''
    return name === '' ? undefined : name
  }

  /** By what messages are routed: the domain. */
  routingKey(): string {
    return this.domain()
  }

  /** By what states are cached: `{edition}:{domain}:{root in hexadecimal}`. */
  cacheKey(): string {
    return `${this.edition() ?? ''}:${this.domain()}:${this.rootIdHex()}`
  }
}
