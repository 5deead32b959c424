/**
 * JSON as messages, under the mapping of `json-of-message.ts`: what one writes the other reads. A
 * field that the message does not have is an error, so that a typing mistake cannot lose anything.
 */
import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
} from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt'
import { codedError, messageOf } from '../../../errors.ts'
import { messageCodec } from '../../../wire/message-codec.ts'
import { typeNameFromUrl } from '../../../wire/type-url.ts'
import { hasOwnJson, holdsAny, messageIn } from './holds-any.ts'
import type { MessageTypes } from './message-types.ts'

/**
 * The message that JSON describes.
 *
 * @throws CodedError `REQUEST_UNDECODABLE`, with what is wrong as `cause`
 */
export function messageOfJson(schema: DescMessage, json: JsonValue, types: MessageTypes): Message {
  try {
    return readMessage(schema, json, types)
  } catch (cause) {
    const details = { type: schema.typeName, cause: messageOf(cause) }
    throw codedError('REQUEST_UNDECODABLE', { cause, details })
  }
}

function readMessage(schema: DescMessage, json: JsonValue, types: MessageTypes): Message {
  if (schema.typeName === AnySchema.typeName) return anyOf(json, types)
  if (!holdsAny(schema) || !isObject(json)) return fromJson(schema, json)
  const plain: (readonly [string, JsonValue])[] = []
  const held: (readonly [DescField, DescMessage, JsonValue])[] = []
  for (const [name, value] of Object.entries(json)) {
    const field = schema.fields.find((one) => one.jsonName === name || one.name === name)
    const inner = field === undefined ? undefined : messageIn(field)
    if (field === undefined || inner === undefined || !holdsAny(inner) || value === null) {
      plain.push([name, value])
    } else {
      held.push([field, inner, value])
    }
  }
  const message = fromJson(schema, Object.fromEntries(plain))
  const target = reflect(schema, message)
  for (const [field, inner, value] of held) {
    const taken = field.oneof === undefined ? undefined : target.oneofCase(field.oneof)
    if (target.isSet(field) || taken !== undefined) {
      throw new Error(`${field.toString()} is given twice`)
    }
    if (field.fieldKind === 'list') {
      if (!Array.isArray(value)) throw new Error(`${field.toString()} is a list`)
      const list = target.get(field)
      for (const item of value) list.add(reflect(inner, readMessage(inner, item, types)))
    } else {
      target.set(field, reflect(inner, readMessage(inner, value, types)))
    }
  }
  return message
}

function anyOf(json: JsonValue, types: MessageTypes): Any {
  if (!isObject(json)) throw new Error('a packed message is an object with "@type"')
  const { '@type': typeUrl, '@value': bytes, ...fields } = json
  if (typeUrl === undefined && Object.keys(json).length === 0) return create(AnySchema)
  if (typeof typeUrl !== 'string') throw new Error('a packed message names its type as "@type"')
  if (bytes !== undefined) return create(AnySchema, { typeUrl, value: bytesOf(bytes, fields) })
  const schema = types(typeNameFromUrl(typeUrl))
  if (schema === undefined) {
    throw new Error(
      `the server does not know the type ${typeUrl}: send its bytes in base64 as "@value"`,
    )
  }
  const { value: own, ...others } = fields
  if (hasOwnJson(schema) && Object.keys(others).length > 0) {
    throw new Error(`${typeUrl} has its JSON as "value", and nothing beside it`)
  }
  const packed = hasOwnJson(schema) ? (own ?? null) : fields
  const value = messageCodec(schema).encode(readMessage(schema, packed, types))
  // The bytes of small messages share their memory with others.
  return create(AnySchema, { typeUrl, value: value.slice() })
}

function bytesOf(json: JsonValue, beside: JsonObject): Uint8Array {
  const isText = typeof json === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(json)
  if (!isText) throw new Error('"@value" is base64')
  if (Object.keys(beside).length > 0) throw new Error('"@value" stands alone beside "@type"')
  return new Uint8Array(Buffer.from(json, 'base64'))
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
