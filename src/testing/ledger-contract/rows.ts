/** Versioned rows of spaces. */
import { strict as assert } from 'node:assert'
import type { Row, RowChange } from '../../ledger/ledger.ts'
import { append, bytes, type ContractPart, fact, freshKey, rejectsWith, text } from './kit.ts'

type PutChange = Extract<RowChange, { kind: 'put' }>

const put = (row: Partial<PutChange> & { readonly key: string }): PutChange => ({
  kind: 'put',
  space: 'delivery',
  value: bytes(row.key),
  expected: 'any',
  ...row,
})

const keys = (rows: readonly Row[]): string[] => rows.map((row) => row.key)

/** Rows: versions, order, due times, removal. */
export const rows: ContractPart = [
  fact('a row comes back with the number of the commit that put it', async (kit) => {
    const { number } = await kit.store({ rows: [put({ key: 'a', group: 'g', dueAt: 5n })] })
    assert.deepEqual(
      { ...(await kit.ledger.row('delivery', 'a')), value: 'a' },
      { space: 'delivery', key: 'a', version: number, value: 'a', group: 'g', dueAt: 5n },
    )
    assert.equal(await kit.ledger.row('other', 'a'), undefined)
    assert.equal(await kit.ledger.row('delivery', 'b'), undefined)
  }),

  fact('a row is changed and removed at its version only', async (kit) => {
    const first = await kit.store({ rows: [put({ key: 'a', expected: 'absent' })] })
    const again = await kit.commit({ rows: [put({ key: 'a', expected: 'absent' })] })
    assert.deepEqual(again, {
      kind: 'conflict',
      on: { kind: 'row', space: 'delivery', key: 'a', version: 'absent' },
      actual: first.number,
    })
    const second = await kit.store({ rows: [put({ key: 'a', expected: first.number })] })
    const remove = (expected: number | 'any'): RowChange => ({
      kind: 'remove',
      space: 'delivery',
      key: 'a',
      expected,
    })
    const stale = await kit.commit({ rows: [remove(first.number)] })
    assert.equal(stale.kind === 'conflict' && stale.actual, second.number)
    await kit.store({ rows: [remove(second.number)] })
    assert.equal(await kit.ledger.row('delivery', 'a'), undefined)
    const absent = await kit.commit({ rows: [remove(second.number)] })
    assert.equal(absent.kind === 'conflict' && absent.actual, 'absent')
    await kit.store({ rows: [remove('any')] })
  }),

  fact('a row in conflict takes its whole write along', async (kit) => {
    const key = freshKey()
    const outcome = await kit.commit({
      appends: [append(key, 0, 'a')],
      rows: [put({ key: 'x' }), put({ key: 'y', expected: 7 })],
    })
    assert.equal(outcome.kind, 'conflict')
    assert.equal(await kit.ledger.head(key), 0)
    assert.equal(await kit.ledger.row('delivery', 'x'), undefined)
  }),

  fact('the rows of a group are read in the order of their keys, page by page', async (kit) => {
    const names = ['b', 'a/10', 'a/9', 'a', 'ä', 'c']
    await kit.store({ rows: names.map((key) => put({ key, group: 'g' })) })
    await kit.store({ rows: [put({ key: 'aa', group: 'other' }), put({ key: 'ab' })] })
    const all = ['a', 'a/10', 'a/9', 'b', 'c', 'ä']
    assert.deepEqual(keys(await kit.ledger.rows('delivery', { group: 'g', limit: 99 })), all)
    const read: string[] = []
    for (let after: string | undefined; ;) {
      const page = await kit.ledger.rows('delivery', { group: 'g', after, limit: 2 })
      if (page.length === 0) break
      read.push(...keys(page))
      after = page.at(-1)?.key
    }
    assert.deepEqual(read, all)
    const whole = await kit.ledger.rows('delivery', { limit: 99 })
    assert.deepEqual(keys(whole), ['a', 'a/10', 'a/9', 'aa', 'ab', 'b', 'c', 'ä'])
  }),

  fact('due rows are read soonest first, up to the time asked for', async (kit) => {
    await kit.store({
      rows: [
        put({ key: 'late', dueAt: 300n }),
        put({ key: 'soon', dueAt: 100n }),
        put({ key: 'b', dueAt: 200n }),
        put({ key: 'a', dueAt: 200n }),
        put({ key: 'never' }),
      ],
    })
    const due = async (dueBy: bigint, limit = 99): Promise<string[]> =>
      keys(await kit.ledger.rows('delivery', { dueBy, limit }))
    assert.deepEqual(await due(99n), [])
    assert.deepEqual(await due(200n), ['soon', 'a', 'b'])
    assert.deepEqual(await due(999n, 2), ['soon', 'a'])
    await kit.store({ rows: [put({ key: 'soon', dueAt: 250n })] })
    assert.deepEqual(await due(999n), ['a', 'b', 'soon', 'late'])
    const far = 1_900_000_000_000_000_001n
    await kit.store({ rows: [put({ key: 'far', dueAt: far })] })
    assert.deepEqual(await due(far - 1n), ['a', 'b', 'soon', 'late'])
    assert.deepEqual((await due(far)).at(-1), 'far')
  }),

  fact('a row that is put again moves to its new group and due time', async (kit) => {
    await kit.store({ rows: [put({ key: 'a', group: 'one', dueAt: 5n })] })
    await kit.store({ rows: [put({ key: 'a', group: 'two' })] })
    assert.deepEqual(await kit.ledger.rows('delivery', { group: 'one', limit: 9 }), [])
    assert.deepEqual(await kit.ledger.rows('delivery', { dueBy: 99n, limit: 9 }), [])
    assert.deepEqual(keys(await kit.ledger.rows('delivery', { group: 'two', limit: 9 })), ['a'])
  }),

  fact('a whole space is removed by one deletion', async (kit) => {
    await kit.store({ rows: [put({ key: 'a' }), { ...put({ key: 'a' }), space: 'other' }] })
    await kit.store({
      deletions: [{ kind: 'space', space: 'delivery' }],
      rows: [put({ key: 'fresh', expected: 'any' })],
    })
    assert.deepEqual(keys(await kit.ledger.rows('delivery', { limit: 9 })), ['fresh'])
    assert.deepEqual(keys(await kit.ledger.rows('other', { limit: 9 })), ['a'])
  }),

  fact('values come back as they were stored, large ones too', async (kit) => {
    const value = new Uint8Array(100_000).map((_, i) => i % 253)
    await kit.store({ rows: [{ ...put({ key: 'big' }), value }, put({ key: 'small' })] })
    assert.deepEqual((await kit.ledger.row('delivery', 'big'))?.value, value)
    const small = await kit.ledger.row('delivery', 'small')
    assert.equal(small === undefined ? '' : text(small.value), 'small')
  }),

  fact('a query that mixes due times with groups is refused', async ({ ledger }) => {
    const mixed = { group: 'g', dueBy: 5n, limit: 9 }
    await rejectsWith(ledger.rows('delivery', mixed), 'QUERY_INVALID')
    await rejectsWith(ledger.rows('delivery', { limit: 0 }), 'QUERY_INVALID')
  }),
]
