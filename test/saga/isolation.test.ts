/** Isolated sagas, end to end: what they change is seen when they have ended, or never. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { transactional } from '../../src/participant/transactional.ts'
import { MergeStrategy } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { decodeValue } from '../../src/wire/values/decode-value.ts'
import * as payment from '../fixtures/gen/payment_pb.ts'
import { rowsOf } from '../coordinator/stored-events.ts'
import { ACCOUNT, requestsTo } from './isolation-bank.ts'
import { openTwoBanks, type Transfer, transferSaga, type TwoBanks } from './isolated-sagas.ts'
import { openSagas } from './sagas.ts'

const TRANSFER: Transfer = { from: 'a', to: 'b', amount: 30 }
const FAILING: Transfer = { ...TRANSFER, fails: true }
const RESERVES = ['_ReserveFooTransaction', '_ReserveOrderTransaction']
const COMMITS = ['_CommitFooTransaction', '_CommitOrderTransaction']
const REJECTS = ['_RejectFooTransaction', '_RejectOrderTransaction']

/** What readers see of both accounts. */
async function balances({ foo, order }: TwoBanks): Promise<readonly number[]> {
  return [await foo.balance('a'), await order.balance('b')]
}

/** Nothing of any transaction is pending any more. */
async function assertNothingPending({ foo, order }: TwoBanks): Promise<void> {
  for (const { coordinator } of [foo, order]) {
    assert.deepEqual(await rowsOf(coordinator.ledger, 'pending-page'), [])
  }
}

describe('an isolated saga that completes', () => {
  test('shows what it has changed when it has ended, all at once', async () => {
    const seen: (readonly number[])[] = []
    const saga = transferSaga({
      isolated: true,
      atTheEnd: async () => void seen.push(await balances(banks)),
    })
    await using banks = await openTwoBanks({ definitions: [saga] })
    const outcome = await banks.sagas.run(saga, TRANSFER, { id: 't-1' })
    assert.deepEqual([outcome.forward, outcome.backward], ['completed', 'not-needed'])
    assert.deepEqual(seen, [[100, 0]])
    assert.deepEqual(await balances(banks), [70, 30])
    await assertNothingPending(banks)
  })

  test('has all services reserve, then commit, each told its id [minos-224, minos-242, minos-249]', async () => {
    const saga = transferSaga({ isolated: true })
    await using banks = await openTwoBanks({ definitions: [saga] })
    await banks.sagas.run(saga, TRANSFER, { id: 't-1' })
    assert.deepEqual(banks.topics(), ['foo.withdraw', 'order.deposit', ...RESERVES, ...COMMITS])
    for (const { content, replyTo } of banks.sent.slice(2)) {
      assert.deepEqual([decodeValue(content), replyTo], ['t-1', 'deskReply'])
    }
  })

  test('tells its participants that they belong to its transaction [minos-209]', async () => {
    const saga = transferSaga({ isolated: true })
    await using banks = await openTwoBanks({ definitions: [saga] })
    await banks.sagas.run(saga, TRANSFER, { id: 't-1', user: 'ada' })
    const [first] = banks.sent
    const { saga: id, transactions, user } = first?.headers ?? {}
    assert.deepEqual([id, transactions, user], ['t-1', 't-1', 'ada'])
  })

  test('is told of no services, and asks none, when no service took part [minos-B-15]', async () => {
    let runs = 0
    const alone = new Saga<{ n: number }>('alone', { isolated: true, deadlineMs: 60_000 })
      .localStep(() => void runs++)
      .commit()
    await using banks = await openTwoBanks({ definitions: [alone] })
    const outcome = await banks.sagas.run(alone, { n: 1 })
    assert.deepEqual([outcome.forward, runs, banks.topics()], ['completed', 1, []])
  })

  test('also reserves and commits at services of its branches, each once [minos-223, minos-B-12]', async () => {
    const { withdraw } = requestsTo('foo')
    const { deposit } = requestsTo('order')
    const inner = new Saga<Transfer>('inner')
      .remoteStep(({ to, amount }) => deposit({ account: to, amount }))
      .remoteStep(({ to }) => deposit({ account: to, amount: 1 }))
      .commit()
    const outer = new Saga<Transfer>('outer', { isolated: true, deadlineMs: 60_000 })
      .remoteStep(({ from, amount }) => withdraw({ account: from, amount }))
      .conditionalStep()
      .ifThen(({ amount }) => amount > 0, inner)
      .commit()
    await using banks = await openTwoBanks({ definitions: [outer] })
    const outcome = await banks.sagas.run(outer, TRANSFER)
    assert.deepEqual(outcome.relatedServices, ['foo', 'order'])
    assert.deepEqual(banks.topics().slice(3), [...RESERVES, ...COMMITS])
    assert.deepEqual(await balances(banks), [70, 31])
  })

  test('commits what its local steps wrote under its id, if its own service isolates [minos-159]', async () => {
    await using banks = await openTwoBanks({ definitions: [] })
    const { coordinator } = banks.foo
    const own = transactional({ service: 'desk', coordinator })
    const saving = new Saga<{ amount: number }>('saving', { isolated: true, deadlineMs: 60_000 })
      .localStep(async ({ amount }, info) => {
        await own
          .client({ transaction: info.executionId }, ACCOUNT)
          .command('a')
          .withIdempotencyKey(info.idempotencyKey)
          .withMergeStrategy(MergeStrategy.MERGE_AGGREGATE_HANDLES)
          .withMessage(payment.DepositFundsSchema, { amount: BigInt(amount) })
          .execute()
      })
      .localStep(async () => void seen.push(await banks.foo.balance('a')))
      .commit()
    const seen: number[] = []
    const participants = own.handlers()
    await using open = await openSagas({ definitions: [saving], service: 'desk', participants })
    await open.sagas.run(saving, { amount: 5 })
    assert.deepEqual([...seen, await banks.foo.balance('a')], [100, 105])
  })
})

