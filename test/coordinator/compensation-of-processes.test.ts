import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import {
  pmDelegateToFramework,
  pmEmitCompensationEvents,
} from '../../src/component/compensation.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Component } from '../../src/component/definition.ts'
import { booksOf, ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import type { ProcessRejectionResult } from '../../src/component/handler-results.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { SagaCompensationFailedSchema } from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import { deliveryWrites, putBack } from './redelivery.ts'
import { createOrder } from './shop-commands.ts'
import { compensatingOrder, orderAggregate, reserveStock, stock } from './shop.ts'
import { messagesIn, rowsOf, shortName, storedEvents, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

const FALLBACK = 'angzarr-saga-failures'

/** A process manager that reserves stock for orders and answers rejections so. */
function process(answer: (state: orders.OrderState) => ProcessRejectionResult): Component {
  return defineProcessManager({
    name: 'fulfillment',
    pmDomain: 'fulfillment-process',
    sources: ['order'],
    targets: ['inventory', 'order'],
    state: orders.OrderStateSchema,
  })
    .handles(
      orders.OrderCreatedSchema,
      (event) =>
        new ProcessManagerResponse({
          processEvents: [create(orders.OrderCreatedSchema, event)],
          commands: [command('inventory', 'sku-1', inventory.ReserveStockSchema, { quantity: 1 })],
        }),
    )
    .applies(orders.OrderCreatedSchema, (state, { orderId }) => {
      state.customerId = orderId
    })
    .rejected('inventory', inventory.ReserveStockSchema, (_, state) => answer(state))
}

const gaveUp = (): ProcessManagerResponse =>
  new ProcessManagerResponse({ processEvents: [create(orders.OrderCancelledSchema)] })

const note = (orderId: string): ProcessManagerResponse =>
  new ProcessManagerResponse({
    commands: [command('order', orderId, orders.AddOrderNoteSchema, { note: 'no stock' })],
  })

async function rejected(order: Component, manager: Component): Promise<Shop> {
  const shop = await openShop([order, stock, manager])
  await createOrder(shop, 'order-1')
  await shop.settled()
  return shop
}

async function logOf(shop: Shop): Promise<string[]> {
  const events = await storedEvents(shop.ledger)
  return events.map(({ key, type }) => `${key.domain} ${shortName(type)}`)
}

describe('a rejected command of a process manager', () => {
  test('is told to the process manager first, then to the source of its trigger [coordinator-AC-03]', async () => {
    await using shop = await rejected(compensatingOrder(), process(gaveUp))
    assert.deepEqual(await logOf(shop), [
      'order OrderCreated',
      'fulfillment-process OrderCreated',
      'fulfillment-process OrderCancelled',
      'order OrderCancelled',
    ])
  })

  test('is told to its source after what the process manager does about it', async () => {
    await using shop = await rejected(
      compensatingOrder(),
      process(({ customerId }) => note(customerId)),
    )
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderNoteAdded',
      'OrderCancelled',
    ])
  })

  test('leads to a notification like that of a saga [client-U-COMP-10]', async () => {
    for (const sender of [process(gaveUp), reserveStock]) {
      await using shop = await rejected(compensatingOrder(), sender)
      const told = await messagesIn(shop.ledger, 'order', orders.OrderCancelledSchema)
      assert.deepEqual(
        told.map(({ reason }) => reason),
        ['OUT_OF_STOCK|out of stock'],
      )
    }
  })

  test('that the process manager compensates needs no answer of its source', async () => {
    await using shop = await rejected(orderAggregate(), process(gaveUp))
    assert.deepEqual(await storedEvents(shop.ledger, FALLBACK), [])
  })

  test('that the process manager compensates by commands needs none either', async () => {
    await using shop = await rejected(
      orderAggregate(),
      process(({ customerId }) => note(customerId)),
    )
    assert.deepEqual(await storedEvents(shop.ledger, FALLBACK), [])
  })

  test('that nobody does anything about is stored as SagaCompensationFailed', async () => {
    await using shop = await rejected(
      orderAggregate(),
      process(() => undefined),
    )
    assert.equal((await storedEvents(shop.ledger, FALLBACK)).length, 1)
  })

  // The contract's answer of a process manager has no place for a wish.
  it('that the process manager leaves to the framework is stored with its reason, once', async () => {
    await using shop = await rejected(
      orderAggregate(),
      process(() => pmDelegateToFramework('no other supplier')),
    )
    const failures = await messagesIn(shop.ledger, FALLBACK, SagaCompensationFailedSchema)
    assert.deepEqual(
      failures.map(({ compensationFailureReason }) => compensationFailureReason),
      ['no other supplier'],
    )
  })

  // The contract's answer of a process manager has no place for a wish.
  it('may be compensated by events and stored as failed as well', async () => {
    await using shop = await rejected(
      orderAggregate(),
      process(() => {
        const [book] = booksOf([create(orders.OrderCancelledSchema)])
        assert.ok(book !== undefined)
        return pmEmitCompensationEvents(book, true, 'half undone')
      }),
    )
    assert.equal((await storedEvents(shop.ledger, 'fulfillment-process')).length, 2)
    assert.equal((await storedEvents(shop.ledger, FALLBACK)).length, 1)
  })

  test('is told to it once, also when the notifications are delivered again', async () => {
    await using folder = await ledgerFolder()
    let told = 0
    const manager = process(({ customerId }) => {
      told++
      return note(customerId)
    })
    const components = [compensatingOrder(), stock, manager]
    {
      await using shop = await openFaultyShop(components, { folder })
      await createOrder(shop, 'order-1')
      await shop.settled()
      const news = deliveryWrites(shop.faulty).filter(({ key }) => key.includes('rejection'))
      await putBack(shop.faulty, news)
    }
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.equal(told, 1)
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderNoteAdded',
      'OrderCancelled',
    ])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('is told to its source although the process died after the process manager had answered', async () => {
    await using folder = await ledgerFolder()
    const components = [compensatingOrder(), stock, process(gaveUp)]
    const first = await openMortalShop(components, {
      folder,
      fatal: ({ appends = [] }) =>
        appends.some(({ events }) => events[0]?.type === orders.OrderCancelledSchema.typeName),
      death: 'after',
    })
    await createOrder(first, 'order-1')
    await first.death
    await first.bury()
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderCancelled',
    ])
    assert.equal((await storedEvents(shop.ledger, 'fulfillment-process')).length, 2)
  })
})

describe('a saga that answers rejections itself', () => {
  const listening = (act: boolean): Component =>
    defineSaga({ name: 'listening', source: 'order', target: 'inventory' })
      .handles(orders.OrderCreatedSchema, () =>
        command('inventory', 'sku-1', inventory.ReserveStockSchema, { quantity: 1 }),
      )
      .rejected('inventory', inventory.ReserveStockSchema, () =>
        act ? command('inventory', 'sku-1', inventory.AddStockSchema, { quantity: 1 }) : undefined,
      )

  test('is told before the source', async () => {
    await using shop = await rejected(compensatingOrder(), listening(true))
    assert.deepEqual(await logOf(shop), [
      'order OrderCreated',
      'inventory StockAdded',
      'order OrderCancelled',
    ])
  })

  test('and does nothing leaves it to the source', async () => {
    await using shop = await rejected(orderAggregate(), listening(false))
    assert.equal((await storedEvents(shop.ledger, FALLBACK)).length, 1)
  })
})
