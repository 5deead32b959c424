import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { Component } from '../../src/component/definition.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { WriteId } from '../../src/identity.ts'
import {
  CascadeCommitSchema,
  CascadeRollbackSchema,
  CompensateSchema,
  EventPageSchema,
  RevocationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { newCover } from '../../src/wire/cover.ts'
import { messageCodec } from '../../src/wire/message-codec.ts'
import { encodeEventPage } from '../../src/wire/page-codec.ts'
import { typeUrl } from '../../src/wire/type-url.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addItem, addNote, addStock, changeAddress, sequencesOf } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { eventsOf, rowsOf, shortName, streamKey, typesOf } from './stored-events.ts'
import { until } from './until.ts'

import { meta, seen, twoEvents, unclaimed, within } from './pending.ts'
import { twice as test } from './twice.ts'

describe('a command in a cascade', () => {
  test('stores its events as pending, with the id of the cascade [coordinator-C-0411]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    const response = await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    assert.deepEqual(sequencesOf(response), [2])
    const [, , event] = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(event?.visibility, { kind: 'pending', cascadeId: 'cascade-a' })
    const page = messageCodec(EventPageSchema).decode(event?.page ?? new Uint8Array(0))
    assert.deepEqual([page.noCommit, page.cascadeId], [true, 'cascade-a'])
  })

  test('stores them as ever without one [coordinator-C-0412]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    const response = await unclaimed(addItem(shop)).execute()
    assert.deepEqual(
      response.events?.pages.map(({ noCommit, cascadeId }) => [noCommit, cascadeId]),
      [[false, undefined]],
    )
  })

  test('is decided on what its cascade has pending, every other one without it [coordinator-C-0413, coordinator-C-0414]', async () => {
    const counts: number[] = []
    const order = orderAggregate({ adding: ({ itemCount }) => counts.push(itemCount) })
    await using shop = await openShop([order])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop, 'order-1', 10)))
    counts.length = 0
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    const { code } = await refusalOf(unclaimed(addItem(shop)).execute())
    assert.equal(code, 'CASCADE_CONFLICT')
    assert.deepEqual(counts, [13, 3])
  })

  test('that changes what is pending elsewhere is refused, and nothing is stored [coordinator-C-0423]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    for (const send of [
      () => within(shop, 'cascade-d', unclaimed(addItem(shop))),
      () => unclaimed(addItem(shop)).execute(),
    ]) {
      const refusal = await refusalOf(send())
      assert.deepEqual([refusal.code, refusal.grpcStatus], ['CASCADE_CONFLICT', 'ABORTED'])
      assert.equal(refusal.details['cascade_ids'], 'cascade-b')
      assert.equal(refusal.details['overlapping_fields'], 'item_count')
    }
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 3)
  })

  test('that changes something else is stored behind it [coordinator-C-0424]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    const response = await within(shop, 'cascade-d', unclaimed(changeAddress(shop)))
    assert.deepEqual(sequencesOf(response), [3])
    assert.equal(response.events?.pages[0]?.noCommit, true)
    assert.deepEqual(sequencesOf(await unclaimed(addNote(shop, 'open')).execute()), [4])
  })

  test('holds nothing with pages that are confirmed [weakness-17]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-b')
    assert.deepEqual(sequencesOf(await unclaimed(addItem(shop)).execute()), [4])
  })

  for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`is pending once or not at all when its commit fails: ${kind}`, async () => {
      await using shop = await openFaultyShop([orderAggregate()])
      await twoEvents(shop)
      const adding = unclaimed(addItem(shop))
      shop.faulty.failAt(1, kind)
      const send = (): Promise<unknown> => within(shop, 'cascade-a', adding)
      const stored = await send().then(
        () => true,
        () => false,
      )
      assert.equal(stored, kind !== 'before')
      assert.equal((await rowsOf(shop.ledger, 'pending-page')).length, stored ? 1 : 0)
      await shop.cascades.commit('cascade-a')
      const { length } = await eventsOf(shop.ledger, 'order', 'order-1')
      assert.equal(length, stored ? 4 : 2)
    })
  }

  it('is refused once its cascade has ended', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.rollback('cascade-a', 'enough')
    const { code } = await refusalOf(within(shop, 'cascade-a', unclaimed(addItem(shop))))
    assert.equal(code, 'CASCADE_RESOLVED')
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 4)
    assert.equal((await refusalOf(shop.cascades.commit('cascade-a'))).code, 'CASCADE_RESOLVED')
    assert.equal(await shop.cascades.rollback('cascade-a', 'again'), 0)
  })
})

