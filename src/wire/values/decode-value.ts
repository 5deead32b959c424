/** Reads what `encode-value.ts` wrote. Bytes from elsewhere are refused, or read as plain data. */
import { Buffer } from 'node:buffer'
import { codedError, type CodedError, messageOf } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { textOf } from '../codec/byte-reader.ts'
import type { Fields } from './plain-data.ts'

/** Every tag begins so; texts within JSON never contain it. */
const TAG = '"$":'
const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])
const INTEGER = /^(0|-?[1-9]\d*)$/
/** The farthest time a date can hold, in milliseconds from 1970. */
const DATE_MAX = 8.64e15

/**
 * The value in some bytes. What it holds is new: records, arrays, dates, sets, maps, and bytes as a
 * plain `Uint8Array`.
 *
 * @throws CodedError `VALUE_UNREADABLE`
 */
export function decodeValue(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = textOf(bytes, 0, bytes.length)
  } catch (cause) {
    throw unreadable(messageOf(cause))
  }
  return valueOfText(text)
}

/** The value in a text that `valueText` made. @throws CodedError `VALUE_UNREADABLE` */
export function valueOfText(text: string): unknown {
  if (text === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw unreadable(messageOf(cause))
  }
  if (typeof value !== 'object' || value === null) return value
  return mayHoldTags(text) || mayBeDeep(text) ? untagged(value, 1) : value
}

function mayHoldTags(text: string): boolean {
  // Looking for one character is much quicker than for three, and mostly it is not there.
  return text.includes('$') && text.includes(TAG)
}

/** Whether so many arrays and records begin that they may lie too deep in each other. */
function mayBeDeep(text: string): boolean {
  if (text.length < limits.valueDepthMax * 2) return false
  let begun = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code === 0x7b || code === 0x5b) && ++begun > limits.valueDepthMax) return true
  }
  return false
}

/** The value without tags; arrays and records are filled in place. */
function untagged(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH_MAX) throw unreadable('too deep')
  if (Array.isArray(value)) return untaggedItems(value, depth)
  return Object.hasOwn(value, '$')
    ? contentOf(value as Fields, depth)
    : untaggedFields(value as Fields, depth)
}

/** Tags add two levels of their own to each level of the value, and a map one more. */
const DEPTH_MAX = limits.valueDepthMax * 4

function untaggedItems(items: unknown[], depth: number): unknown[] {
  for (let i = 0; i < items.length; i++) items[i] = untagged(items[i], depth + 1)
  return items
}

function untaggedFields(record: Fields, depth: number): Fields {
  // The fields are there already, `__proto__` among them: assigning to one never meets a setter.
  for (const key of Object.keys(record)) record[key] = untagged(record[key], depth + 1)
  return record
}

function contentOf(record: Fields, depth: number): unknown {
  const content = record['$']
  if (!Array.isArray(content) || Object.keys(record).length !== 1) throw unreadable('a broken tag')
  const items: readonly unknown[] = content
  const [name, inner] = items
  const value = typeof name === 'string' ? READERS.get(name)?.(inner, depth + 2) : undefined
  if (value === undefined && !(name === 'undefined' && items.length === 1)) {
    throw unreadable(`a tag that is not known, or broken: ${String(name)}`)
  }
  return value
}

type Reader = (content: unknown, depth: number) => unknown

/** What is under each tag; `undefined` when it cannot be. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['number', (content) => NUMBERS.get(content)],
  ['bigint', bigintOf],
  ['date', dateOf],
  ['bytes', bytesOf],
  ['set', setOf],
  ['map', mapOf],
  ['record', recordOf],
])

function bigintOf(content: unknown): bigint | undefined {
  return typeof content === 'string' && INTEGER.test(content) ? BigInt(content) : undefined
}

function dateOf(content: unknown): Date | undefined {
  if (content === null) return new Date(Number.NaN)
  if (typeof content !== 'number' || !Number.isInteger(content)) return undefined
  return Math.abs(content) <= DATE_MAX ? new Date(content) : undefined
}

function bytesOf(content: unknown): Uint8Array | undefined {
  if (typeof content !== 'string') return undefined
  const bytes = Buffer.from(content, 'base64')
  return bytes.toString('base64') === content ? new Uint8Array(bytes) : undefined
}

function setOf(content: unknown, depth: number): Set<unknown> | undefined {
  return Array.isArray(content) ? new Set(untaggedItems(content, depth)) : undefined
}

function mapOf(content: unknown, depth: number): Map<unknown, unknown> | undefined {
  if (!Array.isArray(content)) return undefined
  const map = new Map<unknown, unknown>()
  for (const entry of content as readonly unknown[]) {
    if (!Array.isArray(entry) || entry.length !== 2) return undefined
    map.set(untagged(entry[0], depth + 1), untagged(entry[1], depth + 1))
  }
  return map
}

function recordOf(content: unknown, depth: number): Fields | undefined {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined
  return untaggedFields(content as Fields, depth)
}

function unreadable(cause: string): CodedError {
  return codedError('VALUE_UNREADABLE', { details: { cause } })
}
