/**
 * The filter of `ListDeadLetters`: clauses `field = "value"` joined by AND, each field once. Pure.
 */
import type { Nanoseconds } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import { nanosecondsFromTimestamp, parseTimestamp } from '../../wire/timestamp.ts'

/** What a dead letter is looked at for. */
export type FilteredLetter = {
  readonly domain: string
  readonly correlationId: string
  readonly sourceComponent: string
  /** As in the contract: `sequence_mismatch`, `event_processing_failed`, ... */
  readonly rejectionType: string
  readonly occurredAt: Nanoseconds
}

/** Longest filter, in characters. */
const LENGTH_MAX = 4_096

const CLAUSE = /\s*(?<field>[a-z_]+)\s*=\s*"(?<value>(?:[^"\\]|\\["\\])*)"\s*/y
const AND = /AND\b/iy

/**
 * Reads a filter; an empty one lets everything through.
 *
 * @throws CodedError `QUERY_INVALID` for another syntax, an unknown or repeated field, a bad time
 */
export function parseDeadLetterFilter(text: string): (letter: FilteredLetter) => boolean {
  if (text.trim() === '') return () => true
  if (text.length > LENGTH_MAX) throw invalid(`a filter has at most ${LENGTH_MAX} characters`)
  const tests = new Map<string, (letter: FilteredLetter) => boolean>()
  let at = 0
  for (;;) {
    CLAUSE.lastIndex = at
    const { field = '', value = '' } = CLAUSE.exec(text)?.groups ?? {}
    if (field === '') throw invalid(`a clause field = "value" is expected at character ${at + 1}`)
    if (tests.has(field)) throw invalid(`the field ${field} stands there twice`)
    tests.set(field, testOf(field, value.replace(/\\(["\\])/g, '$1')))
    at = CLAUSE.lastIndex
    if (at === text.length) break
    AND.lastIndex = at
    if (!AND.test(text)) throw invalid(`AND is expected at character ${at + 1}`)
    at = AND.lastIndex
  }
  const all = [...tests.values()]
  return (letter) => all.every((test) => test(letter))
}

function testOf(field: string, value: string): (letter: FilteredLetter) => boolean {
  switch (field) {
    case 'domain':
      return (letter) => letter.domain === value
    case 'correlation_id':
      return (letter) => letter.correlationId === value
    case 'rejection_type':
      return (letter) => letter.rejectionType === value
    case 'source_component':
      return (letter) => letter.sourceComponent === value
    case 'occurred_after': {
      const time = timeOf(value)
      return (letter) => letter.occurredAt > time
    }
    case 'occurred_before': {
      const time = timeOf(value)
      return (letter) => letter.occurredAt < time
    }
    default:
      throw invalid(`there is no field ${field.slice(0, 64)}`)
  }
}

function timeOf(text: string): Nanoseconds {
  try {
    return nanosecondsFromTimestamp(parseTimestamp(text))
  } catch {
    throw invalid(`${text.slice(0, 64)} is no RFC 3339 time`)
  }
}

function invalid(cause: string): Error {
  return codedError('QUERY_INVALID', { details: { cause } })
}