describe('a query of a stream with pending pages', () => {
  test('reads a NoOp with the cascade in their place [coordinator-C-0415, weakness-17]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    assert.deepEqual(await seen(shop), ['OrderCreated', 'ItemAdded', 'uncommitted cascade-a'])
  })

  test('reads them once they are confirmed, and a NoOp in the place of the confirmation [coordinator-C-0416]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-a')
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'ItemAdded',
      'ItemAdded',
      'Confirmation',
    ])
    assert.deepEqual(await seen(shop), [
      'OrderCreated',
      'ItemAdded',
      'ItemAdded',
      'framework_event',
    ])
  })

  test('reads a NoOp for good when they are revoked, and counts on behind the revocation [coordinator-C-0417]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.rollback('cascade-a', 'saga_failed')
    assert.deepEqual((await seen(shop)).slice(2), ['revoked cascade-a', 'framework_event'])
    const { nextSequence } = await shop.client('order').query('order-1').getEventBook()
    assert.equal(nextSequence, 4)
  })

  test('lets a revocation count more than a confirmation [coordinator-C-0418]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-a')
    // As another coordinator may have written it.
    const value = messageCodec(RevocationSchema).encode(
      create(RevocationSchema, { sequences: [2], cascadeId: 'cascade-a', reason: 'late' }),
    )
    const type = RevocationSchema.typeName
    const page = encodeEventPage({ sequence: 4, typeUrl: typeUrl(type), value })
    const key = streamKey('order', 'order-1')
    await shop.ledger.commit({
      id: 'late-revocation' as WriteId,
      appends: [{ key, at: 4, events: [{ type, page }], correlationId: '' }],
    })
    assert.equal((await seen(shop))[2], 'revoked cascade-a')
  })

  test('of a part reads what became of them behind it, but not as of a point before', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-a')
    const query = shop.client('order').query('order-1')
    const [page] = await query.rangeTo(2, 2).getPages()
    assert.ok(page?.payload.case === 'event')
    assert.equal(shortName(page.payload.value.typeUrl), 'ItemAdded')
    const asOf = await query.asOfSequence(2).getPages()
    const last = asOf.at(-1)?.payload
    assert.ok(last?.case === 'event')
    assert.equal(shortName(last.value.typeUrl), 'NoOp')
  })
})

