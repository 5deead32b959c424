import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import { CommandBook } from '../../src/client/wrappers/command-book.ts'
import {
  CommandBookSchema,
  MergeStrategy,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as baskets from '../fixtures/gen/baskets_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import {
  addItem,
  at,
  changeAddress,
  createOrder,
  orderCommand,
  orderWithHistory,
  sequencesOf,
} from './shop-commands.ts'
import { orderAggregate, type OrderOptions } from './shop.ts'
import { basket, counter } from './small-aggregates.ts'
import { streamKey, typesOf } from './stored-events.ts'
import { twiceByAddress as test } from './twice.ts'

const { MERGE_COMMUTATIVE, MERGE_STRICT, MERGE_AGGREGATE_HANDLES } = MergeStrategy

/** A shop with an order of three events: created, an item added, a note added. */
async function shopWithOrder(options: OrderOptions = {}): Promise<Shop> {
  const shop = await openShop([orderAggregate(options)])
  await orderWithHistory(shop)
  return shop
}

async function orderTypes(shop: Shop): Promise<string[]> {
  return await typesOf(shop.ledger, 'order', 'order-1')
}

const HISTORY = ['OrderCreated', 'ItemAdded', 'OrderNoteAdded']

describe('a COMMUTATIVE command', () => {
  test('that expects the next sequence is stored there [coordinator-C-0149]', async () => {
    await using shop = await shopWithOrder()
    const response = await at(addItem(shop), 3, MERGE_COMMUTATIVE).execute()
    assert.deepEqual(sequencesOf(response), [3])
    assert.deepEqual(await orderTypes(shop), [...HISTORY, 'ItemAdded'])
  })

  test('that is stale but changes other fields is stored at the end [coordinator-C-0150, coordinator-C-0173, weakness-1]', async () => {
    await using shop = await shopWithOrder()
    const response = await at(changeAddress(shop), 1, MERGE_COMMUTATIVE).execute()
    assert.deepEqual(sequencesOf(response), [3])
    assert.deepEqual(await orderTypes(shop), [...HISTORY, 'ShippingAddressChanged'])
  })

  test('that is stale and changes the same field is refused, naming the field, and may be sent again [coordinator-C-0151, coordinator-C-0172, weakness-9]', async () => {
    await using shop = await shopWithOrder()
    const refusal = await refusalOf(at(addItem(shop), 1, MERGE_COMMUTATIVE).execute())
    assert.equal(refusal.code, 'SEQUENCE_OVERLAP')
    assert.equal(refusal.grpcStatus, 'FAILED_PRECONDITION')
    assert.equal(refusal.retryable, true)
    assert.equal(refusal.details['fields'], 'item_count')
    assert.deepEqual(await orderTypes(shop), HISTORY)
  })

  test('overlaps only with events it has not seen [coordinator-C-0152]', async () => {
    await using shop = await shopWithOrder()
    const response = await at(addItem(shop), 2, MERGE_COMMUTATIVE).execute()
    assert.deepEqual(sequencesOf(response), [3])
  })

  test('that overlapped succeeds when it is sent again with the next sequence [coordinator-C-0153]', async () => {
    await using shop = await shopWithOrder()
    await refusalOf(at(addItem(shop), 1, MERGE_COMMUTATIVE).execute())
    const { nextSequence } = await shop.client('order').query('order-1').getEventBook()
    const response = await at(addItem(shop), nextSequence, MERGE_COMMUTATIVE).execute()
    assert.deepEqual(sequencesOf(response), [3])
  })

  test('that is stale is refused when the aggregate cannot be replayed [coordinator-C-0154]', async () => {
    await using shop = await shopWithOrder({ replay: false })
    const refusal = await refusalOf(at(changeAddress(shop), 1, MERGE_COMMUTATIVE).execute())
    assert.equal(refusal.grpcStatus, 'FAILED_PRECONDITION')
    assert.equal(refusal.retryable, true)
    assert.deepEqual(await orderTypes(shop), HISTORY)
  })

  test('is what a command with a sequence and no strategy is [coordinator-C-0155]', async () => {
    await using shop = await shopWithOrder()
    assert.deepEqual(sequencesOf(await at(changeAddress(shop), 1).execute()), [3])
    assert.equal((await refusalOf(at(addItem(shop), 1).execute())).code, 'SEQUENCE_OVERLAP')
  })

  test('is what a book without pages counts as [coordinator-C-0176]', () => {
    assert.equal(new CommandBook(create(CommandBookSchema)).mergeStrategy(), MERGE_COMMUTATIVE)
  })

  test('that is ahead of the aggregate is refused', async () => {
    await using shop = await shopWithOrder()
    const refusal = await refusalOf(at(addItem(shop), 4, MERGE_COMMUTATIVE).execute())
    assert.equal(refusal.code, 'SEQUENCE_MISMATCH')
    assert.deepEqual(await orderTypes(shop), HISTORY)
  })

  test('overlaps with events that a snapshot hides [weakness-9]', async () => {
    await using shop = await openShop([orderAggregate({ snapshotEvery: 1 })])
    await orderWithHistory(shop)
    const refusal = await refusalOf(at(addItem(shop), 1, MERGE_COMMUTATIVE).execute())
    assert.equal(refusal.details['fields'], 'item_count')
    assert.deepEqual(sequencesOf(await at(changeAddress(shop), 1).execute()), [3])
  })

  test('is compared with commands whose writes are under way', async () => {
    await using shop = await shopWithOrder()
    const [first, second, third] = await Promise.allSettled([
      at(addItem(shop), 3, MERGE_COMMUTATIVE).execute(),
      at(addItem(shop), 3, MERGE_COMMUTATIVE).execute(),
      at(changeAddress(shop), 3, MERGE_COMMUTATIVE).execute(),
    ])
    assert.equal(first.status, 'fulfilled')
    assert.equal(second.status, 'rejected')
    assert.equal(third.status, 'fulfilled')
    assert.deepEqual(await orderTypes(shop), [...HISTORY, 'ItemAdded', 'ShippingAddressChanged'])
  })
})

