import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Component } from '../../src/component/definition.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { KINDS, NAME, orderOf, watcher, Watched } from './failing-components.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { createOrder } from './shop-commands.ts'
import { assertSold, sell, sellingComponents } from './selling.ts'
import { orderAggregate } from './shop.ts'
import { counter } from './small-aggregates.ts'
import { spawnShop } from './spawned-shop.ts'
import { storedEvents } from './stored-events.ts'
import { until } from './until.ts'

const RENEWED_OFTEN = { leaseMs: 300, leaseRenewalMs: 20 }

/** Adds 1 to a counter for each order. */
function counts(called: () => void = () => undefined): Component {
  return defineSaga({ name: NAME, source: 'order', target: 'counter' }).handles(
    orders.OrderCreatedSchema,
    ({ orderId }) => {
      called()
      return command('counter', orderId, counters.AddSchema, { n: 1 })
    },
  )
}

const stateOf = (shop: Shop): string | undefined => shop.status()[0]?.state

async function turn(clock: FakeClock): Promise<void> {
  await clock.advanceAsync(100)
}

describe('a component of two coordinators', () => {
  for (const kind of KINDS) {
    test(`runs in the one that came first, and in the other when that closes: ${kind}`, async () => {
      await using folder = await ledgerFolder()
      const [one, other] = [new Watched(), new Watched()]
      const limits = RENEWED_OFTEN
      const open = (watched: Watched): Promise<Shop> =>
        openShop([orderAggregate(), watcher(kind, watched.see)], { folder, limits })
      const first = await open(one)
      await using second = await open(other)
      assert.deepEqual([stateOf(first), stateOf(second)], ['running', 'waiting-for-lease'])
      await orderOf(first, 'order-1')
      await orderOf(second, 'order-2')
      await until(() => one.seen.length === 2)
      await first[Symbol.asyncDispose]()
      await until(() => stateOf(second) === 'running')
      await orderOf(second, 'order-3')
      await second.settled()
      assert.deepEqual([one.seen.sort(), other.seen], [['order-1', 'order-2'], ['order-3']])
    })
  }

  test('reacts to what the other one has stored without being told', async () => {
    await using folder = await ledgerFolder()
    const watched = new Watched()
    await using shop = await openShop([orderAggregate(), watcher('saga', watched.see)], { folder })
    await using other = await openShop([orderAggregate()], { folder })
    await orderOf(other, 'order-1')
    await until(() => watched.seen.length === 1)
    assert.equal(stateOf(shop), 'running')
  })
})

describe('a lease that has run out', () => {
  test('is taken over, and what its holder still tries is not stored', async () => {
    await using folder = await ledgerFolder()
    const frozen = fakeClock()
    const clock = fakeClock()
    let calls = 0
    const components = [orderAggregate(), counter, counts(() => calls++)]
    await using holder = await openShop(components, { folder, clock: frozen })
    await using successor = await openShop(components, { folder, clock })
    assert.equal(stateOf(successor), 'waiting-for-lease')
    for (let ms = 0; ms < 20_000; ms += 1_000) await clock.advanceAsync(1_000)
    assert.equal(stateOf(successor), 'running')
    await createOrder(holder, 'order-1')
    await until(async () => {
      await turn(clock)
      return (await storedEvents(successor.ledger, 'counter')).length === 1
    })
    await until(() => stateOf(holder) === 'halted')
    assert.equal((await storedEvents(successor.ledger, 'counter')).length, 1)
    assert.ok(calls >= 1)
  })

  test('is taken back when its new holder closes', async () => {
    await using folder = await ledgerFolder()
    const [late, clock] = [fakeClock(), fakeClock()]
    const components = [orderAggregate(), counter, counts()]
    await using holder = await openShop(components, { folder, clock: late })
    const successor = await openShop(components, { folder, clock })
    for (let ms = 0; ms < 20_000; ms += 1_000) await clock.advanceAsync(1_000)
    assert.equal(stateOf(successor), 'running')
    await late.advanceAsync(5_001)
    assert.equal(stateOf(holder), 'waiting-for-lease')
    await successor[Symbol.asyncDispose]()
    await late.advanceAsync(10_001)
    await until(() => stateOf(holder) === 'running', late)
    await createOrder(holder, 'order-1')
    await holder.settled()
    assert.equal((await storedEvents(holder.ledger, 'counter')).length, 1)
  })
})

describe('a lease of another process', () => {
  test('is respected while that lives, and taken over at once when it was killed', async () => {
    await using folder = await ledgerFolder()
    await using child = await spawnShop(folder)
    await child.said('open')
    {
      await using waiting = await openShop(sellingComponents(), { folder })
      assert.ok(waiting.status().every(({ state }) => state === 'waiting-for-lease'))
    }
    await child.kill()
    await using shop = await openShop(sellingComponents(), { folder })
    assert.ok(shop.status().every(({ state }) => state === 'running'))
    await sell(shop)
    await shop.settled()
    await assertSold(shop, 'after the takeover')
  })
})
