/** Conditions, claims and the ids of writes: who may write, and what was written already. */
import { strict as assert } from 'node:assert'
import type { Condition, Outcome } from '../../ledger/ledger.ts'
import {
  append,
  bytes,
  committed,
  type ContractPart,
  fact,
  freshKey,
  type Kit,
  pagesOf,
  rejectsWith,
} from './kit.ts'

const attempt = (kit: Kit, condition: Condition): Promise<Outcome> =>
  kit.commit({ conditions: [condition], appends: [append(freshKey(), 0, 'x')] })

/** Conditions, claims and write ids. */
export const conditions: ContractPart = [
  fact('a condition on a stream holds at its next sequence only', async (kit) => {
    const key = freshKey()
    await kit.store({ appends: [append(key, 0, 'a')] })
    committed(await attempt(kit, { kind: 'stream', key, next: 1 }))
    committed(await attempt(kit, { kind: 'stream', key: freshKey(), next: 0 }))
    const on: Condition = { kind: 'stream', key, next: 0 }
    assert.deepEqual(await attempt(kit, on), { kind: 'conflict', on, actual: 1 })
    assert.equal(await kit.ledger.tip(), 3)
  }),

  fact('a condition on a row holds at its version, or while it is absent', async (kit) => {
    const row = { kind: 'row', space: 'lease', key: 'k' } as const
    committed(await attempt(kit, { ...row, version: 'absent' }))
    const { number } = await kit.store({
      rows: [{ kind: 'put', space: 'lease', key: 'k', value: bytes('me'), expected: 'absent' }],
    })
    committed(await attempt(kit, { ...row, version: number }))
    const stale: Condition = { ...row, version: number + 1 }
    assert.deepEqual(await attempt(kit, stale), { kind: 'conflict', on: stale, actual: number })
    const gone: Condition = { ...row, version: 'absent' }
    assert.deepEqual(await attempt(kit, gone), { kind: 'conflict', on: gone, actual: number })
    const other: Condition = { ...row, key: 'other', version: 3 }
    assert.deepEqual(await attempt(kit, other), { kind: 'conflict', on: other, actual: 'absent' })
  }),

  fact('a write stands or falls with the earlier one it was decided upon', async (kit) => {
    const { ledger, newId } = kit
    const key = freshKey()
    const [good, bad, check] = [newId(), newId(), newId()]
    const upon = (id: typeof good): Promise<Outcome> =>
      ledger.commit({
        id: newId(),
        conditions: [{ kind: 'write', id }],
        appends: [append(freshKey(), 0, 'x')],
      })
    const outcomes = await Promise.all([
      ledger.commit({ id: good, appends: [append(key, 0, 'a')] }),
      upon(good),
      ledger.commit({ id: bad, appends: [append(key, 0, 'conflict')] }),
      upon(bad),
      ledger.commit({ id: check, conditions: [{ kind: 'stream', key, next: 1 }] }),
      upon(check),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => outcome.kind),
      ['committed', 'committed', 'conflict', 'conflict', 'committed', 'committed'],
    )
    assert.deepEqual(outcomes[3], {
      kind: 'conflict',
      on: { kind: 'write', id: bad },
      actual: 'absent',
    })
    committed(await upon(good))
  }),

  fact('a taken claim is answered with the write that took it', async (kit) => {
    const scope = freshKey()
    const claim = { scope, key: 'request-1' }
    const first = await kit.store({ appends: [append(scope, 0, 'a')], claims: [claim] })
    const outcome = await kit.commit({ appends: [append(scope, 1, 'b')], claims: [claim] })
    assert.deepEqual(outcome, { kind: 'duplicate', claim, first })
    assert.deepEqual(await pagesOf(kit.ledger, scope), ['a'])
    assert.deepEqual(await kit.ledger.claimed(claim), first)
  }),

  fact('a repetition is a duplicate although its stream has moved on', async (kit) => {
    const scope = freshKey()
    const write = { appends: [append(scope, 0, 'a')], claims: [{ scope, key: 'k' }] }
    const first = await kit.store(write)
    const outcome = await kit.commit(write)
    assert.deepEqual(outcome.kind === 'duplicate' && outcome.first, first)
  }),

  fact('two writes with one claim in one breath: the first one is stored', async (kit) => {
    const { ledger, newId } = kit
    const scope = freshKey()
    const write = (page: string): Promise<Outcome> =>
      ledger.commit({
        id: newId(),
        appends: [append(freshKey(), 0, page)],
        claims: [{ scope, key: 'k' }],
      })
    const [one, two] = await Promise.all([write('a'), write('b')])
    assert.deepEqual(two.kind === 'duplicate' && two.first, one)
    assert.equal(await ledger.tip(), 1)
  }),

  fact('a claim without events is remembered with where its stream stood', async (kit) => {
    const scope = freshKey()
    await kit.store({ appends: [append(scope, 0, 'a', 'b')] })
    const other = freshKey()
    const first = await kit.store({
      appends: [append(scope, 2), append(other, 0, 'x')],
      claims: [{ scope, key: 'no-op' }],
    })
    assert.notEqual(first.number, 0)
    assert.deepEqual(first.appends, [
      { key: scope, from: 2, count: 0, position: 0 },
      { key: other, from: 0, count: 1, position: 3 },
    ])
    assert.deepEqual(await kit.ledger.claimed({ scope, key: 'no-op' }), first)
  }),

  fact('claims are told apart by scope and by every character of the key', async (kit) => {
    const [one, two] = [freshKey(), freshKey()]
    const claims = [
      { scope: one, key: 'k' },
      { scope: two, key: 'k' },
      { scope: one, key: 'K' },
      { scope: one, key: 'k ' },
      { scope: one, key: 'kä' },
    ]
    for (const claim of claims) await kit.store({ claims: [claim] })
    assert.equal(await kit.ledger.claimed({ scope: one, key: 'kk' }), undefined)
    assert.equal(await kit.ledger.claimed({ scope: freshKey(), key: 'k' }), undefined)
  }),

  fact('a write offered twice is stored once and answered twice', async (kit) => {
    const { ledger, newId } = kit
    const key = freshKey()
    const write = { id: newId(), appends: [append(key, 0, 'a')] }
    const first = committed(await ledger.commit(write))
    assert.deepEqual(await ledger.commit(write), first)
    const rows = {
      id: newId(),
      rows: [{ kind: 'put', space: 's', key: 'k', value: bytes('v'), expected: 'any' }] as const,
    }
    const [one, two] = await Promise.all([ledger.commit(rows), ledger.commit(rows)])
    assert.deepEqual(two, one)
    assert.deepEqual(await pagesOf(ledger, key), ['a'])
  }),

  fact('find tells what a write id stored', async ({ ledger, newId }) => {
    const [key, id] = [freshKey(), newId()]
    assert.equal(await ledger.find(id), undefined)
    const stored = await ledger.commit({ id, appends: [append(key, 0, 'a', 'b')] })
    assert.deepEqual(await ledger.find(id), stored)
    const refused = newId()
    await ledger.commit({ id: refused, appends: [append(key, 0, 'no')] })
    assert.equal(await ledger.find(refused), undefined)
  }),

  fact('a write that breaks a rule is refused before anything is stored', async (kit) => {
    const key = freshKey()
    const row = { kind: 'put', space: 's', key: 'k', value: bytes('v'), expected: 'any' } as const
    const broken = [
      { appends: [append(key, 0, 'a'), append(key, 1, 'b')] },
      { appends: [append(key, -1, 'a')] },
      { appends: [append(key, 0.5, 'a')] },
      { appends: [{ ...append(key, 0, 'a'), correlationId: 'x'.repeat(1_000) }] },
      { appends: [append({ ...key, domain: '' }, 0, 'a')] },
      { appends: [append({ ...key, domain: 'a\nb' }, 0, 'a')] },
      { claims: [{ scope: key, key: '' }] },
      {
        claims: [
          { scope: key, key: 'k' },
          { scope: key, key: 'k' },
        ],
      },
      { rows: [row, { ...row, value: bytes('w') }] },
      { deletions: [{ kind: 'edition', domain: 'order', edition: '' }] as const },
    ]
    for (const write of broken) await rejectsWith(kit.commit(write), 'LEDGER_WRITE_INVALID')
    await rejectsWith(kit.commit({ appends: [append(key, 2 ** 32, 'a')] }), 'SEQUENCE_EXHAUSTED')
    assert.equal(await kit.ledger.tip(), 0)
    assert.equal(await kit.ledger.row('s', 'k'), undefined)
  }),
]
