import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { WriteId } from '../../identity.ts'
import { bytes, collect, keyNumber, texts } from '../../testing/ledger-contract/kit.ts'
import type {
  Append,
  Condition,
  Deletion,
  Ledger,
  RowChange,
  StoredSnapshot,
  Write,
} from '../ledger.ts'
import { streamText } from '../ledger.ts'
import { ModelLedger, modelOutcome } from './model-ledger.test.support.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

const KEYS = [keyNumber(1), keyNumber(2), keyNumber(1, 'stock'), keyNumber(1, 'order', 'what-if')]
const SPACES = ['lease', 'delivery']

const key = fc.constantFrom(...KEYS)
const space = fc.constantFrom(...SPACES)
const rowKey = fc.constantFrom('a', 'b', 'c')
/** How far an expectation is off: mostly not at all. */
const offBy = fc.constantFrom(0, 0, 0, 0, 0, 1, -1)

/** A write whose numbers are still relative to where the model stands. */
const draft = fc.record({
  condition: fc.option(
    fc.oneof(
      fc.record({ kind: fc.constant('stream' as const), key, offBy }),
      fc.record({ kind: fc.constant('row' as const), space, rowKey, offBy }),
    ),
    { freq: 4 },
  ),
  appends: fc.uniqueArray(fc.record({ key, offBy, count: fc.nat({ max: 3 }) }), {
    maxLength: 2,
    selector: (one) => streamText(one.key),
  }),
  claim: fc.option(fc.record({ key, name: fc.constantFrom('x', 'y', 'z') }), { freq: 2 }),
  row: fc.option(
    fc.record({
      space,
      rowKey,
      kind: fc.constantFrom('put' as const, 'put' as const, 'remove' as const),
      expect: fc.constantFrom('right' as const, 'any' as const, 'wrong' as const),
      group: fc.constantFrom('g', 'h', undefined),
    }),
    { freq: 2 },
  ),
  snapshot: fc.option(
    fc.record({
      key,
      back: fc.nat({ max: 3 }),
      retention: fc.constantFrom('default' as const, 'persist' as const, 'transient' as const),
    }),
    { freq: 3 },
  ),
  deletion: fc.option(fc.tuple(fc.nat({ max: 3 }), key, space), { freq: 8 }),
})

type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never

function writeOf(wanted: Draft, model: ModelLedger, id: WriteId): Write {
  const { condition, claim, row, snapshot, deletion } = wanted
  const seen = new Map<string, number>()
  const appends = wanted.appends.map((one): Append => {
    const at = Math.max(0, model.next(one.key) + one.offBy)
    seen.set(streamText(one.key), at + one.count)
    const events = Array.from({ length: one.count }, (_, i) => ({
      type: `type-${i}`,
      page: bytes(`${id}/${i}`),
    }))
    return { key: one.key, at, events, correlationId: `corr-${one.count}` }
  })
  const next = (of: StoredSnapshot['key']): number => seen.get(streamText(of)) ?? model.next(of)
  return {
    id,
    conditions: condition === null ? [] : [conditionOf(condition, model)],
    appends,
    claims: claim === null ? [] : [{ scope: claim.key, key: claim.name }],
    rows: row === null ? [] : [rowOf(row, model, id)],
    snapshots:
      snapshot === null
        ? []
        : [
            {
              key: snapshot.key,
              sequence: Math.max(0, next(snapshot.key) - snapshot.back),
              state: bytes(id),
              retention: snapshot.retention,
              createdAt: 1n,
            },
          ],
    deletions: deletion === null ? [] : [deletionOf(deletion, model)],
  }
}

function conditionOf(wanted: NonNullable<Draft['condition']>, model: ModelLedger): Condition {
  if (wanted.kind === 'stream') {
    return {
      kind: 'stream',
      key: wanted.key,
      next: Math.max(0, model.next(wanted.key) + wanted.offBy),
    }
  }
  const version = model.rows.get(`${wanted.space}/${wanted.rowKey}`)?.version
  return {
    kind: 'row',
    space: wanted.space,
    key: wanted.rowKey,
    version: version === undefined ? 'absent' : Math.max(0, version + wanted.offBy),
  }
}