describe('a STRICT command', () => {
  test('that expects the next sequence is stored there [coordinator-C-0160, coordinator-OM-01]', async () => {
    await using shop = await shopWithOrder()
    assert.deepEqual(sequencesOf(await at(addItem(shop), 3, MERGE_STRICT).execute()), [3])
  })

  test('that is stale is refused and may be sent again, whatever it changes [coordinator-C-0161, coordinator-C-0173, coordinator-OM-02]', async () => {
    await using shop = await shopWithOrder()
    const refusal = await refusalOf(at(changeAddress(shop), 1, MERGE_STRICT).execute())
    assert.equal(refusal.grpcStatus, 'FAILED_PRECONDITION')
    assert.equal(refusal.retryable, true)
    assert.match(refusal.message, /Sequence mismatch/)
    assert.equal(refusal.details['expected'], '1')
    assert.equal(refusal.details['actual'], '3')
    assert.deepEqual(await orderTypes(shop), HISTORY)
  })

  test('that is ahead of the aggregate is refused [coordinator-C-0162, coordinator-OM-03]', async () => {
    await using shop = await shopWithOrder()
    const refusal = await refusalOf(at(addItem(shop), 5, MERGE_STRICT).execute())
    assert.equal(refusal.grpcStatus, 'FAILED_PRECONDITION')
    assert.deepEqual(await orderTypes(shop), HISTORY)
  })

  test('that is stale never reaches its handler, not even again [coordinator-C-0172, weakness-2]', async () => {
    let calls = 0
    await using shop = await shopWithOrder({ adding: () => calls++ })
    const before = calls
    const refusal = await refusalOf(at(addItem(shop), 1, MERGE_STRICT).execute())
    assert.equal(refusal.code, 'SEQUENCE_MISMATCH')
    assert.equal(calls, before)
  })

  test('on a snapshot and the events behind it is stored at the next sequence [coordinator-C-0175]', async () => {
    await using folder = await ledgerFolder()
    const components = [orderAggregate({ snapshotEvery: 51 })]
    {
      await using shop = await openShop(components, { folder })
      await createOrder(shop, 'order-1')
      for (let n = 1; n <= 52; n++) await addItem(shop).execute()
    }
    await using shop = await openShop(components, { folder })
    assert.equal((await shop.ledger.snapshot(streamKey('order', 'order-1')))?.sequence, 50)
    assert.deepEqual(sequencesOf(await at(addItem(shop), 53, MERGE_STRICT).execute()), [53])
  })
})

