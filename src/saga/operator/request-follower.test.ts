import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codedError } from '../../errors.ts'
import { openSqliteLedger } from '../../ledger/sqlite/open-sqlite-ledger.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { idMaker, temporaryFolder } from '../../ledger/sqlite/temporary-ledger.test.support.ts'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import type { OperatorRequest } from './operator-request.ts'
import { RequestFollower } from './request-follower.ts'
import { putAnswer, REQUESTS } from './request-row.ts'
import { storeRequest } from './send-request.ts'

const newId = idMaker()

/** Two ledgers on one file stand for two processes: of the manager, and of the operator. */
async function opened(): Promise<
  AsyncDisposable & { readonly ledger: Ledger; readonly other: Ledger; readonly clock: FakeClock }
> {
  const folder = temporaryFolder()
  const clock = fakeClock()
  const options = { thread: 'inline', durability: 'may-lose-last-commits' } as const
  const ledger = await openSqliteLedger(folder.path, { ...options, clock })
  const other = await openSqliteLedger(folder.path, { ...options, clock })
  return {
    ledger,
    other,
    clock,
    [Symbol.asyncDispose]: async () => {
      await other[Symbol.asyncDispose]()
      await ledger[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const cancelOf = (id: string, execution = 'x'): OperatorRequest => ({
  id,
  execution,
  by: 'ann',
  askedAt: 0n,
  wish: { kind: 'cancel', reason: '' },
})

const done = { at: 0n, outcome: 'done', code: '', message: '', hint: '' } as const

function follower(
  { ledger, clock }: { readonly ledger: Ledger; readonly clock: FakeClock },
  carryOut: (request: OperatorRequest) => Promise<void>,
): { readonly follower: RequestFollower; readonly failed: string[] } {
  const failed: string[] = []
  const remove = async (keys: readonly string[]): Promise<void> => {
    const rows = keys.map(
      (key) => ({ kind: 'remove', space: REQUESTS, key, expected: 'any' }) as const,
    )
    await ledger.commit({ id: newId(), rows })
  }
  return {
    failed,
    follower: new RequestFollower({
      ledger,
      clock,
      pollMs: 100,
      lookMs: 5_000,
      readMax: 2,
      carryOut,
      remove,
      failed: (_, id) => void failed.push(id),
    }),
  }
}

/** Answers at once, and notes what it was asked. */
function answering(ledger: Ledger, asked: string[]): (request: OperatorRequest) => Promise<void> {
  return async (request) => {
    asked.push(request.id)
    await ledger.commit({ id: newId(), rows: [putAnswer(request, done)] })
  }
}

test('what is there is carried out at the start, once and in order, page by page', async () => {
  await using world = await opened()
  for (const id of ['a', 'b', 'c', 'd', 'e']) await storeRequest(world.other, newId(), cancelOf(id))
  const asked: string[] = []
  const { follower: one } = follower(world, answering(world.ledger, asked))
  one.start()
  for (let turn = 0; turn < 20; turn++) await world.clock.advanceAsync(1_000)
  await one.stop()
  assert.deepEqual(asked, ['a', 'b', 'c', 'd', 'e'])
})

test('what another process stores later is carried out at the next poll', async () => {
  await using world = await opened()
  const asked: string[] = []
  const { follower: one } = follower(world, answering(world.ledger, asked))
  one.start()
  await world.clock.advanceAsync(250)
  await storeRequest(world.other, newId(), cancelOf('a'))
  assert.deepEqual(asked, [])
  await world.clock.advanceAsync(100)
  await world.clock.advanceAsync(0)
  assert.deepEqual(asked, ['a'])
  await one.stop()
})

test('an execution that takes its time holds up its own requests and no others', async () => {
  await using world = await opened()
  for (const id of ['a', 'b']) await storeRequest(world.other, newId(), cancelOf(id, 'slow'))
  await storeRequest(world.other, newId(), cancelOf('c', 'quick'))
  const asked: string[] = []
  const slow = Promise.withResolvers<void>()
  const answer = answering(world.ledger, asked)
  const { follower: one } = follower(world, async (request) => {
    if (request.execution === 'slow') {
      asked.push(`${request.id} begins`)
      await slow.promise
    }
    await answer(request)
  })
  one.start()
  for (let turn = 0; turn < 10; turn++) await world.clock.advanceAsync(5_000)
  assert.deepEqual(asked, ['a begins', 'c'])
  slow.resolve()
  for (let turn = 0; turn < 10; turn++) await world.clock.advanceAsync(1)
  await one.stop()
  assert.deepEqual(asked, ['a begins', 'c', 'a', 'b begins', 'b'])
})

test('what fails for now stays open and is tried again', async () => {
  await using world = await opened()
  await storeRequest(world.other, newId(), cancelOf('a'))
  const asked: string[] = []
  let isBroken = true
  const answer = answering(world.ledger, asked)
  const { follower: one, failed } = follower(world, async (request) => {
    if (isBroken) throw codedError('LEDGER_BUSY')
    await answer(request)
  })
  one.start()
  await world.clock.advanceAsync(1_000)
  assert.deepEqual([asked, failed], [[], ['a']])
  isBroken = false
  await world.clock.advanceAsync(5_000)
  await world.clock.advanceAsync(0)
  await one.stop()
  assert.deepEqual(asked, ['a'])
})

test('a row that cannot be read is said once and left alone, and holds up nothing', async () => {
  await using world = await opened()
  const put = { kind: 'put', space: REQUESTS, expected: 'any', group: 'open' } as const
  for (const [key, text] of [
    ['a1', '{"shape":2}'],
    ['a2', '{'],
    ['a3', ''],
  ] as const) {
    const value = new TextEncoder().encode(text)
    await world.other.commit({ id: newId(), rows: [{ ...put, key, value }] })
  }
  await storeRequest(world.other, newId(), cancelOf('b'))
  const asked: string[] = []
  const { follower: one, failed } = follower(world, answering(world.ledger, asked))
  one.start()
  for (let turn = 0; turn < 10; turn++) await world.clock.advanceAsync(5_000)
  await one.stop()
  assert.deepEqual([asked, failed], [['b'], ['a1', 'a2', 'a3']])
  assert.notEqual(await world.ledger.row(REQUESTS, 'a1'), undefined)
})

test('answers are removed when they have been kept for a week, open requests never', async () => {
  await using world = await opened()
  const { ledger, other, clock } = world
  const answered = cancelOf('a')
  const at = clock.wall()
  await ledger.commit({ id: newId(), rows: [putAnswer(answered, { ...done, at })] })
  await storeRequest(other, newId(), cancelOf('b'))
  const { follower: one } = follower(world, async () => {
    throw codedError('LEDGER_BUSY')
  })
  one.start()
  await clock.advanceAsync(1_000)
  assert.notEqual(await ledger.row(REQUESTS, 'a'), undefined)
  clock.setWall(at + 604_800_000_000_000n)
  await clock.advanceAsync(10_000)
  assert.equal(await ledger.row(REQUESTS, 'a'), undefined)
  assert.notEqual(await ledger.row(REQUESTS, 'b'), undefined)
  await one.stop()
})

test('nothing is begun once it has stopped', async () => {
  await using world = await opened()
  const asked: string[] = []
  const { follower: one } = follower(world, answering(world.ledger, asked))
  one.start()
  await one.stop()
  await storeRequest(world.other, newId(), cancelOf('a'))
  await world.clock.advanceAsync(60_000)
  assert.deepEqual([asked, world.clock.timers], [[], 0])
})
