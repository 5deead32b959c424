import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { delegateToFramework, type DelegationOptions } from '../../src/component/compensation.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Component } from '../../src/component/definition.ts'
import { RejectionHandlerResponse } from '../../src/component/handler-responses.ts'
import type { RejectionResult } from '../../src/component/handler-results.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { bytesOfRoot } from '../../src/identity.ts'
import { SagaCompensationFailedSchema } from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  CommandBookSchema,
  type Notification,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { commandTypeOf } from './dead-letter-contents.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop, type ShopOptions } from './open-shop.ts'
import { deliveryWrites, putBack } from './redelivery.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate, refusingStock, reserveStock, stock } from './shop.ts'
import { messagesIn, rowsOf, storedEvents, streamKey, typesOf } from './stored-events.ts'
import { placeOfTest, twice as test } from './twice.ts'

const FALLBACK = 'angzarr-saga-failures'

/** An order that answers a rejected ReserveStock so. */
function answering(answer: (notification: Notification) => RejectionResult): Component {
  return orderAggregate().rejected('inventory', inventory.ReserveStockSchema, answer)
}

async function rejected(order: Component, options: ShopOptions = {}): Promise<Shop> {
  const shop = await openShop([order, stock, reserveStock], options)
  await createOrder(shop, 'order-1')
  await shop.settled()
  return shop
}

const delegating = (options: DelegationOptions): Component =>
  answering(() => delegateToFramework('nobody knows how', options))

describe('a rejection that nobody compensates', () => {
  test('is stored as SagaCompensationFailed in the fallback domain [weakness-32]', async () => {
    await using shop = await rejected(orderAggregate())
    const [failure] = await messagesIn(shop.ledger, FALLBACK, SagaCompensationFailedSchema)
    assert.equal(failure?.triggeringAggregate?.domain, 'order')
    assert.equal(failure?.triggeringEventSequence, 0)
    assert.equal(failure?.rejectionReason, 'out of stock')
    // On the wire an answer of nothing and nobody to answer are the same.
    const isHere = placeOfTest().kind === 'in process'
    const reason = isHere
      ? 'no custom handler for inventory/inventory.ReserveStock'
      : 'client logic returned empty response'
    assert.equal(failure?.compensationFailureReason, reason)
    assert.equal(failure?.rejectedCommand?.cover?.domain, 'inventory')
  })

  test('is stored under a root that follows from what failed [weakness-32]', async () => {
    await using shop = await rejected(orderAggregate())
    const [event] = await storedEvents(shop.ledger, FALLBACK)
    const [failure] = await messagesIn(shop.ledger, FALLBACK, SagaCompensationFailedSchema)
    assert.ok(failure?.rejectedCommand !== undefined)
    const digest = createHash('sha256')
    const parts = [
      'order',
      bytesOfRoot(streamKey('order', 'order-1').root),
      new Uint8Array(4),
      toBinary(CommandBookSchema, failure.rejectedCommand),
    ]
    for (const part of parts) digest.update(part).update(new Uint8Array(1))
    digest.update(failure.compensationFailureReason)
    assert.deepEqual(
      Buffer.from(bytesOfRoot(event?.key.root ?? streamKey('order', 'order-1').root)),
      digest.digest().subarray(0, 16),
    )
  })

  test('is stored once, also when its notification is delivered again', async () => {
    await using folder = await ledgerFolder()
    const components = [orderAggregate(), stock, reserveStock]
    {
      await using shop = await openFaultyShop(components, { folder })
      await createOrder(shop, 'order-1')
      await shop.settled()
      await putBack(shop.faulty, deliveryWrites(shop.faulty))
    }
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.equal((await storedEvents(shop.ledger, FALLBACK)).length, 1)
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('is stored where the options say', async () => {
    await using shop = await rejected(orderAggregate(), { fallbackDomain: 'failures' })
    assert.equal((await storedEvents(shop.ledger, 'failures')).length, 1)
  })

  test('because the handler had nothing to say is stored as well', async () => {
    await using shop = await rejected(answering(() => undefined))
    assert.equal((await storedEvents(shop.ledger, FALLBACK)).length, 1)
  })

  test('because the handler only forwards it is stored as well', async () => {
    const order = answering((notification) => new RejectionHandlerResponse({ notification }))
    await using shop = await rejected(order)
    assert.equal((await storedEvents(shop.ledger, FALLBACK)).length, 1)
  })

  test('because its handler refuses it is a dead letter, at once', async () => {
    let calls = 0
    const order = answering(() => {
      calls++
      throw CommandRejectedError.preconditionFailed('TOO_LATE', 'shipped already')
    })
    await using shop = await rejected(order)
    assert.equal(calls, 1)
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.code, 'TOO_LATE')
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), ['OrderCreated'])
  })
})

describe('a rejection that is compensated by events', () => {
  test('leaves no other record', async () => {
    const order = answering(() => create(orders.OrderCancelledSchema))
    await using shop = await rejected(order)
    assert.deepEqual(await storedEvents(shop.ledger, FALLBACK), [])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })
})

