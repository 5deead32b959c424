/** Decoding of what arrives in envelopes, with the contract's error for malformed bytes. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import { messageOf } from '../errors.ts'
import { anyIs } from '../wire/any.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { typeUrl } from '../wire/type-url.ts'
import { dispatchError } from './errors.ts'

/**
 * Decodes the bytes of a message.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for malformed bytes
 */
export function decodePayload<S extends DescMessage>(
  schema: S,
  bytes: Uint8Array,
  from?: number,
  to?: number,
): MessageShape<S> {
  try {
    return messageCodec(schema).decode(bytes, from, to)
  } catch (cause) {
    const extras = { type_url: typeUrl(schema.typeName), cause: messageOf(cause) }
    throw dispatchError('ANY_DECODE_FAILED', extras, { cause })
  }
}

/**
 * The message in an envelope when it is of the given type, matched exactly; else `undefined`. Other
 * than with `tryUnpackAny`, malformed bytes of that type are an error.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for malformed bytes
 */
export function unpackExact<S extends DescMessage>(
  schema: S,
  envelope: Any | undefined,
): MessageShape<S> | undefined {
  if (envelope === undefined || !anyIs(schema, envelope)) return undefined
  return decodePayload(schema, envelope.value)
}