describe('an isolated saga that fails', () => {
  test('undoes its steps, then has every service reject, and nobody has seen anything [minos-210, minos-226]', async () => {
    const saga = transferSaga({
      isolated: true,
      onDeposited: () => {
        throw new Error('the reply cannot be used')
      },
    })
    await using banks = await openTwoBanks({ definitions: [saga] })
    const outcome = await banks.sagas.run(saga, TRANSFER, { id: 't-1' })
    assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
    assert.deepEqual(banks.topics().slice(2), ['order.withdraw', 'foo.deposit', ...REJECTS])
    assert.deepEqual(outcome.undone, ['order.withdraw', 'foo.deposit', 'transaction'])
    assert.equal(outcome.failure?.message, 'the reply cannot be used')
    assert.deepEqual(await balances(banks), [100, 0])
    await assertNothingPending(banks)
  })

  test('has the service reject that took part in its failing step alone [minos-B-11]', async () => {
    const saga = transferSaga({ isolated: true })
    await using banks = await openTwoBanks({
      definitions: [saga],
      around: ({ target }) => {
        if (target === 'order.deposit') throw refuse('closed today')
      },
    })
    const outcome = await banks.sagas.run(saga, TRANSFER)
    assert.equal(outcome.failure?.message, 'closed today')
    assert.deepEqual(banks.topics().slice(-2), REJECTS)
    assert.deepEqual(await balances(banks), [100, 0])
  })

  test('is unwound by a reservation that is refused: all steps are undone, all services reject once [minos-225, minos-B-19, minos-F13]', async () => {
    const saga = transferSaga({
      isolated: true,
      atTheEnd: async (id) => {
        await banks.order.coordinator.cascades.rollback(id, 'an operator was impatient')
      },
    })
    await using banks = await openTwoBanks({ definitions: [saga] })
    const outcome = await banks.sagas.run(saga, TRANSFER)
    assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
    assert.equal(outcome.failure?.code, 'SAGA_RESERVATION_REFUSED')
    const ends = banks.topics().slice(2)
    assert.deepEqual(ends, [...RESERVES, 'order.withdraw', 'foo.deposit', ...REJECTS])
    assert.deepEqual(await balances(banks), [100, 0])
    await assertNothingPending(banks)
  })

  test('is unwound when a reservation does not come before its deadline', async () => {
    const saga = transferSaga({ isolated: true, deadlineMs: 400 })
    await using banks = await openTwoBanks({
      definitions: [saga],
      send: ({ topic }) => (topic === '_ReserveOrderTransaction' ? 'drop' : 'send'),
    })
    const outcome = await banks.sagas.run(saga, TRANSFER)
    assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
    assert.deepEqual(banks.topics().slice(-2), REJECTS)
    assert.equal(banks.topics().filter((topic) => topic.startsWith('_Commit')).length, 0)
    assert.deepEqual(await balances(banks), [100, 0])
  })

  test('still says why it failed when a service cannot reject at first [minos-B-27]', async () => {
    const saga = transferSaga({ isolated: true })
    let failed = 0
    await using banks = await openTwoBanks({
      definitions: [saga],
      ending: (cascades) => ({
        ...cascades,
        rollback: async (id, reason) => {
          if (failed++ === 0) throw new Error('the ledger is away')
          return await cascades.rollback(id, reason)
        },
      }),
    })
    const outcome = await banks.sagas.run(saga, FAILING)
    assert.equal(failed, 2)
    assert.deepEqual([outcome.backward, outcome.failure?.message], ['done', 'not today'])
    await assertNothingPending(banks)
  })
})

