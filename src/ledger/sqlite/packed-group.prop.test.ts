import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { WriteId } from '../../identity.ts'
import { keyNumber } from '../../testing/ledger-contract/kit.ts'
import type { Condition, Deletion, RowChange, Write } from '../ledger.ts'
import { readRecord, recordChunk } from './event-record.ts'
import { GroupPacker, VERSION_ABSENT, VERSION_ANY } from './packed-group.ts'
import { keyOfText } from './stream-text.ts'
import { unpackGroup } from './unpack-group.ts'

const key = fc.nat({ max: 9 }).map((n) => keyNumber(n, 'order', n % 2 === 0 ? '' : 'what-if'))
const name = fc.string({ minLength: 1, maxLength: 9 })
const id = name.map((text) => text as WriteId)
const bytes = fc.uint8Array({ maxLength: 40 })
const time = fc.bigInt({ min: 0n, max: 2n ** 62n })
const number = fc.nat()

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ kind: fc.constant('stream' as const), key, next: number }),
  fc.record({
    kind: fc.constant('row' as const),
    space: name,
    key: name,
    version: fc.oneof(number, fc.constant('absent' as const)),
  }),
  fc.record({ kind: fc.constant('write' as const), id }),
)

const row: fc.Arbitrary<RowChange> = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    space: name,
    key: name,
    value: bytes,
    expected: fc.oneof(number, fc.constantFrom('absent' as const, 'any' as const)),
    group: fc.option(name, { nil: undefined }),
    dueAt: fc.option(time, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('remove' as const), space: name, key: name, expected: number }),
)

const deletion: fc.Arbitrary<Deletion> = fc.oneof(
  fc.record({ kind: fc.constant('stream' as const), key }),
  fc.record({ kind: fc.constant('edition' as const), domain: name, edition: name }),
  fc.record({ kind: fc.constant('claims' as const), madeBefore: time, upTo: number }),
  fc.record({ kind: fc.constant('space' as const), space: name }),
)

const write: fc.Arbitrary<Write> = fc.record({
  id,
  conditions: fc.array(condition, { maxLength: 3 }),
  appends: fc.array(
    fc.record({
      key,
      at: number,
      correlationId: name,
      events: fc.array(fc.record({ type: name, page: bytes }), { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
  claims: fc.option(fc.array(fc.record({ scope: key, key: name }), { maxLength: 2 }), {
    nil: undefined,
  }),
  rows: fc.array(row, { maxLength: 3 }),
  snapshots: fc.array(
    fc.record({
      key,
      sequence: number,
      state: bytes,
      retention: fc.constantFrom('default' as const, 'persist' as const, 'transient' as const),
      createdAt: time,
    }),
    { maxLength: 2 },
  ),
  deletions: fc.array(deletion, { maxLength: 2 }),
})

/** The writes of a packed group, in the words of the port. */
function unpacked(writes: readonly Write[]): Write[] {
  const group = new GroupPacker().pack(writes, 5n)
  const chunk = recordChunk(group.bytes)
  return unpackGroup(group).map((one): Write => {
    const { id: text, deletions } = one
    return {
      id: text as WriteId,
      conditions: one.conditions.map((it): Condition => {
        if (it.kind === 'write') return { kind: 'write', id: it.id as WriteId }
        if (it.kind === 'stream') return { ...it, key: keyOfText(it.stream) }
        return { ...it, version: it.version === VERSION_ABSENT ? 'absent' : it.version }
      }),
      appends: one.appends.map(({ stream, at, types, offset }) => {
        let from = offset
        let correlationId = ''
        const events = types.map((type) => {
          const record = readRecord(chunk, from)
          assert.ok(record !== undefined)
          from += record.length
          correlationId = record.correlationId
          return { type, page: record.page }
        })
        return { key: keyOfText(stream), at, correlationId, events }
      }),
      claims: one.claims.map((claim) => ({ scope: keyOfText(claim.stream), key: claim.key })),
      rows: one.rows.map(({ space, key: rowKey, expected, put }): RowChange => {
        const place = { space, key: rowKey }
        if (put === undefined) return { kind: 'remove', ...place, expected }
        const { value, group: rowGroup, dueAt } = put
        return {
          kind: 'put',
          ...place,
          value,
          expected:
            expected === VERSION_ABSENT ? 'absent' : expected === VERSION_ANY ? 'any' : expected,
          group: rowGroup ?? undefined,
          dueAt: dueAt ?? undefined,
        }
      }),
      snapshots: one.snapshots.map(({ stream, ...rest }) => ({ key: keyOfText(stream), ...rest })),
      deletions,
    }
  })
}

/** What crosses: a stream condition without its text, no correlation id without events. */
function normal(one: Write): unknown {
  return JSON.parse(
    JSON.stringify(
      {
        ...one,
        claims: one.claims ?? [],
        conditions: one.conditions?.map((it) =>
          it.kind === 'stream' ? { kind: it.kind, key: it.key, next: it.next } : it,
        ),
        appends: one.appends?.map((it) =>
          it.events.length === 0 ? { ...it, correlationId: '' } : it,
        ),
      },
      (_, value: unknown) =>
        value instanceof Uint8Array
          ? Buffer.from(value).toString('hex')
          : typeof value === 'bigint'
            ? `${value}n`
            : value,
    ),
  )
}

describe('a packed group', () => {
  test('brings its writes across as they were', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 5 }), (writes) => {
        assert.deepEqual(unpacked(writes).map(normal), writes.map(normal))
      }),
    )
  })

  test('is a check when nothing of it would be stored', () => {
    const key = keyNumber(1)
    const check = {
      id: 'a' as WriteId,
      conditions: [{ kind: 'stream', key, next: 0 }],
      appends: [{ key, at: 0, events: [], correlationId: 'x' }],
    } as const
    const claim = { ...check, claims: [{ scope: key, key: 'k' }] }
    const group = new GroupPacker().pack([check, claim], 5n)
    assert.deepEqual(
      unpackGroup(group).map((one) => one.isCheck),
      [true, false],
    )
  })
})
