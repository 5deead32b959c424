/** Messages inside `google.protobuf.Any`: packed under their full type URL, matched by it whole. */
import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf'
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt'
import { errorTable, messageOf } from '../errors.ts'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { messageCodec } from './message-codec.ts'
import { fullTypeUrl, typeNameFromUrl, typeUrlMatches } from './type-url.ts'

/** Packs a message under its full type URL. */
export function packAny<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  return create(AnySchema, {
    typeUrl: fullTypeUrl(schema),
    value: messageCodec(schema).encode(message),
  })
}

/** Whether this type is packed (Angzarr client: `type_matches`). Nothing packed is no type. */
export function anyIs(schema: DescMessage, any: Any | undefined): boolean {
  return any !== undefined && typeUrlMatches(any.typeUrl, schema.typeName)
}

/**
 * The packed message.
 *
 * @throws InvalidArgumentError `ANY_TYPE_MISMATCH` with `expected` and `actual` type name;
 * `ANY_DECODE_FAILED` with `expected` type name and `cause`
 */
export function unpackAny<Desc extends DescMessage>(schema: Desc, any: Any): MessageShape<Desc> {
  const expected = schema.typeName
  if (!anyIs(schema, any)) {
    throw new InvalidArgumentError(errorTable.ANY_TYPE_MISMATCH.message, {
      code: 'ANY_TYPE_MISMATCH',
      details: { expected, actual: actualName(any.typeUrl) },
    })
  }
  try {
    return messageCodec(schema).decode(any.value)
  } catch (cause) {
    throw new InvalidArgumentError(errorTable.ANY_DECODE_FAILED.message, {
      code: 'ANY_DECODE_FAILED',
      details: { expected, cause: messageOf(cause) },
      cause,
    })
  }
}

/** The packed message; `undefined` when nothing, another type or malformed bytes are packed. */
export function tryUnpackAny<Desc extends DescMessage>(
  schema: Desc,
  any: Any | undefined,
): MessageShape<Desc> | undefined {
  if (any === undefined || !anyIs(schema, any)) return undefined
  try {
    return messageCodec(schema).decode(any.value)
  } catch {
    return undefined
  }
}

/** The name that the URL holds, or the whole URL when its prefix is what is wrong. */
function actualName(url: string): string {
  const name = typeNameFromUrl(url)
  return typeUrlMatches(url, name) ? name : url
}