function rowOf(wanted: NonNullable<Draft['row']>, model: ModelLedger, id: string): RowChange {
  const version = model.rows.get(`${wanted.space}/${wanted.rowKey}`)?.version
  const place = { space: wanted.space, key: wanted.rowKey }
  const expected = wanted.expect === 'any' ? 'any' : wanted.expect === 'wrong' ? 999_999 : version
  if (wanted.kind === 'remove') return { kind: 'remove', ...place, expected: expected ?? 'any' }
  return {
    kind: 'put',
    ...place,
    value: bytes(id),
    expected: expected ?? 'absent',
    group: wanted.group,
  }
}

function deletionOf(
  [which, key, space]: NonNullable<Draft['deletion']>,
  model: ModelLedger,
): Deletion {
  switch (which) {
    case 0:
      return { kind: 'stream', key }
    case 1:
      return { kind: 'edition', domain: 'order', edition: 'what-if' }
    case 2:
      return { kind: 'space', space }
    default:
      return { kind: 'claims', madeBefore: 2n ** 62n, upTo: Math.floor(model.tip / 2) }
  }
}

/** Everything that can be read is as the model has it. */
async function compare(ledger: Ledger, model: ModelLedger): Promise<void> {
  assert.equal(await ledger.tip(), model.tip)
  const all: { position: number; page: string }[] = []
  for (const key of KEYS) {
    const expected = model.streams.get(streamText(key))?.events ?? []
    const events = await collect(ledger.stream(key, { from: 0 }))
    assert.deepEqual(
      texts(events),
      expected.map((one) => one.page),
    )
    assert.deepEqual(
      events.map((one) => one.position),
      expected.map((one) => one.position),
    )
    assert.deepEqual(
      events.map((one) => one.sequence),
      expected.map((one) => one.sequence),
    )
    assert.equal(await ledger.head(key), model.next(key))
    for (const name of ['x', 'y', 'z']) {
      const claimed = await ledger.claimed({ scope: key, key: name })
      assert.equal(claimed?.number, model.claims.get(`${streamText(key)}/${name}`))
    }
    const snapshots = [...(model.snapshots.get(streamText(key))?.keys() ?? [])]
    const newest = (await ledger.snapshot(key))?.sequence
    assert.equal(newest, snapshots.length === 0 ? undefined : Math.max(...snapshots))
    all.push(...expected)
  }
  const log = await collect(ledger.log(0, { limit: 3 }))
  const inOrder = all.toSorted((one, other) => one.position - other.position)
  assert.deepEqual(
    texts(log),
    inOrder.map((one) => one.page),
  )
  for (const space of SPACES) {
    for (const group of ['g', 'h', undefined]) {
      const found = await ledger.rows(space, { group, limit: 99 })
      const expected = [...model.rows]
        .filter(([text, row]) => text.startsWith(`${space}/`) && (group ?? row.group) === row.group)
        .map(([text, row]) => [text.slice(space.length + 1), row.version, row.value])
        .toSorted()
      assert.deepEqual(
        found.map((row) => [row.key, row.version, Buffer.from(row.value).toString()]),
        expected,
      )
    }
  }
}

describe('the ledger on SQLite and a ledger of maps', () => {
  test('answer the same to the same writes, one by one and in groups', async () => {
    const newId = idMaker()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(draft, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }),
        async (groups) => {
          using folder = temporaryFolder()
          const options = { thread: 'inline', durability: 'may-lose-last-commits' } as const
          await using ledger = await openSqliteLedger(folder.path, options)
          const model = new ModelLedger()
          for (const drafts of groups) {
            const expected = []
            const offered = []
            for (const wanted of drafts) {
              const write = writeOf(wanted, model, newId())
              expected.push(model.commit(write))
              offered.push(ledger.commit(write).then(modelOutcome, () => ({ kind: 'invalid' })))
            }
            assert.deepEqual(await Promise.all(offered), expected)
          }
          await compare(ledger, model)
        },
      ),
      { numRuns: 120, seed: 20_260_101 },
    )
  })
})
