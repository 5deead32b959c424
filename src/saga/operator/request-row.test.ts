import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../errors.ts'
import type { Row, RowChange } from '../../ledger/ledger.ts'
import type { OperatorRequest, Wish } from './operator-request.ts'
import { checkRequest, toldOf } from './operator-request.ts'
import { isSameRequest, putAnswer, putRequest, requestOf } from './request-row.ts'

const START = { kind: 'start', definition: 'trip', fingerprint: 'f', input: { n: 1n } } as const

const WISHES: readonly Wish[] = [
  START,
  { ...START, correlationId: 'c', user: 'ada' },
  { kind: 'cancel', reason: '' },
  { kind: 'compensate', reason: 'sent back' },
  { kind: 'signal', signal: 'paid', data: { at: new Date(0), amount: 3n } },
  { kind: 'resolve', path: 'a/b', verb: 'retry', reason: 'open again' },
  { kind: 'resolve', path: 'a', verb: 'edit', reason: 'new', data: new Map([['a', 1]]) },
  { kind: 'resolve', path: 'a', verb: 'replace', reason: 'cash', undo: 'byHand', added: 2 },
]

const requestFor = (wish: Wish): OperatorRequest => ({
  id: 'r-1',
  execution: 'order-1',
  by: 'ann',
  askedAt: 5n,
  wish,
})

function stored(change: RowChange): Row {
  assert.ok(change.kind === 'put')
  const { space, key, value, group, dueAt } = change
  return { space, key, value, group, dueAt, version: 1 }
}

test('every wish comes back as it was stored, answered and not', () => {
  const answer = { at: 7n, outcome: 'refused', code: 'NO', message: 'no', hint: 'ask' } as const
  for (const wish of WISHES) {
    const request = requestFor(wish)
    assert.deepEqual(requestOf(stored(putRequest(request))), { request, answer: undefined })
    assert.deepEqual(requestOf(stored(putAnswer(request, answer))), { request, answer })
  }
})

test('who asked stands in what the execution is told', () => {
  assert.deepEqual(toldOf({ wish: { kind: 'cancel', reason: 'late' }, by: 'ann' }), {
    kind: 'cancel',
    reason: 'late (ann)',
  })
  const resolve = { kind: 'resolve', path: 'a', verb: 'retry', reason: 'x' } as const
  const told = toldOf({ wish: resolve, by: 'ann' })
  assert.ok(told.kind === 'resolve' && told.by === 'ann')
})

test('requests are the same when they ask for the same, whenever', () => {
  const [first, ...others] = WISHES.map(requestFor)
  assert.ok(first !== undefined)
  assert.ok(isSameRequest(first, { ...first, id: 'r-2', askedAt: 9n }))
  for (const other of others) assert.ok(!isSameRequest(first, other))
  assert.ok(!isSameRequest(first, { ...first, by: 'bob' }))
  assert.ok(!isSameRequest(first, { ...first, execution: 'order-2' }))
})

test('what no operator can mean is refused with the field that is wrong', () => {
  const resolve = { kind: 'resolve', path: 'a', verb: 'retry', reason: 'r' } as const
  const table: readonly (readonly [string, Partial<OperatorRequest>])[] = [
    ['id', { id: '' }],
    ['id', { id: 'a\nb' }],
    ['id', { id: 'x'.repeat(257) }],
    ['by', { by: '' }],
    ['by', { by: 'x'.repeat(1_025) }],
    ['path', { wish: { ...resolve, path: '' } }],
    ['reason', { wish: { ...resolve, reason: ' ' } }],
    ['verb', { wish: { ...resolve, verb: 'forget' as 'retry' } }],
    ['undo', { wish: { ...resolve, verb: 'replace' } }],
    ['data', { wish: { ...resolve, verb: 'edit' } }],
    ['added', { wish: { ...resolve, added: -1 } }],
    ['added', { wish: { ...resolve, added: 0.5 } }],
    ['definition', { wish: { ...START, definition: '' } }],
    ['signal', { wish: { kind: 'signal', signal: '', data: 1 } }],
    ['reason', { wish: { kind: 'cancel', reason: 5 as unknown as string } }],
  ]
  for (const [field, wrong] of table) {
    assert.throws(
      () => checkRequest({ ...requestFor(resolve), ...wrong }),
      (error) =>
        codeOf(error) === 'OPERATOR_REQUEST_INVALID' &&
        (error as { details?: Record<string, string> }).details?.['field'] === field,
      field,
    )
  }
})

test('rows of another shape, or damaged, are unreadable', () => {
  const texts = ['', '{', '[]', '{"shape":2}', '{"shape":1}', '{"shape":1,"execution":5}']
  const row = stored(putRequest(requestFor({ kind: 'cancel', reason: '' })))
  for (const text of texts) {
    const value = new TextEncoder().encode(text)
    assert.throws(
      () => requestOf({ ...row, value }),
      (error) => codeOf(error) === 'VALUE_UNREADABLE',
    )
  }
})
