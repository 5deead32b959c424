/**
 * Messages as JSON: the protobuf mapping, with one addition for what is packed.
 *
 * 1. A packed message of a type that is known reads as `{"@type": url, ...its fields}`; one of the
 *    types that have a JSON form of their own as `{"@type": url, "value": ...}`.
 * 2. Any other packed message keeps its bytes: `{"@type": url, "@value": base64}`. So does one whose
 *    bytes are no message of its type: what is stored can always be shown.
 */
import {
  type DescMessage,
  isMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  toJson,
} from '@bufbuild/protobuf'
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect'
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt'
import { messageCodec } from '../../../wire/message-codec.ts'
import { typeNameFromUrl } from '../../../wire/type-url.ts'
import { hasOwnJson, holdsAny, messageIn } from './holds-any.ts'
import type { MessageTypes } from './message-types.ts'

/** Packed messages within packed messages that are shown; deeper ones keep their bytes. */
const PACKED_DEPTH_MAX = 16

/** The JSON of a message. Throws what `toJson` throws for a message that has none. */
export function jsonOfMessage(
  schema: DescMessage,
  message: Message,
  types: MessageTypes,
): JsonValue {
  return jsonOf(schema, message, { types, depth: 0 })
}

type Walk = { readonly types: MessageTypes; readonly depth: number }

function jsonOf(schema: DescMessage, message: Message, walk: Walk): JsonValue {
  if (isMessage(message, AnySchema)) return jsonOfAny(message, walk)
  if (!holdsAny(schema)) return toJson(schema, message)
  const whole = reflect(schema, message, false)
  const plain = reflect(schema)
  const held: JsonObject = {}
  for (const field of schema.fields) {
    if (!whole.isSet(field)) continue
    const inner = messageIn(field)
    if (inner === undefined || !holdsAny(inner)) plain.set(field, whole.get(field))
    else if (field.fieldKind === 'message') {
      held[field.jsonName] = jsonOf(inner, whole.get(field).message, walk)
    } else if (field.fieldKind === 'list') {
      // `messageIn` has said that these are messages.
      const items = [...whole.get(field)] as readonly ReflectMessage[]
      held[field.jsonName] = items.map((item) => jsonOf(inner, item.message, walk))
    }
  }
  return { ...asObject(toJson(schema, plain.message)), ...held }
}

function jsonOfAny({ typeUrl, value }: Any, { types, depth }: Walk): JsonObject {
  if (typeUrl === '' && value.length === 0) return {}
  const schema = types(typeNameFromUrl(typeUrl))
  if (schema !== undefined && depth < PACKED_DEPTH_MAX) {
    try {
      const message = messageCodec(schema).decode(value)
      const json = jsonOf(schema, message, { types, depth: depth + 1 })
      if (hasOwnJson(schema)) return { '@type': typeUrl, value: json }
      return { '@type': typeUrl, ...asObject(json) }
    } catch {
      // Bytes that are no such message are shown as bytes.
    }
  }
  return { '@type': typeUrl, '@value': Buffer.from(value).toString('base64') }
}

function asObject(json: JsonValue): JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}
}
