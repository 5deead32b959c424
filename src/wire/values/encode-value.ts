/**
 * Plain data as JSON text with tags: what JSON cannot express stands in it as
 * `{"$":[tag, content]}`. A record that has a field `$` itself stands under the tag `record`.
 *
 * 1. No text at all is `undefined`; text of JSON is never empty.
 * 2. Plain JSON is stored as JSON: one look at the value, then what the platform makes of it.
 */
import { Buffer } from 'node:buffer'
import { limits } from '../../limits.ts'
import { type Fields, isJsonNumber, isPlainRecord, specialKindOf } from './plain-data.ts'
import { tooLarge } from './refused-value.ts'
import { refused, shapeOfMany, shapeOfValue, type ValueShape } from './shape-of-value.ts'

const encoder = new TextEncoder()

/** Characters that take no more bytes than allowed, whatever they are. */
const SURELY_SMALL = Math.floor(limits.valueBytesMax / 3)

/**
 * The bytes of a value.
 *
 * @throws CodedError `VALUE_NOT_STORABLE`, `VALUE_TOO_LARGE`
 */
export function encodeValue(value: unknown): Uint8Array {
  return encoder.encode(valueText(value))
}

/** The text of a value; its UTF-8 is what {@link encodeValue} makes. @throws as that */
export function valueText(value: unknown): string {
  if (value === undefined) return ''
  const text = textOfShape(value, shapeOfValue(value))
  if (text.length > SURELY_SMALL) {
    const bytes = Buffer.byteLength(text)
    if (bytes > limits.valueBytesMax) throw tooLarge(bytes)
  }
  return text
}

/**
 * The bytes of a record of many values, each of which could be stored; however long they are
 * together. {@link decodeValue} reads them.
 *
 * @throws CodedError `VALUE_NOT_STORABLE`
 */
export function encodeValues(values: object): Uint8Array {
  return encoder.encode(textOfShape(values, shapeOfMany(values)))
}

function textOfShape(value: unknown, shape: ValueShape): string {
  switch (shape) {
    case 'json':
      return JSON.stringify(value)
    case 'tagged':
      return JSON.stringify(tagged(value))
    case 'refused':
      throw refused(value)
  }
}

type Tagged = { readonly $: readonly unknown[] }

function tag(name: string, ...content: readonly unknown[]): Tagged {
  return { $: [name, ...content] }
}

/** The value with tags in place of what needs them; it has been looked at before. */
function tagged(value: unknown): unknown {
  if (typeof value === 'number')
    return isJsonNumber(value) ? value : tag('number', numberText(value))
  if (typeof value === 'bigint') return tag('bigint', value.toString())
  if (value === undefined) return tag('undefined')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(tagged)
  if (isPlainRecord(value)) return taggedRecord(value)
  switch (specialKindOf(value)) {
    case 'date': {
      const time = (value as Date).getTime()
      return tag('date', Number.isNaN(time) ? null : time)
    }
    case 'bytes':
      return tag('bytes', base64(value as Uint8Array))
    case 'set':
      return tag('set', Array.from(value as Set<unknown>, tagged))
    case 'map':
      return tag(
        'map',
        Array.from(value as Map<unknown, unknown>, (entry) => entry.map(tagged)),
      )
    case undefined:
      throw refused(value)
  }
}

function taggedRecord(record: Fields): unknown {
  // A spread defines its fields, so that one named `__proto__` is a field like any other.
  const result: Fields = { ...record }
  let isEscaped = false
  for (const key of Object.keys(result)) {
    if (key === '$') isEscaped = true
    const item = result[key]
    if (item !== undefined) result[key] = tagged(item)
  }
  return isEscaped && result['$'] !== undefined ? tag('record', result) : result
}

function numberText(value: number): string {
  return value === 0 ? '-0' : String(value)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
