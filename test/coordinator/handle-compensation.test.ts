import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { Component } from '../../src/component/definition.ts'
import {
  type CommandRequest,
  CommandRequestSchema,
  CompensateSchema,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { newCover } from '../../src/wire/cover.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { refusedWithoutTrace } from './nothing-stored.ts'
import { openShop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addStock, createOrder } from './shop-commands.ts'
import { compensatingOrder, orderAggregate } from './shop.ts'
import { storedEvents, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

/** An inventory that can undo what it has done, and tells what it is asked. */
function undoing(asked: string[]): Component {
  return defineAggregate({ domain: 'inventory', state: inventory.StockStateSchema })
    .handles(inventory.AddStockSchema, ({ quantity }) =>
      create(inventory.StockAddedSchema, { quantity }),
    )
    .undoes(inventory.AddStockSchema, () => {
      asked.push('AddStock')
      return create(inventory.StockReleasedSchema, { quantity: 1 })
    })
    .undoes(inventory.ReserveStockSchema, () => {
      asked.push('ReserveStock')
      return create(inventory.StockReleasedSchema, { quantity: 2 })
    })
}

const P = {
  source: newCover({ domain: 'order', root: 'order-1' }),
  sourceSeq: 0,
  sourceComponent: 'order-fulfillment',
}

/** A Compensate for sku-1 with provenance P. */
function undo(commandType: string, commandIndex = 0): CommandRequest {
  const compensate = create(CompensateSchema, { commandType, sequences: [0], reason: 'why not' })
  return enveloped('inventory', 'sku-1', packAny(CompensateSchema, compensate), commandIndex)
}

/** A rejection of a ReserveStock for order-1 with provenance P. */
function rejection(commandIndex = 0): CommandRequest {
  const payload = packAny(inventory.ReserveStockSchema, create(inventory.ReserveStockSchema))
  const rejectedCommand = {
    cover: newCover({ domain: 'inventory', root: 'sku-1' }),
    pages: [{ payload: { case: 'command' as const, value: payload } }],
  }
  const init = { rejectedCommand, rejectionReason: 'out of stock', code: 'OUT_OF_STOCK' }
  const notification = packAny(
    RejectionNotificationSchema,
    create(RejectionNotificationSchema, init),
  )
  return enveloped('order', 'order-1', notification, commandIndex)
}

function enveloped(
  domain: string,
  root: string,
  payload: ReturnType<typeof packAny>,
  commandIndex: number,
): CommandRequest {
  const cover = newCover({ domain, root })
  const notification = create(NotificationSchema, { cover, payload })
  const sequenceType = { case: 'angzarrDeferred' as const, value: { ...P, commandIndex } }
  const value = packAny(NotificationSchema, notification)
  const page = { header: { sequenceType }, payload: { case: 'command' as const, value } }
  return create(CommandRequestSchema, { command: { cover, pages: [page] } })
}

const ADD = inventory.AddStockSchema.typeName
const RESERVE = inventory.ReserveStockSchema.typeName

describe('a request to undo', () => {
  test('is carried out once, although the command had the same provenance, and answered with the same events again [coordinator-C-0473]', async () => {
    const asked: string[] = []
    await using shop = await openShop([orderAggregate(), undoing(asked)])
    await addStock(shop, 1)
    const first = await shop.services.handleCompensation(undo(ADD))
    const again = await shop.services.handleCompensation(undo(ADD))
    assert.ok(first.result.case === 'events' && again.result.case === 'events')
    assert.equal(first.result.value.pages.length, 1)
    assert.deepEqual(again.result.value.pages, first.result.value.pages)
    assert.deepEqual(asked, ['AddStock'])
    assert.deepEqual(await typesOf(shop.ledger, 'inventory', 'sku-1'), [
      'StockAdded',
      'StockReleased',
    ])
  })

  test('reaches the undo of its command type, and no other [coordinator-C-0478]', async () => {
    const asked: string[] = []
    await using shop = await openShop([orderAggregate(), undoing(asked)])
    await shop.services.handleCompensation(undo(RESERVE))
    assert.deepEqual(asked, ['ReserveStock'])
    assert.deepEqual(await typesOf(shop.ledger, 'inventory', 'sku-1'), ['StockReleased'])
  })

  test('for which there is no undo is refused as unimplemented', async () => {
    await using shop = await openShop([orderAggregate(), undoing([])])
    const refusal = await refusalOf(shop.services.handleCompensation(undo('inventory.CountStock')))
    assert.deepEqual([refusal.code, refusal.grpcStatus], ['NO_UNDO_HANDLER', 'UNIMPLEMENTED'])
    assert.deepEqual(await storedEvents(shop.ledger), [])
  })

  test('is carried out once when nobody could tell what became of its commit', async () => {
    const asked: string[] = []
    await using shop = await openFaultyShop([orderAggregate(), undoing(asked)])
    shop.faulty.failAt(1, 'done-but-reported-failed')
    await shop.services.handleCompensation(undo(ADD))
    await shop.services.handleCompensation(undo(ADD))
    assert.deepEqual(asked, ['AddStock'])
  })
})

describe('a rejection from elsewhere', () => {
  test('is compensated once for its provenance [weakness-11]', async () => {
    await using shop = await openShop([compensatingOrder(), undoing([])])
    await createOrder(shop, 'order-1')
    for (const index of [0, 0, 1]) await shop.services.handleCompensation(rejection(index))
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderCancelled',
      'OrderCancelled',
    ])
  })

  it('that nobody declared a handler for is left to the framework', async () => {
    await using shop = await openShop([orderAggregate(), undoing([])])
    const { result } = await shop.services.handleCompensation(rejection())
    assert.ok(result.case === 'revocation')
    assert.equal(result.value.emitSystemRevocation, true)
  })
})

describe('an envelope', () => {
  const any = packAny(orders.AddItemSchema, create(orders.AddItemSchema))
  const cover = newCover({ domain: 'order', root: 'order-1' })
  const command = { cover, pages: [{ payload: { case: 'command' as const, value: any } }] }
  const rows: readonly (readonly [string, CommandRequest, string])[] = [
    ['without a book', create(CommandRequestSchema), 'MISSING_COMMAND_BOOK'],
    [
      'without pages',
      create(CommandRequestSchema, { command: { cover } }),
      'COMPENSATION_ENVELOPE_INVALID',
    ],
    ['of a command', create(CommandRequestSchema, { command }), 'COMPENSATION_ENVELOPE_INVALID'],
    [
      'of a notification of something else',
      enveloped('order', 'order-1', any, 0),
      'COMPENSATION_ENVELOPE_INVALID',
    ],
    [
      'for a domain nobody serves',
      enveloped('nowhere', 'x', packAny(CompensateSchema, create(CompensateSchema)), 0),
      'UNKNOWN_DOMAIN',
    ],
  ]
  for (const [what, request, code] of rows) {
    test(`${what} is refused, and nothing is stored`, async () => {
      await using shop = await openShop([orderAggregate()])
      const send = (): unknown => shop.services.handleCompensation(request)
      assert.equal(await refusedWithoutTrace(shop.ledger, send), code)
    })
  }
})
