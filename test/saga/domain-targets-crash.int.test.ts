/**
 * Commands of sagas through crashes: at every commit of the saga, before, after, and done but reported
 * failed; of the coordinator alike; and over gRPC.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DomainClient } from '../../src/client/domain-client.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { SagaOutcome } from '../../src/saga/manager/saga-manager.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import { type FaultKind, faultyLedger } from '../../src/testing/faulty-ledger.ts'
import { openShop } from '../coordinator/open-shop.ts'
import { serveShop } from '../serve/served-shop.ts'
import { dyingLedger } from './dying-ledger.ts'
import { fill, history, release, reserve, stock } from './domain-targets.ts'
import { openSagas, sagaLedger } from './sagas.ts'

type Order = { readonly order: string; readonly fails: boolean }

const RETRY = { maxAttempts: 5, initialMs: 1 } as const

const twice = new Saga<Order>('twice')
  .remoteStep(({ order }) => reserve('chai', { orderId: order, quantity: 1 }), {
    name: 'chai',
    retry: RETRY,
  })
  .onFailure(({ order }) => release('chai', { orderId: order }))
  .remoteStep(({ order }) => reserve('mate', { orderId: order, quantity: 1 }), {
    name: 'mate',
    retry: RETRY,
  })
  .onFailure(({ order }) => release('mate', { orderId: order }))
  .localStep(
    ({ fails }) => {
      if (fails) throw refuse('no carrier')
    },
    { name: 'ship' },
  )
  .commit()

const FAULTS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

for (const fails of [false, true]) {
  const how = fails ? 'is undone' : 'completes'
  test(`a saga of commands that ${how} does each of them once, at whatever commit its process dies`, async () => {
    await using shop = await openShop([stock])
    await fill(shop, 'chai', 1_000)
    await fill(shop, 'mate', 1_000)
    await using home = await sagaLedger()
    const clock = fakeClock()
    const world = { shop, ledger: home.ledger, clock, fails }
    const commits = await crashOnce(world, 'undisturbed', 0, 'before')
    let runs = 1
    for (let at = 1; at <= commits; at++) {
      for (const fault of FAULTS) {
        await crashOnce(world, `${fault}-${at}`, at, fault)
        runs++
      }
    }
    assert.ok(commits >= 4, `${commits} commits`)
    for (const sku of ['chai', 'mate']) {
      const happened = await history(shop, sku)
      const count = (type: string): number => happened.filter((one) => one === type).length
      const expected = fails ? [runs, runs] : [runs, 0]
      assert.deepEqual([count('StockReserved'), count('StockReleased')], expected, sku)
    }
  })
}

type CrashWorld = {
  readonly shop: Coordinator
  readonly ledger: Ledger
  readonly clock: FakeClock
  readonly fails: boolean
}

/** Runs the saga in a process that dies, and in another one if need be; answers the commits. */
async function crashOnce(
  world: CrashWorld,
  id: string,
  at: number,
  fault: FaultKind,
): Promise<number> {
  const first = dyingLedger(world.ledger, at, fault)
  let outcome = await runIn(world, first, id, () => first.isDead)
  if (outcome === undefined) {
    // The lease of a process that is gone runs out.
    await world.clock.advanceAsync(20_000)
    outcome = await runIn(world, dyingLedger(world.ledger, 0, 'before'), id, () => false)
  }
  const wanted = world.fails ? 'failed/done' : 'completed/not-needed'
  assert.equal(`${outcome?.forward}/${outcome?.backward}`, wanted, id)
  return first.commits
}

async function runIn(
  { shop, clock, fails }: CrashWorld,
  ledger: Ledger,
  id: string,
  isDead: () => boolean,
): Promise<SagaOutcome<Order> | undefined> {
  const sagas = await openSagaManager({
    ledger,
    definitions: [twice],
    coordinator: shop,
    clock,
    log: () => undefined,
  })
  let outcome: SagaOutcome<Order> | undefined
  void sagas.run(twice, { order: id, fails }, { id }).then(
    (ended) => (outcome = ended),
    () => undefined,
  )
  for (let turn = 0; turn < 2_000 && outcome === undefined && !isDead(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    await clock.advanceAsync(1)
  }
  // A process that is dead cannot drain: nothing of its ledger answers.
  const closing = Promise.resolve(sagas[Symbol.asyncDispose]())
  if (isDead()) closing.catch(() => undefined)
  else await closing
  return outcome
}

test('a commit of the coordinator that is done but reported failed takes effect once', async () => {
  for (const fault of FAULTS) {
    let failing: ReturnType<typeof faultyLedger> | undefined
    await using shop = await openShop([stock], {
      wrap: (ledger) => (failing = faultyLedger(ledger)),
    })
    await fill(shop, 'chai', 10)
    await fill(shop, 'mate', 10)
    await using open = await openSagas({ definitions: [twice], coordinator: shop })
    let failed = 0
    failing?.failAt((write) => (write.appends ?? []).length > 0 && ++failed === 1, fault)
    const outcome = await open.sagas.run(twice, { order: 'o', fails: false }, { id: 'o' })
    assert.ok(failed >= 1, fault)
    assert.equal(outcome.forward, 'completed', fault)
    assert.deepEqual(await history(shop, 'chai'), ['StockAdded', 'StockReserved'], fault)
  }
})

test('commands go to a coordinator elsewhere over gRPC: accepted, refused with the code, undone', async () => {
  await using served = await serveShop([stock])
  await fill(served.shop, 'chai', 1)
  await fill(served.shop, 'mate', 1)
  await using client = DomainClient.fromChannel(served.channel)
  await using open = await openSagas({ definitions: [twice], coordinator: client })
  const good = await open.sagas.run(twice, { order: 'a', fails: false })
  assert.equal(good.forward, 'completed')
  const soldOut = await open.sagas.run(twice, { order: 'b', fails: false })
  const { outcome, code, message } = soldOut.failure ?? {}
  assert.deepEqual([outcome, code, message], ['refused', 'SOLD_OUT', 'not enough stock'])
  await fill(served.shop, 'chai', 1)
  const undone = await open.sagas.run(twice, { order: 'c', fails: false })
  assert.deepEqual(
    [undone.failure?.path, undone.undone],
    ['mate', ['stock inventory.ReleaseStock']],
  )
  assert.equal((await history(served.shop, 'chai')).at(-1), 'StockReleased')
})

test('a coordinator that cannot be reached leaves open whether it happened, and its undo is stuck in plain sight', async () => {
  const served = await serveShop([stock])
  const client = DomainClient.fromChannel(served.channel)
  await served[Symbol.asyncDispose]()
  const once = new Saga<Order>('once')
    .remoteStep(({ order }) => reserve('chai', { orderId: order, quantity: 1 }), {
      name: 'chai',
      undoRetry: { maxAttempts: 1 },
    })
    .onFailure(({ order }) => release('chai', { orderId: order }))
    .commit()
  await using open = await openSagas({ definitions: [once], coordinator: client })
  const outcome = await open.sagas.run(once, { order: 'a', fails: false })
  assert.deepEqual([outcome.failure?.outcome, outcome.backward], ['unknown', 'stuck'])
})
