import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command, fact } from '../../src/component/outgoing-books.ts'
import type { SagaResult } from '../../src/component/handler-results.ts'
import type { Component } from '../../src/component/definition.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop } from './open-shop.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { counter, counting } from './small-aggregates.ts'
import { deliveryWrites, putBack } from './redelivery.ts'
import { eventsOf, messagesIn, typesOf } from './stored-events.ts'
import { faultyLedger, type FaultyLedger } from '../../src/testing/faulty-ledger.ts'
import { twice as test } from './twice.ts'

/** A saga that answers OrderCreated. */
function onOrder(answer: (event: orders.OrderCreated) => SagaResult): Component {
  const saga = defineSaga({ name: 'counting-orders', source: 'order', target: 'counter' })
  return saga.handles(orders.OrderCreatedSchema, (event) => answer(event))
}

const add = (n: number) => command('counter', 'c-1', counters.AddSchema, { n })
const reported = (n: number, externalId?: string) =>
  fact('counter', 'c-1', counters.CountReportedSchema, { n }, { externalId })

describe('commands of one trigger', () => {
  test('to the same aggregate are all carried out [weakness-13]', async () => {
    await using shop = await openShop([orderAggregate(), counter, onOrder(() => [add(1), add(2)])])
    await createOrder(shop, 'order-1')
    await shop.settled()
    const added = await messagesIn(shop.ledger, 'counter', counters.AddedSchema)
    assert.deepEqual(
      added.map(({ n }) => n),
      [1, 2],
    )
  })

  test('that are equal are all carried out', async () => {
    await using shop = await openShop([orderAggregate(), counter, onOrder(() => [add(1), add(1)])])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['Added', 'Added'])
  })

  test('that are delivered again are not carried out again [weakness-14]', async () => {
    await using folder = await ledgerFolder()
    const calls: string[] = []
    const components = [
      orderAggregate(),
      counting((name) => calls.push(name)),
      onOrder(() => [add(1), add(2)]),
    ]
    let faulty: FaultyLedger | undefined
    {
      await using shop = await openShop(components, {
        folder,
        wrap: (ledger) => (faulty = faultyLedger(ledger)),
      })
      await createOrder(shop, 'order-1')
      await shop.settled()
      assert.ok(faulty !== undefined)
      await putBack(faulty, deliveryWrites(faulty))
    }
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.deepEqual(calls, ['Add', 'Add'])
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['Added', 'Added'])
    assert.deepEqual(await shop.ledger.rows('delivery', { limit: 10 }), [])
  })
})

describe('a fact', () => {
  const pass = { n: 7 }
  test('of one external id is stored once [coordinator-C-0190]', async () => {
    const saga = onOrder(() => reported(pass.n, 'count-7'))
    await using shop = await openShop([orderAggregate(), counter, saga])
    for (const id of ['order-1', 'order-2', 'order-3']) await createOrder(shop, id)
    await shop.settled()
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['CountReported'])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('without an external id is stored once per trigger', async () => {
    await using shop = await openShop([orderAggregate(), counter, onOrder(() => reported(1))])
    for (const id of ['order-1', 'order-2']) await createOrder(shop, id)
    await shop.settled()
    assert.equal((await eventsOf(shop.ledger, 'counter', 'c-1')).length, 2)
  })

  test('of an external id known to one aggregate is stored in another [coordinator-C-0190]', async () => {
    const saga = onOrder(({ orderId }) =>
      fact('counter', orderId, counters.CountReportedSchema, pass, { externalId: 'count-7' }),
    )
    await using shop = await openShop([orderAggregate(), counter, saga])
    for (const id of ['order-1', 'order-2']) await createOrder(shop, id)
    await shop.settled()
    assert.equal((await eventsOf(shop.ledger, 'counter', 'order-1')).length, 1)
    assert.equal((await eventsOf(shop.ledger, 'counter', 'order-2')).length, 1)
  })

  test('runs its handler once', async () => {
    let calls = 0
    const receiving = counter.handlesFact(counters.CountReportedSchema, ({ n }) => {
      calls++
      return create(counters.AddedSchema, { n })
    })
    const saga = onOrder(() => reported(3, 'count-3'))
    await using shop = await openShop([orderAggregate(), receiving, saga])
    for (const id of ['order-1', 'order-2']) await createOrder(shop, id)
    await shop.settled()
    assert.equal(calls, 1)
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['Added'])
  })
})
