import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codedError, codeOf } from '../../errors.ts'
import { writeIds } from '../../identity.ts'
import type { Condition, Ledger, Outcome, Write } from '../../ledger/ledger.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { seededRandom } from '../../testing/seeded-random.ts'
import { executionStream } from '../journal/execution-stream.ts'
import { type JournalDraft, JournalWriter } from './journal-writer.ts'

const LEASE: Condition = { kind: 'row', space: 'lease-term', key: 'saga-runner', version: 1 }

const draft = (id: string): JournalDraft => ({
  appends: [{ key: executionStream(id), at: 0, events: [], correlationId: '' }],
  rows: [],
})

type Answer = (write: Write) => Outcome

function writer(answer: Answer, stored: readonly string[] = []) {
  const clock = fakeClock()
  const random = seededRandom(1)
  const writes: Write[] = []
  const looked: string[] = []
  // The writer needs no more of a ledger than this.
  const ledger = {
    commit: async (write: Write) => {
      writes.push(write)
      return answer(write)
    },
    find: async (id: string) => {
      looked.push(id)
      return stored.includes('all') ? committed() : undefined
    },
  } as unknown as Ledger
  const made = new JournalWriter({
    ledger,
    clock,
    random,
    newId: writeIds(clock, random),
    lease: () => [LEASE],
    draftsPerWriteMax: 3,
    backoff: { msMin: 10, msMax: 100 },
  })
  return { writer: made, writes, looked, clock }
}

const committed = (): Outcome & { kind: 'committed' } => ({
  kind: 'committed',
  id: 'x' as never,
  number: 1,
  recordedAt: 0n,
  appends: [],
})

const sizes = (writes: readonly Write[]): readonly number[] =>
  writes.map(({ appends }) => appends?.length ?? 0)

test('drafts of one turn share writes, up to a bound, each under the lease', async () => {
  const { writer: journal, writes } = writer(committed)
  const drafts = ['a', 'b', 'c', 'd'].map((id) => journal.offer(draft(id)))
  assert.deepEqual(
    (await Promise.all(drafts)).map(({ kind }) => kind),
    ['stored', 'stored', 'stored', 'stored'],
  )
  assert.deepEqual(sizes(writes), [3, 1])
  assert.ok(writes.every(({ conditions }) => conditions?.[0] === LEASE))
})

test('after a conflict each draft is offered alone, and only the one that conflicts is refused', async () => {
  const taken = executionStream('b')
  const on: Condition = { kind: 'stream', key: taken, next: 0 }
  const { writer: journal, writes } = writer(({ appends }) =>
    appends?.some(({ key }) => key.root === taken.root) === true
      ? { kind: 'conflict', on, actual: 4 }
      : committed(),
  )
  const written = await Promise.all(['a', 'b', 'c'].map((id) => journal.offer(draft(id))))
  assert.deepEqual(
    written.map(({ kind }) => kind),
    ['stored', 'conflict', 'stored'],
  )
  assert.deepEqual(sizes(writes), [3, 1, 1, 1])
})

test('when the lease is lost nothing is offered again', async () => {
  const { writer: journal, writes } = writer(() => ({ kind: 'conflict', on: LEASE, actual: 2 }))
  const written = await Promise.all(['a', 'b'].map((id) => journal.offer(draft(id))))
  assert.deepEqual(
    [written.map(({ kind }) => kind), writes.length],
    [['lease-lost', 'lease-lost'], 1],
  )
})

test('a write of unknown outcome is looked up before anything else, and not offered again', async () => {
  const {
    writer: journal,
    writes,
    looked,
  } = writer(() => {
    throw codedError('COMMIT_OUTCOME_UNKNOWN')
  }, ['all'])
  const written = await Promise.all(['a', 'b'].map((id) => journal.offer(draft(id))))
  assert.deepEqual(
    written.map(({ kind }) => kind),
    ['stored', 'stored'],
  )
  assert.deepEqual([writes.length, looked], [1, [writes[0]?.id]])
})

test('a failure that passes is waited out, and shows meanwhile', async () => {
  let fails = 3
  const {
    writer: journal,
    writes,
    clock,
  } = writer(() => {
    if (fails-- > 0) throw codedError('LEDGER_OVERLOADED')
    return committed()
  })
  const offered = journal.offer(draft('a'))
  await clock.advanceAsync(1)
  assert.equal(journal.trouble?.code, 'LEDGER_OVERLOADED')
  await clock.advanceAsync(1_000)
  assert.equal((await offered).kind, 'stored')
  assert.equal(journal.trouble, undefined)
  assert.equal(new Set(writes.map(({ id }) => id)).size, 1)
})

test('a draft that breaks a rule of the ledger fails alone', async () => {
  const bad = executionStream('b').root
  const { writer: journal } = writer(({ appends }) => {
    if (appends?.some(({ key }) => key.root === bad) === true)
      throw codedError('LEDGER_WRITE_INVALID')
    return committed()
  })
  const [a, b] = await Promise.allSettled(['a', 'b'].map((id) => journal.offer(draft(id))))
  assert.equal(a?.status, 'fulfilled')
  assert.equal(b?.status === 'rejected' && codeOf(b.reason), 'LEDGER_WRITE_INVALID')
})

test('a writer that is stopped does not wait for its ledger any more', async () => {
  const { writer: journal, clock } = writer(() => {
    throw codedError('LEDGER_BUSY')
  })
  const offered = journal.offer(draft('a'))
  offered.catch(() => undefined)
  await clock.advanceAsync(1)
  journal.stop()
  await clock.advanceAsync(1)
  await assert.rejects(offered, (error) => codeOf(error) === 'SAGA_MANAGER_CLOSED')
  assert.equal(clock.timers, 0)
})