describe('an AGGREGATE_HANDLES command', () => {
  test('reaches its handler with the whole history, whatever it expects [coordinator-C-0164, coordinator-C-0172]', async () => {
    const seen: [number, readonly string[], number][] = []
    await using shop = await shopWithOrder({
      adding: ({ itemCount, notes }, sequence) => seen.push([itemCount, [...notes], sequence]),
    })
    const response = await at(addItem(shop), 0, MERGE_AGGREGATE_HANDLES).execute()
    assert.deepEqual(sequencesOf(response), [3])
    assert.deepEqual(seen.at(-1), [3, ['ring twice'], 3])
  })

  test('is refused with the reason of its handler [coordinator-C-0165]', async () => {
    await using shop = await shopWithOrder()
    await orderCommand(shop, 'order-1').withMessage(orders.CompleteOrderSchema, {}).execute()
    const refusal = await refusalOf(at(addItem(shop), 1, MERGE_AGGREGATE_HANDLES).execute())
    assert.equal(refusal.message, 'order is closed')
    assert.equal(refusal.code, 'ORDER_CLOSED')
    assert.deepEqual(await orderTypes(shop), [...HISTORY, 'OrderCompleted'])
  })

  test('of the same stale sequence as another is stored behind it [coordinator-C-0166]', async () => {
    await using shop = await shopWithOrder()
    const responses = await Promise.all([
      at(addItem(shop), 1, MERGE_AGGREGATE_HANDLES).execute(),
      at(addItem(shop), 1, MERGE_AGGREGATE_HANDLES).execute(),
    ])
    assert.deepEqual(responses.map(sequencesOf), [[3], [4]])
  })

  test('adds up with another of the same sequence [coordinator-OM-07]', async () => {
    await using shop = await openShop([counter])
    const add = (n: number): CommandBuilder =>
      shop.client('counter').command('c-1').withMessage(counters.AddSchema, { n })
    await add(10).execute()
    await Promise.all([5, 3].map((n) => at(add(n), 0, MERGE_AGGREGATE_HANDLES).execute()))
    const events = await shop.client('counter').query('c-1').events(counters.AddedSchema)
    assert.equal(
      events.reduce((sum, { message }) => sum + message.n, 0),
      18,
    )
  })

  test('may find that nothing is left to do [coordinator-OM-08]', async () => {
    await using shop = await openShop([basket])
    const add = (name: string): CommandBuilder =>
      shop.client('basket').command('b-1').withMessage(baskets.AddFruitSchema, { name })
    await add('apple').execute()
    await add('banana').execute()
    const responses = await Promise.all(
      [1, 2].map(() => at(add('cherry'), 0, MERGE_AGGREGATE_HANDLES).execute()),
    )
    assert.deepEqual(responses.map(sequencesOf), [[2], []])
    assert.equal((await typesOf(shop.ledger, 'basket', 'b-1')).length, 3)
  })
})

describe('strategies', () => {
  for (const [name, strategy] of Object.entries(MergeStrategy)) {
    test(`all let a command create an aggregate: ${name} [coordinator-C-0174]`, async () => {
      await using shop = await openShop([orderAggregate()])
      const made = orderCommand(shop, 'order-1').withMessage(orders.CreateOrderSchema, {})
      assert.deepEqual(sequencesOf(await at(made, 0, strategy).execute()), [0])
    })
  }

  test('are chosen by each command, not by the aggregate [coordinator-OM-09]', async () => {
    await using shop = await shopWithOrder()
    const strict = await refusalOf(at(addItem(shop), 1, MERGE_STRICT).execute())
    const commutative = await refusalOf(at(addItem(shop), 1, MERGE_COMMUTATIVE).execute())
    const delegated = await at(addItem(shop), 1, MERGE_AGGREGATE_HANDLES).execute()
    assert.deepEqual(
      [strict.code, commutative.code, commutative.retryable],
      ['SEQUENCE_MISMATCH', 'SEQUENCE_OVERLAP', true],
    )
    assert.deepEqual(sequencesOf(delegated), [3])
  })
})