describe('a cascade', () => {
  /** An order and a stock with pending pages of cascade-b. */
  async function overTwo(shop: Shop): Promise<void> {
    await twoEvents(shop)
    await addStock(shop, 5)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    const reserve = shop.client('inventory').command('sku-1')
    reserve.withMessage(inventory.ReserveStockSchema, { orderId: 'order-1', quantity: 1 })
    await within(shop, 'cascade-b', unclaimed(reserve))
  }

  test('that is committed has every page of it confirmed, stream by stream [coordinator-C-0420]', async () => {
    await using shop = await openFaultyShop([orderAggregate(), stock])
    await overTwo(shop)
    const { commits } = shop.faulty
    await meta(shop, CascadeCommitSchema, { cascadeId: 'cascade-b' })
    assert.equal(shop.faulty.commits, commits + 1)
    assert.deepEqual((await seen(shop)).slice(2), ['ItemAdded', 'framework_event'])
    assert.deepEqual((await seen(shop, 'inventory', 'sku-1')).slice(1), [
      'StockReserved',
      'framework_event',
    ])
    assert.deepEqual(await rowsOf(shop.ledger, 'pending-page'), [])
  })

  test('that is rolled back has every page of it revoked, with the reason [coordinator-C-0421]', async () => {
    await using shop = await openShop([orderAggregate(), stock])
    await overTwo(shop)
    await meta(shop, CascadeRollbackSchema, {
      cascadeId: 'cascade-b',
      reason: 'payment declined',
    })
    assert.deepEqual((await seen(shop)).slice(2), ['revoked cascade-b', 'framework_event'])
    assert.equal((await seen(shop, 'inventory', 'sku-1'))[1], 'revoked cascade-b')
    const [, , , event] = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.equal(shortName(event?.type ?? ''), 'Revocation')
  })

  test('ends alone: others stay pending [coordinator-C-0422]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    await within(shop, 'cascade-c', unclaimed(addNote(shop, 'n')))
    await shop.cascades.commit('cascade-b')
    assert.deepEqual((await seen(shop)).slice(2), [
      'ItemAdded',
      'uncommitted cascade-c',
      'framework_event',
    ])
  })

  for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`is committed over all of its streams or over none when that commit fails: ${kind}`, async () => {
      await using shop = await openFaultyShop([orderAggregate(), stock])
      await overTwo(shop)
      shop.faulty.failAt(1, kind)
      await shop.cascades.commit('cascade-b').catch(() => shop.cascades.commit('cascade-b'))
      assert.equal((await seen(shop))[2], 'ItemAdded')
      assert.equal((await seen(shop, 'inventory', 'sku-1'))[1], 'StockReserved')
      const confirmations = (await typesOf(shop.ledger, 'order', 'order-1')).filter(
        (type) => type === 'Confirmation',
      )
      assert.equal(confirmations.length, 1)
    })
  }

  test('ends one way when it is committed and rolled back at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      await using shop = await openShop([orderAggregate(), stock])
      await overTwo(shop)
      const ends = await Promise.allSettled([
        shop.cascades.commit('cascade-b'),
        shop.cascades.rollback('cascade-b', 'no'),
      ])
      assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
      const [one, other] = [(await seen(shop))[2], (await seen(shop, 'inventory', 'sku-1'))[1]]
      assert.equal(one === 'ItemAdded', other === 'StockReserved')
    }
  })

  test('that nobody ends is rolled back when its time is up [weakness-17]', async () => {
    const clock = fakeClock()
    await using shop = await openShop([orderAggregate()], { clock })
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    assert.equal(await shop.cascades.reap(), 0)
    await clock.advanceAsync(300_001)
    await until(async () => (await seen(shop))[2] === 'revoked cascade-a', clock)
    assert.deepEqual(await rowsOf(shop.ledger, 'pending-page'), [])
  })

  test('needs an id', async () => {
    await using shop = await openShop([orderAggregate()])
    assert.equal((await refusalOf(shop.cascades.commit(''))).code, 'REQUEST_INCOMPLETE')
    const { code } = await refusalOf(within(shop, '', unclaimed(addItem(shop))))
    assert.equal(code, 'CORRELATION_ID_INVALID')
  })
})

describe('a Compensate', () => {
  const undoing: Component = defineAggregate({ domain: 'order', state: orders.OrderStateSchema })
    .handles(orders.AddItemSchema, ({ quantity }) => create(orders.ItemAddedSchema, { quantity }))
    .undoes(orders.AddItemSchema, (_n, _s, { sequences, reason }) =>
      create(orders.OrderNoteAddedSchema, { note: `${reason} ${sequences.join()}` }),
    )

  test('runs the undo for the listed events, which stay, and reads as a NoOp [coordinator-C-0419]', async () => {
    await using shop = await openShop([undoing])
    await unclaimed(addItem(shop)).execute()
    await unclaimed(addItem(shop)).execute()
    const target = newCover({ domain: 'order', root: 'order-1' })
    const commandType = orders.AddItemSchema.typeName
    const init = { target, sequences: [1], reason: 'payment refunded', commandType }
    await meta(shop, CompensateSchema, init)
    assert.deepEqual(await seen(shop), [
      'ItemAdded',
      'ItemAdded',
      'framework_event',
      'OrderNoteAdded',
    ])
    const [note] = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
    assert.equal(note?.message.note, 'payment refunded 1')
  })

  test('that nobody can carry out is refused, and nothing is stored', async () => {
    await using shop = await openShop([undoing])
    const target = newCover({ domain: 'order', root: 'order-1' })
    const { code } = await refusalOf(meta(shop, CompensateSchema, { target, commandType: 'x.Y' }))
    assert.equal(code, 'NO_UNDO_HANDLER')
    assert.equal(await shop.ledger.tip(), 0)
  })
})
