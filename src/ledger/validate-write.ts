/** The rules of a write that need no look at the ledger. Every implementation applies them first. */
import { codedError, type ErrorDetails } from '../errors.ts'
import { limits } from '../limits.ts'
import {
  type Append,
  type Claim,
  type Condition,
  type Deletion,
  type RowChange,
  type StoredSnapshot,
  streamText,
  type StreamKey,
  type Write,
} from './ledger.ts'

/**
 * Checks a write and returns how many bytes it brings.
 *
 * @throws CodedError `LEDGER_WRITE_INVALID` naming the rule that is broken, `SEQUENCE_EXHAUSTED`
 */
export function validateWrite(write: Write): number {
  const { conditions, appends, claims, rows, snapshots, deletions } = write
  checkText('id', write.id)
  let bytes = 0
  for (const condition of conditions ?? []) checkCondition(condition)
  for (const append of appends ?? []) bytes += checkAppend(append)
  for (const claim of claims ?? []) checkClaim(claim)
  for (const row of rows ?? []) bytes += checkRow(row)
  for (const snapshot of snapshots ?? []) bytes += checkSnapshot(snapshot)
  for (const deletion of deletions ?? []) checkDeletion(deletion)
  unique('one append per stream', appends, (append) => streamText(append.key))
  unique('one change per row', rows, (row) => `${row.space}\n${row.key}`)
  unique('a claim stands once', claims, (claim) => `${streamText(claim.scope)}\n${claim.key}`)
  if (bytes > limits.bytesPerGroupMax) {
    throw invalid('bytes of one write', { bytes, bytes_max: limits.bytesPerGroupMax })
  }
  return bytes
}

function checkCondition(condition: Condition): void {
  switch (condition.kind) {
    case 'stream':
      checkKey(condition.key)
      checkSequence('next', condition.next)
      return
    case 'row':
      checkText('space', condition.space)
      checkText('key', condition.key)
      if (condition.version !== 'absent') checkSequence('version', condition.version)
      return
    case 'write':
      checkText('id', condition.id)
      return
    default:
      throw invalid('the kind of a condition', condition satisfies never)
  }
}

function checkAppend(append: Append): number {
  const { key, at, events, correlationId, visibility } = append
  checkKey(key)
  checkSequence('at', at)
  if (at + events.length - 1 > limits.sequenceMax) {
    throw codedError('SEQUENCE_EXHAUSTED', { details: { ...key, at } })
  }
  if (correlationId.length > limits.correlationIdLengthMax) {
    throw invalid('length of a correlation id', { actual: correlationId.length })
  }
  if (visibility?.kind === 'pending') checkText('cascadeId', visibility.cascadeId)
  let bytes = 0
  for (const { type, page } of events) {
    checkText('type', type)
    checkBytes('page', page)
    bytes += page.length
  }
  return bytes
}

function checkClaim(claim: Claim): void {
  checkKey(claim.scope)
  checkText('claim', claim.key)
}

function checkRow(row: RowChange): number {
  checkText('space', row.space)
  checkText('key', row.key)
  if (typeof row.expected === 'number') checkSequence('expected', row.expected)
  if (row.kind === 'remove') return 0
  checkBytes('value', row.value)
  if (row.group !== undefined && row.group.length > limits.ledgerKeyLengthMax) {
    throw invalid('length of a group', { actual: row.group.length })
  }
  checkTime('dueAt', row.dueAt ?? 0n)
  return row.value.length
}

function checkSnapshot(snapshot: StoredSnapshot): number {
  checkKey(snapshot.key)
  checkSequence('sequence', snapshot.sequence)
  checkTime('createdAt', snapshot.createdAt)
  checkBytes('state', snapshot.state)
  return snapshot.state.length
}

function checkDeletion(deletion: Deletion): void {
  switch (deletion.kind) {
    case 'stream':
      checkKey(deletion.key)
      return
    case 'edition':
      checkText('domain', deletion.domain)
      if (deletion.edition === '') throw invalid('the main timeline is not deleted', {})
      checkText('edition', deletion.edition)
      return
    case 'claims':
      checkTime('madeBefore', deletion.madeBefore)
      checkSequence('upTo', deletion.upTo)
      return
    case 'space':
      checkText('space', deletion.space)
      return
    default:
      throw invalid('the kind of a deletion', deletion satisfies never)
  }
}

function checkKey(key: StreamKey): void {
  checkText('domain', key.domain)
  if (key.edition !== '') checkText('edition', key.edition)
  if (!ROOT.test(key.root)) throw invalid('a root is a lower-case UUID', { root: key.root })
}

function checkText(field: string, text: string): void {
  if (text.length > 0 && text.length <= limits.ledgerKeyLengthMax && !text.includes('\n')) return
  throw invalid('texts are not empty, not too long, and of one line', { field, text })
}

function checkSequence(field: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return
  throw invalid('numbers are whole and not negative', { field, value })
}

function checkTime(field: string, value: bigint): void {
  if (value >= -NANOSECONDS_MAX && value <= NANOSECONDS_MAX) return
  throw invalid('times fit 64 bits', { field, value })
}

function checkBytes(field: string, value: Uint8Array): void {
  if (value instanceof Uint8Array) return
  throw invalid('bytes are a Uint8Array', { field })
}

function unique<T>(rule: string, items: readonly T[] | undefined, text: (item: T) => string): void {
  if (items === undefined || items.length < 2) return
  const seen = new Set(items.map(text))
  if (seen.size < items.length) throw invalid(rule, { items: items.length, distinct: seen.size })
}

function invalid(rule: string, details: Readonly<Record<string, unknown>>): Error {
  const told: ErrorDetails = Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, String(value)]),
  )
  return codedError('LEDGER_WRITE_INVALID', { details: { rule, ...told } })
}

const ROOT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const NANOSECONDS_MAX = 2n ** 63n - 1n