describe('an aggregate that leaves a rejection to the framework', () => {
  test('has it stored with its reason', async () => {
    await using shop = await rejected(delegating({}))
    const [failure] = await messagesIn(shop.ledger, FALLBACK, SagaCompensationFailedSchema)
    assert.equal(failure?.compensationFailureReason, 'nobody knows how')
  })

  test('may decline it', async () => {
    await using shop = await rejected(delegating({ emitSystemEvent: false }))
    assert.deepEqual(await storedEvents(shop.ledger, FALLBACK), [])
    assert.deepEqual(await shop.deadLetters.list(), [])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('may have the rejected command put on the desk, with the original reason [coordinator-C-0448]', async () => {
    await using shop = await rejected(delegating({ sendToDeadLetter: true }))
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.domain, 'inventory')
    assert.equal(letter?.reason, 'out of stock')
    assert.equal(commandTypeOf(letter?.letter), inventory.ReserveStockSchema.typeName)
    await shop.deadLetters.discard(letter?.id ?? '')
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('may alert somebody', async () => {
    const logged: string[] = []
    const log = (level: string, event: string): unknown => logged.push(`${level} ${event}`)
    await using _ = await rejected(delegating({ escalate: true }), { log })
    assert.ok(logged.includes('error compensation_escalated'))
  })

  test('may abort: nothing is stored but a letter that says so', async () => {
    await using shop = await rejected(delegating({ abort: true }))
    assert.deepEqual(await storedEvents(shop.ledger, FALLBACK), [])
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.reason, 'Compensation aborted: nobody knows how')
    assert.equal(letter?.key, undefined)
  })
})

describe('a command of a saga', () => {
  /** A saga that answers OrderCreated so. */
  function onOrder(book: ReturnType<typeof command>): Component {
    const saga = defineSaga({ name: 'sending', source: 'order', target: 'inventory' })
    return saga.handles(orders.OrderCreatedSchema, () => book)
  }
  const reserve = (orderId: string): ReturnType<typeof command> =>
    command('inventory', 'sku-1', inventory.ReserveStockSchema, { orderId })

  const malformed = reserve('o')
  const payload = malformed.pages[0]?.payload
  if (payload?.case === 'command') payload.value.value = new Uint8Array([0xff])

  const rows: readonly (readonly [string, ReturnType<typeof command>, string])[] = [
    [
      'of a type nobody handles',
      command('inventory', 'sku-1', orders.AddItemSchema, {}),
      'NO_HANDLER_REGISTERED',
    ],
    [
      'for a domain nobody serves',
      command('nowhere', 'x', orders.AddItemSchema, {}),
      'UNKNOWN_DOMAIN',
    ],
    ['that cannot be decoded', malformed, 'ANY_DECODE_FAILED'],
    ['that is too large', reserve('x'.repeat(262_144)), 'PAYLOAD_TOO_LARGE'],
  ]
  for (const [what, book, code] of rows) {
    test(`${what} is put on the desk at once, and its source is told`, async () => {
      const told: string[] = []
      const order = orderAggregate()
        .rejected('inventory', inventory.ReserveStockSchema, (_n, _s, rejection) => {
          told.push(rejection.code)
          return create(orders.OrderCancelledSchema)
        })
        .rejected('inventory', orders.AddItemSchema, (_n, _s, rejection) => {
          told.push(rejection.code)
          return create(orders.OrderCancelledSchema)
        })
      await using shop = await openShop([order, stock, onOrder(book)])
      await createOrder(shop, 'order-1')
      await shop.settled()
      const [letter] = await shop.deadLetters.list()
      assert.equal(letter?.code, code)
      assert.equal(letter?.attempts, 1)
      assert.equal(letter?.key, undefined)
      if (code !== 'UNKNOWN_DOMAIN') assert.deepEqual(told, [code])
      else assert.equal((await storedEvents(shop.ledger, FALLBACK)).length, 1)
    })
  }

  for (const status of ['INVALID_ARGUMENT', 'NOT_FOUND', 'FAILED_PRECONDITION'] as const) {
    test(`refused by its handler as ${status} leads to a notification, not to a letter [coordinator-AC-02]`, async () => {
      const refusing = refusingStock(new CommandRejectedError('no', status))
      const order = answering(() => create(orders.OrderCancelledSchema))
      await using shop = await openShop([order, refusing, onOrder(reserve('o'))])
      await createOrder(shop, 'order-1')
      await shop.settled()
      assert.deepEqual(await shop.deadLetters.list(), [])
      assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
        'OrderCreated',
        'OrderCancelled',
      ])
    })
  }

  test('that is rejected does not keep the next one from being sent [coordinator-AC-04]', async () => {
    const saga = defineSaga({ name: 'two', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      () => [
        command('inventory', 'sku-1', inventory.ReserveStockSchema, { quantity: 9 }),
        command('inventory', 'sku-1', inventory.AddStockSchema, { quantity: 1 }),
      ],
    )
    let told = 0
    const order = answering(() => {
      told++
      return create(orders.OrderCancelledSchema)
    })
    await using shop = await openShop([order, stock, saga])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(await typesOf(shop.ledger, 'inventory', 'sku-1'), ['StockAdded'])
    assert.equal(told, 1)
  })
})
