import { isMessage } from '@bufbuild/protobuf'
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { command } from '../../src/component/outgoing-books.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Component } from '../../src/component/definition.ts'
import type { Rejection } from '../../src/component/handler-context.ts'
import type { RejectionResult } from '../../src/component/handler-results.ts'
import { deliveryOf } from '../../src/coordinator/delivery.ts'
import { CommandRejectedError, GRPCError } from '../../src/errors/client-error.ts'
import type { Row, Write } from '../../src/ledger/ledger.ts'
import {
  type Notification,
  RejectionNotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { systemRandom } from '../../src/identity.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { unpackAny } from '../../src/wire/any.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import { deliveryWrites, putBack } from './redelivery.ts'
import { addNote, createOrder } from './shop-commands.ts'
import { orderAggregate, refusingStock, reserveStock, stock } from './shop.ts'
import { eventsOf, messagesIn, rowsOf, storedEvents, typesOf } from './stored-events.ts'
import { until } from './until.ts'
import { twiceByAddress as test } from './twice.ts'

type Told = { readonly notification: Notification; readonly rejection: Rejection }

/** An order that answers a rejected ReserveStock by being cancelled, and what it was told. */
function cancelling(
  answer: (told: Told) => RejectionResult = ({ rejection }) => cancelled(rejection.reason),
): { readonly order: Component; readonly told: readonly Told[] } {
  const told: Told[] = []
  const order = orderAggregate().rejected(
    'inventory',
    inventory.ReserveStockSchema,
    (notification, _, rejection) => {
      told.push({ notification, rejection })
      return answer({ notification, rejection })
    },
  )
  return { order, told }
}

const cancelled = (reason: string) => create(orders.OrderCancelledSchema, { reason })

async function orderWithoutStock(shop: Shop): Promise<void> {
  await createOrder(shop, 'order-1')
  await shop.settled()
}

/** The notifications among the deliveries that a write enqueues. */
function notificationsIn(write: Write | undefined): readonly Notification[] {
  return (write?.rows ?? []).flatMap((row) => {
    if (row.kind !== 'put' || row.space !== 'delivery') return []
    const { parcel } = deliveryOf({ ...row, version: 0, dueAt: undefined, group: row.group } as Row)
    return 'notification' in parcel ? [parcel.notification] : []
  })
}

const hasNotification = (write: Write): boolean => notificationsIn(write).length > 0

describe('a rejected command of a saga', () => {
  test('is recorded as a notification in the commit that settles its trigger [coordinator-C-0462]', async () => {
    const { order } = cancelling()
    await using shop = await openFaultyShop([order, stock, reserveStock])
    await orderWithoutStock(shop)
    const settling = shop.faulty.offered.find(({ claims = [] }) =>
      claims.some(({ key }) => key === 'reaction#order-fulfillment#0'),
    )
    const [notification] = notificationsIn(settling)
    assert.ok(notification?.payload !== undefined)
    const rejection = unpackAny(RejectionNotificationSchema, notification.payload)
    assert.equal(rejection.code, 'OUT_OF_STOCK')
    assert.equal(rejection.rejectionReason, 'out of stock')
    assert.equal(rejection.rejectedCommand?.cover?.domain, 'inventory')
    assert.equal(notification.cover?.domain, 'order')
  })

  test('reaches the aggregate it began at, with code and reason, after an ASYNC command [coordinator-C-0472, coordinator-AC-01]', async () => {
    const { order, told } = cancelling()
    await using shop = await openShop([order, stock, reserveStock])
    await orderWithoutStock(shop)
    const [{ rejection } = { rejection: undefined }] = told
    assert.equal(rejection?.code, 'OUT_OF_STOCK')
    assert.equal(rejection?.reason, 'out of stock')
    assert.ok(rejection !== undefined && isMessage(rejection.command, inventory.ReserveStockSchema))
    assert.equal(rejection.command.orderId, 'order-1')
  })

  test('carries where it came from: trigger, component and place in the output [coordinator-C-0464, coordinator-AC-01]', async () => {
    const { order, told } = cancelling()
    await using shop = await openShop([order, stock, reserveStock])
    await orderWithoutStock(shop)
    assert.equal(told.length, 1)
    const header = told[0]?.rejection.commandBook.pages[0]?.header?.sequenceType
    assert.ok(header?.case === 'angzarrDeferred')
    const { source, sourceSeq, sourceComponent, commandIndex } = header.value
    assert.equal(source?.domain, 'order')
    assert.deepEqual([sourceSeq, sourceComponent, commandIndex], [0, 'order-fulfillment', 0])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('keeps code and reason apart [coordinator-C-0505]', async () => {
    const { order, told } = cancelling()
    const scarce = refusingStock(
      CommandRejectedError.preconditionFailed('OUT_OF_STOCK', 'only 2 left of sku-1'),
    )
    await using shop = await openShop([order, scarce, reserveStock])
    await orderWithoutStock(shop)
    assert.equal(told[0]?.rejection.code, 'OUT_OF_STOCK')
    assert.equal(told[0]?.rejection.reason, 'only 2 left of sku-1')
  })

  test('without a code has an empty one [coordinator-C-0506]', async () => {
    const { order, told } = cancelling()
    await using shop = await openShop([
      order,
      refusingStock(new CommandRejectedError('out of stock')),
      reserveStock,
    ])
    await orderWithoutStock(shop)
    assert.equal(told[0]?.rejection.code, '')
    assert.equal(told[0]?.rejection.reason, 'out of stock')
  })

  test('is not settled while its notification cannot be recorded [coordinator-C-0463]', async () => {
    const { order, told } = cancelling()
    await using shop = await openFaultyShop([order, stock, reserveStock])
    let refused = 0
    shop.faulty.failAt((write) => hasNotification(write) && ++refused > 0, 'before')
    await createOrder(shop, 'order-1')
    await until(() => refused === 3)
    assert.equal(told.length, 0)
    assert.equal(shop.status()[0]?.position, 0)
    shop.faulty.heal()
    await shop.settled()
    assert.equal(told.length, 1)
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderCancelled',
    ])
  })
})

describe('a notification', () => {
  test('survives the process that recorded it, and is handled once [coordinator-C-0465]', async () => {
    await using folder = await ledgerFolder()
    const { order, told } = cancelling()
    const components = [order, stock, reserveStock]
    const options = { folder, fatal: hasNotification, death: 'after' } as const
    const first = await openMortalShop(components, options)
    await createOrder(first, 'order-1')
    await first.death
    await first.bury()
    assert.equal(told.length, 0)
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.equal(told.length, 1)
    assert.equal((await messagesIn(shop.ledger, 'order', orders.OrderCancelledSchema)).length, 1)
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('is tried again with growing waits when it cannot be handled yet [coordinator-C-0466]', async () => {
    const clock = fakeClock()
    const times: number[] = []
    const { order } = cancelling(({ rejection }) => {
      times.push(clock.monotonicMs())
      // Not UNAVAILABLE: that a component elsewhere is away is waited out before it counts.
      if (times.length < 3) throw new GRPCError({ status: 'RESOURCE_EXHAUSTED', details: 'busy' })
      return cancelled(rejection.reason)
    })
    // The clock goes on while the answer is on its way; that must not matter beside the waits.
    const limits = { reactionBackoffMsMin: 2_000, reactionBackoffMsMax: 60_000 }
    const random = { ...systemRandom(), fraction: () => 0.5 }
    await using shop = await openShop([order, stock, reserveStock], { clock, limits, random })
    await createOrder(shop, 'order-1')
    await until(() => times.length === 3, clock)
    await shop.settled()
    const [first = 0, second = 0, third = 0] = times
    assert.ok(second - first >= 1_500, `${second - first}`)
    assert.ok(third - second > second - first, `${third - second}`)
    assert.equal((await messagesIn(shop.ledger, 'order', orders.OrderCancelledSchema)).length, 1)
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('delivered again is not handled again [coordinator-C-0467, weakness-11]', async () => {
    await using folder = await ledgerFolder()
    const { order, told } = cancelling()
    const components = [order, stock, reserveStock]
    {
      await using shop = await openFaultyShop(components, { folder })
      await orderWithoutStock(shop)
      await putBack(shop.faulty, deliveryWrites(shop.faulty))
    }
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.equal(told.length, 1)
    assert.equal((await messagesIn(shop.ledger, 'order', orders.OrderCancelledSchema)).length, 1)
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('that differs from another in the place of its command only is handled too [coordinator-C-0468]', async () => {
    const { order, told } = cancelling()
    const reserve = (): ReturnType<typeof command> =>
      command('inventory', 'sku-1', inventory.ReserveStockSchema, { orderId: 'o', quantity: 1 })
    const twice = defineSaga({ name: 'twice', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      () => [reserve(), reserve()],
    )
    await using shop = await openShop([order, stock, twice])
    await orderWithoutStock(shop)
    assert.equal(told.length, 2)
    assert.equal((await messagesIn(shop.ledger, 'order', orders.OrderCancelledSchema)).length, 2)
  })

  test('that keeps failing becomes a dead letter with the envelope [coordinator-C-0469]', async () => {
    const { order, told } = cancelling(() => {
      throw new Error('order service down')
    })
    const settings = { 'order-fulfillment': { attempts: 3 } }
    await using shop = await openShop([order, stock, reserveStock], { settings })
    await orderWithoutStock(shop)
    assert.equal(told.length, 3)
    const [found] = await shop.deadLetters.list()
    assert.equal(found?.domain, 'order')
    const { payload, rejectionDetails } = found?.letter ?? {}
    assert.equal(rejectionDetails?.case, 'compensationDeliveryFailed')
    assert.deepEqual(
      rejectionDetails?.case === 'compensationDeliveryFailed' && [
        rejectionDetails.value.attempts,
        rejectionDetails.value.lastError,
      ],
      [3, 'order service down'],
    )
    assert.ok(payload?.case === 'rejectedCommand')
    const enveloped = payload.value.pages[0]?.payload
    assert.match(enveloped?.case === 'command' ? enveloped.value.typeUrl : '', /\.Notification$/)
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), ['OrderCreated'])
    await shop.deadLetters.discard(found?.id ?? '')
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('never enters a stream: its handler is all that does [coordinator-C-0470]', async () => {
    const { order } = cancelling()
    const late = defineSaga({ name: 'late', source: 'order', target: 'inventory' }).handles(
      orders.OrderNoteAddedSchema,
      () => command('inventory', 'sku-1', inventory.ReserveStockSchema, { quantity: 1 }),
    )
    await using shop = await openShop([order, stock, late])
    await createOrder(shop, 'order-1')
    await addNote(shop, 'reserve it').execute()
    await shop.settled()
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderNoteAdded',
      'OrderCancelled',
    ])
    assert.equal((await storedEvents(shop.ledger)).length, 3)
  })

  test('may be answered by several events, numbered and dated [coordinator-AC-10]', async () => {
    const { order } = cancelling(({ rejection }) => [
      create(orders.OrderNoteAddedSchema, { note: rejection.code }),
      cancelled(rejection.reason),
    ])
    await using shop = await openShop([order, stock, reserveStock])
    await orderWithoutStock(shop)
    const events = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [0, 1, 2],
    )
    const pages = await shop.client('order').query('order-1').getPages()
    assert.ok(pages.every(({ createdAt }) => createdAt !== undefined))
  })
})
