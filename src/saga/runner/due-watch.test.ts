import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NANOSECONDS_PER_MS } from '../../clock.ts'
import type { Ledger, Row, RowQuery } from '../../ledger/ledger.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { DueWatch } from './due-watch.ts'

/** Rows by id and due time in milliseconds from now; looking removes them, unless they stay. */
function watch(due: Map<string, number>, stays = new Set<string>()) {
  const clock = fakeClock()
  const start = clock.wall()
  const looked: string[][] = []
  const failures: unknown[] = []
  const rows = (_: string, { dueBy = 0n, limit }: RowQuery): readonly Row[] =>
    [...due]
      .map(([key, ms]) => ({ key, dueAt: start + BigInt(ms) * NANOSECONDS_PER_MS }))
      .filter(({ dueAt }) => dueAt <= dueBy)
      .toSorted((one, other) => Number(one.dueAt - other.dueAt))
      .slice(0, limit)
      .map(({ key, dueAt }) => ({ ...EMPTY, key, dueAt }))
  const made = new DueWatch({
    // The watch needs no more of a ledger than this.
    ledger: { rows: async (space: string, query: RowQuery) => rows(space, query) } as Ledger,
    clock,
    partMax: 2,
    look: async (part) => {
      looked.push(part.map(({ key }) => key))
      for (const { key } of part) if (!stays.has(key)) due.delete(key)
    },
    failed: (error) => void failures.push(error),
    pauseMs: 1_000,
  })
  return { watch: made, clock, looked, failures, start }
}

const EMPTY = { space: 's', version: 1, value: new Uint8Array(0), group: undefined }

test('what is due is looked at in parts, the soonest first, and the rest when its time comes', async () => {
  const all = new Map([
    ['c', 0],
    ['a', -2],
    ['b', -1],
    ['later', 500],
  ])
  const { watch: due, clock, looked } = watch(all)
  await due.start()
  assert.deepEqual(looked, [['a', 'b'], ['c']])
  assert.equal(clock.timers, 1)
  await clock.advanceAsync(499)
  assert.equal(looked.length, 2)
  await clock.advanceAsync(5)
  assert.deepEqual(looked[2], ['later'])
  await due.stop()
})

test('a row that is due sooner moves the timer', async () => {
  const all = new Map([['later', 10_000]])
  const { watch: due, clock, looked, start } = watch(all)
  await due.start()
  all.set('sooner', 100)
  due.note(start + 100n * NANOSECONDS_PER_MS)
  await clock.advanceAsync(105)
  assert.deepEqual(looked, [['sooner']])
  assert.equal(clock.timers, 1)
  await due.stop()
  assert.equal(clock.timers, 0)
})

test('what stays due is looked at again after a pause, not at once', async () => {
  const { watch: due, clock, looked, failures } = watch(new Map([['a', 0]]), new Set(['a']))
  await due.start()
  assert.deepEqual([looked.length, failures.length], [1, 1])
  await clock.advanceAsync(1_005)
  assert.deepEqual([looked.length, failures.length], [2, 2])
  await due.stop()
})
