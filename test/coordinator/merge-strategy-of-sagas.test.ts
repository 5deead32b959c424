import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { MergeStrategy } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openShop } from './open-shop.ts'
import { addItem, addStock, orderWithHistory } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

const { MERGE_COMMUTATIVE, MERGE_STRICT, MERGE_MANUAL } = MergeStrategy

const HISTORY = ['OrderCreated', 'ItemAdded', 'OrderNoteAdded']

describe('a command of a saga', () => {
  const overlapping = { schema: orders.AddItemSchema, event: 'ItemAdded' }
  const disjoint = { schema: orders.ChangeShippingAddressSchema, event: 'ShippingAddressChanged' }
  const rows = [
    { ...overlapping, strategy: MERGE_COMMUTATIVE, sequence: 2, ids: 'coordinator-C-0156' },
    { ...overlapping, strategy: MERGE_COMMUTATIVE, sequence: 1, ids: 'coordinator-C-0157' },
    { ...overlapping, strategy: MERGE_COMMUTATIVE, sequence: 0, ids: 'coordinator-C-0158' },
    { ...disjoint, strategy: MERGE_COMMUTATIVE, sequence: 0, ids: 'coordinator-C-0159' },
    { ...disjoint, strategy: MERGE_STRICT, sequence: 1, ids: 'coordinator-C-0163' },
    { ...overlapping, strategy: MERGE_STRICT, sequence: 9, ids: 'coordinator-C-0163' },
    { ...disjoint, strategy: MERGE_MANUAL, sequence: 1, ids: 'coordinator-C-0169' },
    { ...overlapping, strategy: MERGE_MANUAL, sequence: 1, ids: 'coordinator-C-0170' },
  ]
  for (const { schema, event, strategy, sequence, ids } of rows) {
    test(`is stored at the end, whatever it expects: ${event} ${nameOf(strategy)} at ${sequence} [${ids}]`, async () => {
      const options = { mergeStrategy: strategy, sequence }
      const restocked = defineSaga({ name: 'restocked', source: 'inventory', target: 'order' })
      const saga = restocked.handles(inventory.StockAddedSchema, () =>
        command('order', 'order-1', schema, {}, options),
      )
      await using shop = await openShop([orderAggregate(), stock, saga])
      await orderWithHistory(shop)
      await addStock(shop, 1)
      await shop.settled()
      assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [...HISTORY, event])
      assert.deepEqual(await shop.deadLetters.list(), [])
    })
  }

  test('is stored at the end under MANUAL by a target that cannot compare [coordinator-C-0171]', async () => {
    const options = { mergeStrategy: MergeStrategy.MERGE_MANUAL, sequence: 1 }
    const restocked = defineSaga({ name: 'restocked', source: 'inventory', target: 'order' })
    const saga = restocked.handles(inventory.StockAddedSchema, () =>
      command('order', 'order-1', orders.ChangeShippingAddressSchema, {}, options),
    )
    await using shop = await openShop([orderAggregate({ replay: false }), stock, saga])
    await orderWithHistory(shop)
    await addStock(shop, 1)
    await shop.settled()
    const types = await typesOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(types, [...HISTORY, 'ShippingAddressChanged'])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('is stored at once when its target has moved on [coordinator-OM-06]', async () => {
    let calls = 0
    const restocked = defineSaga({ name: 'restocked', source: 'inventory', target: 'order' })
    const saga = restocked.handles(inventory.StockAddedSchema, async (_, destinations) => {
      calls++
      await addItem(shop).execute()
      const book = command('order', 'order-1', orders.AddItemSchema, { sku: 'sku-1', quantity: 5 })
      return destinations.stampCommand(book, 'order')
    })
    const shop = await openShop([orderAggregate(), stock, saga])
    await using _ = shop
    await orderWithHistory(shop)
    await addStock(shop, 1)
    await shop.settled()
    assert.equal(calls, 1)
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      ...HISTORY,
      'ItemAdded',
      'ItemAdded',
    ])
  })
})

function nameOf(strategy: MergeStrategy): string {
  return Object.entries(MergeStrategy).find(([, value]) => value === strategy)?.[0] ?? ''
}
