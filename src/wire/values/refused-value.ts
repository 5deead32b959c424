/** Says where in a value something stands that cannot be stored, and what it is. */
import { codedError, type CodedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { isPlainRecord, specialKindOf } from './plain-data.ts'

const HINT =
  'Keep plain data: null, booleans, numbers, texts, bigints, dates, bytes, sets, maps, arrays and ' +
  'plain records of them.'

/** A name that needs no quotes in a path. */
const NAME = /^[A-Za-z_$][\w$]*$/

type Search = { places: number; readonly around: Set<object> }

/** The error for a value that was refused. */
export function refusalOf(value: unknown): CodedError {
  const search: Search = { places: limits.valueBytesMax / 2, around: new Set() }
  // A value that changes while it is looked at may show nothing the second time.
  return refusalIn(value, '', search) ?? notStorable('', typeOf(value))
}

/** The error for a value that takes too many bytes, or can be told to without encoding it. */
export function tooLarge(got: number | undefined): CodedError {
  return codedError('VALUE_TOO_LARGE', {
    details: { max: limits.valueBytesMax, ...(got === undefined ? {} : { got }) },
  })
}

function notStorable(path: string, type: string): CodedError {
  return codedError('VALUE_NOT_STORABLE', { details: { path, type }, hint: HINT })
}

function refusalIn(value: unknown, path: string, search: Search): CodedError | undefined {
  if (--search.places < 0) return tooLarge(undefined)
  if (typeof value === 'function' || typeof value === 'symbol') {
    return notStorable(path, typeof value)
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (search.around.has(value)) return notStorable(path, 'cycle')
  if (search.around.size >= limits.valueDepthMax) return notStorable(path, 'too deep')
  search.around.add(value)
  const refusal = refusalInObject(value, path, search)
  search.around.delete(value)
  return refusal
}

function refusalInObject(value: object, path: string, search: Search): CodedError | undefined {
  if (Array.isArray(value)) return refusalInArray(value, path, search)
  if (isPlainRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      const refusal = refusalIn(item, inRecord(path, key), search)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
  const kind = specialKindOf(value)
  if (kind === undefined) return notStorable(path, typeOf(value))
  if (kind === 'map') {
    const map = value as ReadonlyMap<unknown, unknown>
    const keys = refusalInItems(map.keys(), `${path}.keys()`, search)
    return keys ?? refusalInItems(map.values(), `${path}.values()`, search)
  }
  if (kind === 'set') return refusalInItems(value as Set<unknown>, `${path}.values()`, search)
  return undefined
}

function refusalInArray(
  items: readonly unknown[],
  path: string,
  search: Search,
): CodedError | undefined {
  for (let i = 0; i < items.length; i++) {
    if (!(i in items)) return notStorable(`${path}[${i}]`, 'hole')
    const refusal = refusalIn(items[i], `${path}[${i}]`, search)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function refusalInItems(
  items: Iterable<unknown>,
  path: string,
  search: Search,
): CodedError | undefined {
  let index = 0
  for (const item of items) {
    const refusal = refusalIn(item, `${path}[${index++}]`, search)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function inRecord(path: string, key: string): string {
  if (!NAME.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

/** What something is, for people: the name of its class where it has one. */
function typeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (typeof prototype !== 'object' || prototype === null) return 'object'
  const maker: unknown = Reflect.get(prototype, 'constructor')
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'object'
}
