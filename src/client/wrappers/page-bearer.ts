/** What event pages and command pages have in common: a header, and a payload that may be inline. */
import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import type { Sequence } from '../../identity.ts'
import type { PageHeader } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { tryUnpackAny } from '../../wire/any.ts'
import { isDeferred, sequenceOf } from '../../wire/header.ts'
import { Wrapped } from './wrapped.ts'

/** A message that is a page. */
type Page = Message & { readonly header?: PageHeader | undefined }

/** Accessors of pages. */
export abstract class PageBearer<M extends Page> extends Wrapped<M> {
  /** The payload, when it is in the page. */
  protected abstract inline(): Any | undefined

  /** The sequence the header names; 0 when it names none or it is deferred. */
  sequenceNum(): Sequence {
    return sequenceOf(this.header()) ?? 0
  }

  /** The header; `undefined` when there is none. */
  header(): PageHeader | undefined {
    return this.proto().header
  }

  /** Whether the page gets its sequence where it arrives. */
  isDeferred(): boolean {
    return isDeferred(this.header())
  }

  /** The type URL of the payload; `undefined` when it is not in the page. */
  typeUrl(): string | undefined {
    return this.inline()?.typeUrl
  }

  /** The encoded payload; `undefined` when it is not in the page. */
  payload(): Uint8Array | undefined {
    return this.inline()?.value
  }

  /**
   * The payload as a message; `undefined` when it is not in the page, of exactly another type, or
   * cannot be decoded.
   */
  decodeTyped<S extends DescMessage>(schema: S): MessageShape<S> | undefined {
    return tryUnpackAny(schema, this.inline())
  }
}
