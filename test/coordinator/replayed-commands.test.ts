import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { delegateToFramework } from '../../src/component/compensation.ts'
import type { Component } from '../../src/component/definition.ts'
import { MergeStrategy } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import { Watched, orderOf, watcher } from './failing-components.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { openShop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addStock, at, changeAddress, createOrder, orderWithHistory } from './shop-commands.ts'
import { orderAggregate, reserveStock, stock } from './shop.ts'
import { eventsOf, typesOf } from './stored-events.ts'

const { MERGE_MANUAL } = MergeStrategy

describe('a command on the desk that nothing waits behind', () => {
  test('is carried out when it is replayed, at the sequence its aggregate has by now', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    await refusalOf(at(changeAddress(shop), 1, MERGE_MANUAL).execute())
    const [letter] = await shop.deadLetters.list({ rejectionType: 'sequence_mismatch' })
    assert.equal(letter?.key, undefined)
    await shop.deadLetters.replay(letter?.id ?? '')
    const types = await typesOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(types.slice(3), ['ShippingAddressChanged'])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`is carried out once when the commit of its replay fails: ${kind}`, async () => {
      await using shop = await openFaultyShop([orderAggregate()])
      await orderWithHistory(shop)
      await refusalOf(at(changeAddress(shop), 1, MERGE_MANUAL).execute())
      const [letter] = await shop.deadLetters.list()
      const id = letter?.id ?? ''
      shop.faulty.failAt(1, kind)
      await shop.deadLetters.replay(id).catch(() => shop.deadLetters.replay(id))
      assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 4)
      assert.deepEqual(await shop.deadLetters.list(), [])
    })
  }

  test('stays on the desk when it is refused again', async () => {
    const order: Component = orderAggregate().rejected(
      'inventory',
      inventory.ReserveStockSchema,
      () => delegateToFramework('later', { sendToDeadLetter: true, emitSystemEvent: false }),
    )
    await using shop = await openShop([order, stock, reserveStock])
    await createOrder(shop, 'order-1')
    await shop.settled()
    const [letter] = await shop.deadLetters.list()
    const replay = (): Promise<void> => shop.deadLetters.replay(letter?.id ?? '')
    assert.equal((await refusalOf(replay())).code, 'OUT_OF_STOCK')
    assert.equal((await shop.deadLetters.list()).length, 1)
    await addStock(shop, 5)
    await replay()
    assert.deepEqual(await typesOf(shop.ledger, 'inventory', 'sku-1'), [
      'StockAdded',
      'StockReserved',
    ])
    assert.deepEqual(await shop.deadLetters.list(), [])
    assert.equal((await refusalOf(replay())).code, 'DEAD_LETTER_NOT_FOUND')
  })

  test('that is an event cannot be replayed', async () => {
    const watched = new Watched()
    watched.broken.add('order-1')
    const components = [orderAggregate(), watcher('saga', watched.see)]
    const settings = { watcher: { onExhausted: 'skip', attempts: 1 } } as const
    await using shop = await openShop(components, { settings })
    await orderOf(shop, 'order-1')
    await shop.settled()
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.rejectionType, 'event_processing_failed')
    const { code } = await refusalOf(shop.deadLetters.replay(letter?.id ?? ''))
    assert.equal(code, 'DEAD_LETTER_NOT_FOUND')
  })
})

describe('the desk', () => {
  test('lists by what failed, how, and when', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    for (const sequence of [1, 2]) {
      await refusalOf(at(changeAddress(shop), sequence, MERGE_MANUAL).execute())
    }
    const { deadLetters } = shop
    const [first] = await deadLetters.list()
    const occurredAt = first?.occurredAt ?? 0n
    assert.equal((await deadLetters.list({ domain: 'order' })).length, 2)
    assert.equal((await deadLetters.list({ rejectionType: 'unknown' })).length, 0)
    assert.equal(
      (await deadLetters.list({ occurredAfter: occurredAt - 60_000_000_000n })).length,
      2,
    )
    assert.equal(
      (await deadLetters.list({ occurredBefore: occurredAt - 60_000_000_000n })).length,
      0,
    )
    const open = { occurredAfter: occurredAt, occurredBefore: occurredAt }
    assert.equal((await deadLetters.list(open)).length, 0)
  })
})