test('a commit is asked for again until each service has acknowledged it [minos-B-16]', async () => {
  const saga = transferSaga({ isolated: true })
  let failed = 0
  await using banks = await openTwoBanks({
    definitions: [saga],
    ending: (cascades) => ({
      ...cascades,
      commit: async (id) => {
        if (failed++ === 0) throw new Error('the ledger is away')
        return await cascades.commit(id)
      },
    }),
  })
  const outcome = await banks.sagas.run(saga, TRANSFER)
  assert.equal(failed, 2)
  assert.equal(outcome.forward, 'completed')
  assert.deepEqual(await balances(banks), [70, 30])
})

test('what a service cannot commit any more waits for an operator, in plain sight', async () => {
  const saga = transferSaga({ isolated: true })
  await using banks = await openTwoBanks({
    definitions: [saga],
    ending: (cascades) => ({
      ...cascades,
      commit: async (id) => {
        // Somebody has taken back what was reserved.
        await cascades.rollback(id, 'by hand')
        return await cascades.commit(id)
      },
    }),
  })
  const outcome = await banks.sagas.run(saga, TRANSFER, { id: 't-1' })
  assert.deepEqual([outcome.forward, outcome.failure?.code], ['running', undefined])
  assert.deepEqual(
    outcome.items.map(({ path }) => path),
    ['transaction.commit'],
  )
})

describe('a saga that is not isolated', () => {
  test('has nobody reserve or commit, and is seen while it runs [minos-211, minos-243, minos-250]', async () => {
    const seen: (readonly number[])[] = []
    const saga = transferSaga({
      isolated: false,
      atTheEnd: async () => void seen.push(await balances(banks)),
    })
    await using banks = await openTwoBanks({ definitions: [saga] })
    await banks.sagas.run(saga, TRANSFER)
    assert.deepEqual(seen, [[70, 30]])
    assert.deepEqual(banks.topics(), ['foo.withdraw', 'order.deposit'])
  })

  test('has nobody reject when it fails: there are its undos alone [minos-215, minos-247, minos-255]', async () => {
    const saga = transferSaga({ isolated: false })
    await using banks = await openTwoBanks({ definitions: [saga] })
    await banks.sagas.run(saga, FAILING)
    assert.deepEqual(banks.topics().slice(2), ['order.withdraw', 'foo.deposit'])
    assert.deepEqual(await balances(banks), [100, 0])
  })
})

describe('two isolated sagas upon one account', () => {
  test('come one after the other: the second waits for what the first has pending', async () => {
    const first = Promise.withResolvers<void>()
    const blocked = Promise.withResolvers<void>()
    let asked = 0
    const saga = transferSaga({
      isolated: true,
      atTheEnd: async (id) => (id === 'one' ? await first.promise : undefined),
    })
    await using banks = await openTwoBanks({
      definitions: [saga],
      around: ({ executionId, target }) => {
        // The third time it has been refused twice.
        if (executionId === 'two' && target === 'foo.withdraw' && ++asked === 3) blocked.resolve()
      },
    })
    const one = banks.sagas.run(saga, { ...TRANSFER, amount: 80 }, { id: 'one' })
    while (!banks.topics().includes('order.deposit')) await new Promise(setImmediate)
    const two = banks.sagas.run(saga, { ...TRANSFER, amount: 50 }, { id: 'two' })
    await blocked.promise
    assert.deepEqual(await balances(banks), [100, 0])
    first.resolve()
    const [paid, refused] = await Promise.all([one, two])
    assert.equal(paid.forward, 'completed')
    // What the first has spent cannot be spent again.
    assert.deepEqual([refused.forward, refused.backward], ['failed', 'done'])
    assert.deepEqual(await balances(banks), [20, 80])
  })
})

test('the id of an isolated saga is that of a transaction, or it is refused', async () => {
  const saga = transferSaga({ isolated: true })
  await using banks = await openTwoBanks({ definitions: [saga] })
  await assert.rejects(
    banks.sagas.start(saga, TRANSFER, { id: 'no spaces, please' }),
    (error) => codeOf(error) === 'SAGA_EXECUTION_ID_INVALID',
  )
  assert.deepEqual(banks.topics(), [])
})
