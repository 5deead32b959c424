import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import {
  CascadeErrorMode,
  CommandRequestSchema,
  EventStreamFilterSchema,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { cardShop } from './card-shop.ts'
import { noteOf, orderOf, watcher } from './failing-components.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addItem, addNote, addStock } from './shop-commands.ts'
import { orderAggregate, orderSummary, reserveStock, stock } from './shop.ts'
import { eventsOf, rowsOf, streamKey } from './stored-events.ts'

import { seen, twoEvents, unclaimed, within } from './pending.ts'
import { twice as test } from './twice.ts'

describe('components', () => {
  const created = (shop: Pick<Shop, 'client'>): CommandBuilder =>
    unclaimed(
      shop.client('order').command('order-1').withMessage(orders.CreateOrderSchema, {
        orderId: 'order-1',
        itemCount: 1,
      }),
    )
  const summary = async (shop: Shop): Promise<unknown> =>
    await shop.projection('order-summary').get(orders.OrderStateSchema, 'order-1')
  const reserved = async (shop: Shop): Promise<number> =>
    (await eventsOf(shop.ledger, 'inventory', 'sku-1')).length

  test('see a pending page when it is confirmed', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await addStock(shop, 5)
    await within(shop, 'cascade-a', created(shop))
    await shop.settled()
    assert.equal(await summary(shop), undefined)
    assert.equal(await reserved(shop), 1)
    await shop.cascades.commit('cascade-a')
    await shop.settled()
    assert.ok(await summary(shop))
    assert.equal(await reserved(shop), 2)
  })

  test('never see one that is revoked', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await within(shop, 'cascade-a', created(shop))
    await shop.cascades.rollback('cascade-a', 'no')
    await shop.settled()
    assert.equal(await summary(shop), undefined)
    assert.equal(await reserved(shop), 0)
    assert.ok(shop.status().every(({ lag }) => lag === 0))
  })

  for (const kind of ['saga', 'process_manager', 'projector'] as const) {
    test(`keep the order of a stream around a page that is held: ${kind}`, async () => {
      const watched: string[] = []
      await using shop = await openShop([
        orderAggregate(),
        watcher(kind, (label) => void watched.push(label)),
      ])
      await noteOf(shop, 'order-1', 'a')
      const held = unclaimed(addItem(shop)).withCorrelationId('order-1')
      held.withMessage(orders.AddOrderNoteSchema, { note: 'b' })
      await within(shop, 'cascade-a', held)
      await createOrderFor(shop, 'order-1')
      await noteOf(shop, 'order-2', 'elsewhere')
      await shop.settled()
      assert.deepEqual([...watched].sort(), ['a', 'elsewhere'])
      await shop.cascades.commit('cascade-a')
      await shop.settled()
      assert.deepEqual(
        watched.filter((label) => label !== 'elsewhere'),
        ['a', 'b', 'order-1'],
      )
    })

    test(`go on with a held page after a restart: ${kind}`, async () => {
      const watched: string[] = []
      await using folder = await ledgerFolder()
      const components = [orderAggregate(), watcher(kind, (label) => void watched.push(label))]
      {
        await using shop = await openShop(components, { folder })
        const held = shop.client('order').command('order-1').withCorrelationId('order-1')
        await within(
          shop,
          'cascade-a',
          unclaimed(held.withMessage(orders.AddOrderNoteSchema, { note: 'b' })),
        )
        await createOrderFor(shop, 'order-1')
        await shop.settled()
      }
      await using shop = await openShop(components, { folder })
      await shop.settled()
      assert.deepEqual(watched, [])
      await shop.cascades.commit('cascade-a')
      await shop.settled()
      assert.deepEqual(watched, ['b', 'order-1'])
    })
  }

  test('react at once within a CASCADE request of the same cascade, and all of it ends together [weakness-17]', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await addStock(shop, 5)
    await within(shop, 'cascade-a', created(shop), SyncMode.CASCADE)
    assert.deepEqual(await seen(shop, 'inventory', 'sku-1'), [
      'StockAdded',
      'uncommitted cascade-a',
    ])
    await shop.cascades.rollback('cascade-a', 'payment declined')
    assert.equal((await seen(shop))[0], 'revoked cascade-a')
    assert.equal((await seen(shop, 'inventory', 'sku-1'))[1], 'revoked cascade-a')
    await shop.settled()
    assert.equal(await summary(shop), undefined)
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('leave nothing to be seen when their request compensates [coordinator-C-0440]', async () => {
    await using shop = await openShop(cardShop())
    const builder = shop.client('order').command('order-1')
    builder.withMessage(orders.CreateOrderSchema, { orderId: 'order-1' })
    const request = create(CommandRequestSchema, {
      command: unclaimed(builder).build(),
      syncMode: SyncMode.CASCADE,
      cascadeErrorMode: CascadeErrorMode.CASCADE_ERROR_COMPENSATE,
      cascadeId: 'cascade-e',
    })
    const { code } = await refusalOf(shop.client('order').commandHandler.handleCommand(request))
    assert.equal(code, 'CARD_DECLINED')
    await shop.settled()
    assert.equal((await seen(shop))[0], 'revoked cascade-e')
    const reserved = await seen(shop, 'inventory', 'sku-1')
    assert.ok(reserved.every((page) => page === 'revoked cascade-e' || page === 'framework_event'))
    assert.deepEqual(await rowsOf(shop.ledger, 'pending-page'), [])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('see its pages once when it is committed', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await addStock(shop, 5)
    await within(shop, 'cascade-a', created(shop), SyncMode.CASCADE)
    await shop.cascades.commit('cascade-a')
    await shop.settled()
    assert.deepEqual(await seen(shop, 'inventory', 'sku-1'), [
      'StockAdded',
      'StockReserved',
      'framework_event',
    ])
    assert.ok(await summary(shop))
  })
})

async function createOrderFor(shop: Pick<Shop, 'client'>, orderId: string): Promise<void> {
  await orderOf(shop, orderId)
}

describe('a stream of events', () => {
  test('brings pending pages when they are confirmed, and no page of the engine', async () => {
    await using shop = await openShop([orderAggregate()])
    const stream = shop.services.subscribe(
      create(EventStreamFilterSchema, { correlationId: 'corr-1' }),
    )
    const note = (text: string): CommandBuilder =>
      unclaimed(addNote(shop, text)).withCorrelationId('corr-1')
    await within(shop, 'cascade-a', note('a'))
    await within(shop, 'cascade-b', note('b')).catch(() => undefined)
    await shop.cascades.rollback('cascade-b', 'no')
    await shop.cascades.commit('cascade-a')
    await note('c').execute()
    const found: unknown[] = []
    for await (const { book } of stream) {
      found.push(book.pages[0]?.header?.sequenceType.value)
      if (found.length === 2) break
    }
    assert.equal(found[0], 0)
    assert.equal(found.length, 2)
  })
})

describe('a snapshot', () => {
  test('is not taken of a state that not everybody sees, and taken again afterwards', async () => {
    await using shop = await openShop([orderAggregate({ snapshotEvery: 1 })])
    await twoEvents(shop)
    const key = streamKey('order', 'order-1')
    assert.equal((await shop.ledger.snapshot(key))?.sequence, 1)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await unclaimed(addNote(shop, 'n')).execute()
    assert.equal((await shop.ledger.snapshot(key))?.sequence, 1)
    await shop.cascades.commit('cascade-a')
    await unclaimed(addNote(shop, 'm')).execute()
    assert.equal((await shop.ledger.snapshot(key))?.sequence, 5)
  })
})
