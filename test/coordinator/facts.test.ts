import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { Aggregate } from '../../src/component/define-aggregate.ts'
import type { Component } from '../../src/component/definition.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { fact } from '../../src/component/outgoing-books.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { NAME } from './failing-components.ts'
import { openShop, type Shop } from './open-shop.ts'
import { addItem, createOrder, orderCommand } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { counter } from './small-aggregates.ts'
import { eventsOf, rowsOf, storedEvents, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

type Fact = ReturnType<typeof fact>

/** Emits a fact for each order. */
const emitting = (emit: () => Fact): Component =>
  defineSaga({ name: NAME, source: 'order', target: 'counter' }).handles(
    orders.OrderCreatedSchema,
    emit,
  )

/** A counter that takes reports, and answers them so. */
const receiving = (
  admit: (report: counters.CountReported) => counters.Added | undefined,
): Aggregate<counters.CounterState> => counter.handlesFact(counters.CountReportedSchema, admit)

const report = (annotation = ''): Fact =>
  fact('counter', 'c-1', counters.CountReportedSchema, { n: 7, annotation })

async function emitted(aggregate: Component, emit: () => Fact): Promise<Shop> {
  const settings = { [NAME]: { attempts: 3 } }
  const shop = await openShop([orderAggregate(), aggregate, emitting(emit)], { settings })
  await createOrder(shop, 'order-1')
  await shop.settled()
  return shop
}

describe('a fact', () => {
  test('for an aggregate that declares none is stored as it is', async () => {
    await using shop = await emitted(counter, report)
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['CountReported'])
  })

  test('for an aggregate that declares it becomes what that makes of it', async () => {
    const added = receiving(({ n }) => create(counters.AddedSchema, { n }))
    await using shop = await emitted(added, report)
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['Added'])
  })

  test('that its aggregate makes nothing of leaves nothing, and is delivered [weakness-10]', async () => {
    await using shop = await emitted(
      receiving(() => undefined),
      report,
    )
    assert.deepEqual(await storedEvents(shop.ledger, 'counter'), [])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('that is too large is put on the desk, and nothing is stored [weakness-10]', async () => {
    await using shop = await emitted(counter, () => report('x'.repeat(262_145)))
    assert.deepEqual(await storedEvents(shop.ledger, 'counter'), [])
    const letters = await shop.deadLetters.list()
    assert.deepEqual(
      letters.map(({ code, attempts }) => [code, attempts]),
      [['PAYLOAD_TOO_LARGE', 1]],
    )
  })

  test('that its aggregate does not declare is put on the desk, and nothing is stored', async () => {
    const other = (): Fact => fact('counter', 'c-1', counters.IncreasedSchema, {})
    await using shop = await emitted(
      receiving(() => undefined),
      other,
    )
    assert.deepEqual(await storedEvents(shop.ledger, 'counter'), [])
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.code, 'NO_FACT_HANDLER')
    const details = letter?.letter.rejectionDetails
    assert.ok(details?.case === 'eventProcessingFailed')
    assert.deepEqual([details.value.isTransient, details.value.retryCount], [false, 0])
  })

  /** Tells the order that it was paid, whenever something is added. */
  const paying = defineSaga({ name: NAME, source: 'counter', target: 'order' }).handles(
    counters.AddedSchema,
    () => fact('order', 'order-1', orders.OrderNoteAddedSchema, { note: 'paid' }),
  )
  const pay = async (shop: Shop): Promise<void> => {
    const add = shop.client('counter').command('c-1')
    await add.withMessage(counters.AddSchema, { n: 1 }).execute()
    await shop.settled()
  }

  test('of a saga is stored at the next sequence of its aggregate, whose state shows it [coordinator-C-0184]', async () => {
    const seen: (readonly string[])[] = []
    const order = orderAggregate({ adding: ({ notes }) => seen.push([...notes]) })
    await using shop = await openShop([order, counter, paying])
    await createOrder(shop, 'order-1')
    await pay(shop)
    const events = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(
      events.map(({ sequence, type }) => [sequence, type]),
      [
        [0, orders.OrderCreatedSchema.typeName],
        [1, orders.OrderNoteAddedSchema.typeName],
      ],
    )
    await addItem(shop).execute()
    assert.deepEqual(seen, [['paid']])
  })

  test('is stored whatever state its aggregate is in [coordinator-C-0186]', async () => {
    await using shop = await openShop([orderAggregate(), counter, paying])
    await createOrder(shop, 'order-1')
    await orderCommand(shop, 'order-1').withMessage(orders.CompleteOrderSchema, {}).execute()
    await pay(shop)
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderCompleted',
      'OrderNoteAdded',
    ])
  })
})
