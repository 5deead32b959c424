/**
 * The request message of an HTTP request: its JSON body, its query parameters and its path. Pure.
 *
 * 1. A query parameter names a field, also one within others: `cover.root.value=<base64>`,
 *    `sequences.values=1&sequences.values=3`. Names are those of JSON or of the .proto file.
 * 2. Path and body may both name a field if they say the same of it.
 * 3. What names no field is an error; nothing is skipped.
 */
import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
} from '@bufbuild/protobuf'
import { codedError } from '../../../errors.ts'
import { hasOwnJson } from './holds-any.ts'
import type { MatchedRoute } from './http-routes.ts'
import { messageOfJson } from './message-of-json.ts'
import type { MessageTypes } from './message-types.ts'

/** What a request says, beside its route. */
export type HttpRequestParts = {
  /** The body, parsed; `undefined` without one. */
  readonly body: JsonValue | undefined
  readonly query: URLSearchParams
}

/** @throws CodedError `REQUEST_UNDECODABLE` */
export function requestOfHttp(
  { route, variables }: MatchedRoute,
  { body, query }: HttpRequestParts,
  types: MessageTypes,
): Message {
  const { input } = route.method
  const json = bodyOf(route.body, body)
  if (route.body === '*' && query.size > 0) {
    throw undecodable([...query.keys()].join(', '), 'the body says everything, the query nothing')
  }
  for (const name of new Set(query.keys())) {
    put(input, json, { field: name.split('.'), texts: query.getAll(name) })
  }
  for (const { field, text } of variables) put(input, json, { field, texts: [text] })
  return messageOfJson(input, json, types)
}

function bodyOf(rule: string, body: JsonValue | undefined): JsonObject {
  if (rule === '') {
    if (body === undefined) return {}
    throw undecodable('body', 'this route has no body')
  }
  if (rule !== '*') return body === undefined ? {} : { [rule]: body }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  throw undecodable('body', 'the body is a JSON object')
}

type Said = { readonly field: readonly string[]; readonly texts: readonly string[] }

/** Puts what the path or the query says where a body would say it. */
function put(schema: DescMessage, json: JsonObject, { field: path, texts }: Said): void {
  const [name = '', ...rest] = path
  const field = schema.fields.find((one) => one.jsonName === name || one.name === name)
  if (field === undefined) throw undecodable(name, `${schema.typeName} has no such field`)
  const key = Object.hasOwn(json, field.name) ? field.name : field.jsonName
  const there = Object.hasOwn(json, key) ? json[key] : undefined
  if (rest.length === 0) {
    const value = valueOf(field, texts)
    if (there !== undefined && there !== null && there !== '' && !alike(there, value)) {
      throw undecodable(name, 'it is given twice, with different values')
    }
    json[key] = value
    return
  }
  if (field.fieldKind !== 'message' || hasOwnJson(field.message)) {
    throw undecodable(path.join('.'), `${schema.typeName} has no such field`)
  }
  if (there !== undefined && there !== null && !isObject(there)) {
    throw undecodable(name, 'it is an object')
  }
  // A copy, as the parsed body is not ours to change.
  const inner: JsonObject = { ...there }
  json[key] = inner
  put(field.message, inner, { field: rest, texts })
}

function valueOf(field: DescField, texts: readonly string[]): JsonValue {
  if (field.fieldKind === 'list' && field.listKind !== 'message') {
    return texts.map((text) => scalarOf(field, text))
  }
  const [text = '', ...more] = texts
  if (more.length > 0) throw undecodable(field.name, 'it is given more than once')
  if (field.fieldKind === 'scalar' || field.fieldKind === 'enum') return scalarOf(field, text)
  // Timestamps, durations and the like are texts in JSON.
  if (field.fieldKind === 'message' && hasOwnJson(field.message)) return text
  throw undecodable(field.name, 'it is no single value: name a field within it')
}

function scalarOf(field: DescField, text: string): JsonValue {
  if (field.enum !== undefined) return /^\d{1,10}$/.test(text) ? Number(text) : text
  if (field.scalar === ScalarType.BOOL)
    return text === 'true' ? true : text === 'false' ? false : text
  // A plus that nobody escaped has become a blank.
  if (field.scalar === ScalarType.BYTES) return text.replaceAll(' ', '+')
  return text
}

function alike(one: JsonValue, other: JsonValue): boolean {
  if (typeof one === 'object' || typeof other === 'object') {
    return JSON.stringify(one) === JSON.stringify(other)
  }
  // A number may stand as a text.
  return String(one) === String(other)
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function undecodable(field: string, cause: string): Error {
  return codedError('REQUEST_UNDECODABLE', { details: { field, cause } })
}
