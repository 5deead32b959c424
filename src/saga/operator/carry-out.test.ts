import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codedError, type ErrorCode } from '../../errors.ts'
import type { RowChange } from '../../ledger/ledger.ts'
import type { RefusedBecause } from '../../machine/decision.ts'
import type { Told } from '../../machine/input.ts'
import { carryOut, type RequestTarget } from './carry-out.ts'
import type { OperatorAnswer, OperatorRequest, StartWish } from './operator-request.ts'
import { requestOf } from './request-row.ts'

const request: OperatorRequest = {
  id: 'r',
  execution: 'order-1',
  by: 'ann',
  askedAt: 1n,
  wish: { kind: 'resolve', path: 'card', verb: 'retry', reason: 'open' },
}

/** A runner that answers in one way, and what it was given to store. */
class Target implements RequestTarget {
  readonly told: Told[] = []
  readonly answers: { readonly with: 'entries' | 'nothing'; readonly answer: OperatorAnswer }[] = []
  readonly #answer: () => RefusedBecause | undefined

  constructor(answer: () => RefusedBecause | undefined) {
    this.#answer = answer
  }

  now(): bigint {
    return 9n
  }

  async tell(
    id: string,
    told: Told,
    alsoPut: (refused: RefusedBecause | undefined) => RowChange,
  ): Promise<void> {
    assert.equal(id, 'order-1')
    const refused = this.#answer()
    this.told.push(told)
    this.#take('entries', alsoPut(refused))
  }

  async start(
    id: string,
    wish: StartWish,
    alsoPut: () => RowChange,
  ): Promise<{ readonly isNew: boolean }> {
    assert.equal(id, 'order-1')
    this.#answer()
    // The definition says here which of the two it is.
    const isNew = wish.definition === 'new'
    if (isNew) this.#take('entries', alsoPut())
    return { isNew }
  }

  async put(row: RowChange): Promise<void> {
    this.#take('nothing', row)
  }

  #take(what: 'entries' | 'nothing', row: RowChange): void {
    assert.ok(row.kind === 'put')
    const { answer } = requestOf({ ...row, version: 1, group: row.group, dueAt: row.dueAt })
    assert.ok(answer !== undefined && row.group === 'answered' && row.dueAt !== undefined)
    this.answers.push({ with: what, answer })
  }
}

test('what is done is answered with the entries it leads to', async () => {
  const target = new Target(() => undefined)
  await carryOut(target, request)
  const done = { at: 9n, outcome: 'done', code: '', message: '', hint: '' } as const
  assert.deepEqual(target.answers, [{ with: 'entries', answer: done }])
  const told = { kind: 'resolve', path: 'card', verb: 'retry', reason: 'open', by: 'ann' }
  assert.deepEqual(target.told, [told])
})

test('what the machine refuses is answered with a code and what to do', async () => {
  const codes: Readonly<Record<RefusedBecause, ErrorCode>> = {
    PAST_PIVOT: 'SAGA_EXECUTION_PAST_PIVOT',
    ENDED: 'SAGA_EXECUTION_ENDED',
    NOT_COMPLETED: 'SAGA_EXECUTION_NOT_COMPLETED',
    NO_SUCH_ITEM: 'SAGA_WORK_ITEM_NOT_FOUND',
    VERB_NOT_ALLOWED: 'SAGA_VERB_NOT_ALLOWED',
  }
  for (const [refused, code] of Object.entries(codes)) {
    const target = new Target(() => refused as RefusedBecause)
    await carryOut(target, request)
    const [{ answer } = assert.fail()] = target.answers
    assert.deepEqual([answer.outcome, answer.code], ['refused', code])
    assert.notEqual(answer.hint, '')
  }
})

test('what cannot be told at all is refused with the code it failed with', async () => {
  const failures: readonly (readonly [string, Error])[] = [
    ['SAGA_EXECUTION_NOT_FOUND', codedError('SAGA_EXECUTION_NOT_FOUND')],
    ['SAGA_DEFINITION_UNKNOWN', codedError('SAGA_DEFINITION_UNKNOWN', { hint: 'deploy it' })],
    ['VALUE_TOO_LARGE', codedError('VALUE_TOO_LARGE')],
    ['OPERATOR_REQUEST_FAILED', new Error('a mistake of ours')],
  ]
  for (const [code, failure] of failures) {
    const target = new Target(() => {
      throw failure
    })
    await carryOut(target, request)
    const [{ with: what, answer } = assert.fail()] = target.answers
    assert.deepEqual([what, answer.outcome, answer.code], ['nothing', 'refused', code])
  }
})

test('what may pass leaves the request open', async () => {
  const codes = ['LEASE_LOST', 'SAGA_MANAGER_CLOSED', 'LEDGER_FULL', 'LEDGER_CLOSED'] as const
  for (const code of codes) {
    const target = new Target(() => {
      throw codedError(code)
    })
    await assert.rejects(carryOut(target, request), { code })
    assert.deepEqual(target.answers, [])
  }
})

test('a start is answered with its first entry, and one that was started before by itself', async () => {
  const input = { n: 1 }
  for (const [definition, what] of [
    ['new', 'entries'],
    ['old', 'nothing'],
  ] as const) {
    const target = new Target(() => undefined)
    const wish = { kind: 'start', definition, fingerprint: 'f', input } as const
    await carryOut(target, { ...request, wish })
    const [{ with: where, answer } = assert.fail()] = target.answers
    assert.deepEqual([where, answer.outcome, answer.isNew], [what, 'done', definition === 'new'])
    assert.equal(target.answers.length, 1)
  }
})
