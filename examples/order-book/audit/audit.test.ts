import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from 'amends'
import * as account from '../gen/account_pb.ts'
import * as inventory from '../gen/inventory_pb.ts'
import * as shipment from '../gen/shipment_pb.ts'
import type { BusinessEvent } from '../history.ts'
import { audit } from './audit.ts'
import type { Evidence } from './evidence.ts'
import { noteFact } from './facts.ts'
import {
  cancelled,
  charged,
  confirmedOrder,
  placed,
  refunded,
  released,
  reserved,
  sampleEvents,
  sampleEvidence,
  sampleTrade,
  shipped,
} from './sample-books.ts'

type Name = BusinessEvent['$typeName']

/** The events but one: the nth of its type. */
function without(type: Name, nth = 0): readonly BusinessEvent[] {
  const gone = sampleEvents.filter((event) => event.$typeName === type)[nth]
  assert.ok(gone)
  return sampleEvents.filter((event) => event !== gone)
}

function and(...events: readonly BusinessEvent[]): readonly BusinessEvent[] {
  return [...sampleEvents, ...events]
}

/** The rules that are broken, each once, by name. */
function broken(changes: Parameters<typeof sampleEvidence>[0] = {}): readonly string[] {
  return [...new Set(audit(sampleEvidence(changes)).map(({ rule }) => rule))].toSorted()
}

function assertBroken(rule: string, events: readonly BusinessEvent[]): void {
  assert.ok(broken({ events }).includes(rule), `${rule} not among ${broken({ events }).join()}`)
}

describe('audit', () => {
  test('clean books have no findings', () => {
    assert.deepEqual(audit(sampleEvidence()), [])
  })

  test('ORDER_MISSING: an order that was never placed is found', () => {
    const fourth = { ...confirmedOrder, number: 4 }
    const trade = { ...sampleTrade, orders: [...sampleTrade.orders, fourth] }
    assert.deepEqual(broken({ trade }), ['ORDER_MISSING'])
  })
  test('an interrupted run may leave orders unplaced, and nothing else', () => {
    const trade = {
      ...sampleTrade,
      orders: [...sampleTrade.orders, { ...confirmedOrder, number: 4 }],
    }
    assert.deepEqual(broken({ trade, complete: false }), [])
    assert.deepEqual(
      broken({ events: without('orderbook.order.OrderCancelled'), complete: false }),
      ['ORDER_OPEN', 'VERDICT'],
    )
  })
  test('ORDER_UNKNOWN: an order that nobody gave is found', () => {
    assertBroken('ORDER_UNKNOWN', and(placed({ number: 9, lines: [] }), cancelled(9, 'NO_CARRIER')))
  })
  test('ORDER_PLACED_TWICE: an order that was placed twice is found', () => {
    assert.deepEqual(broken({ events: and(placed(confirmedOrder)) }), ['ORDER_PLACED_TWICE'])
  })
  test('ORDER_OPEN: an order that never ended is found', () => {
    assertBroken('ORDER_OPEN', without('orderbook.order.OrderCancelled', 1))
  })
  test('ORDER_ENDED_TWICE: an order both confirmed and cancelled is found', () => {
    assertBroken('ORDER_ENDED_TWICE', and(cancelled(1, 'NO_CARRIER')))
    assertBroken('ORDER_ENDED_TWICE', and(cancelled(2, 'NO_CARRIER')))
  })

  test('STOCK_OPENING: stock received twice, or not at all, is found', () => {
    const again = create(inventory.StockReceivedSchema, { product: 1, quantity: 10 })
    assertBroken('STOCK_OPENING', and(again))
    assertBroken('STOCK_OPENING', without('orderbook.inventory.StockReceived', 1))
  })
  test('STOCK_SHIPPED: goods that did not leave, or left for an amended order, are found', () => {
    assertBroken('STOCK_SHIPPED', without('orderbook.inventory.StockShipped'))
    assertBroken('STOCK_SHIPPED', and(shipped(2, 1, 1, 4)))
  })
  test('STOCK_OVERSOLD: more promised than there was is found, even when it is made good', () => {
    assertBroken('STOCK_OVERSOLD', and(reserved(3, 2, 2, 9), released(3, 2, 2, 9)))
  })
  test('STOCK_RESERVED: a line of an amended order that is still set aside is found', () => {
    assertBroken('STOCK_RESERVED', without('orderbook.inventory.StockReleased', 1))
  })
  test('LINE_WRONG: a line released twice, or released unreserved, is found', () => {
    assertBroken('LINE_WRONG', and(released(3, 1, 1, 4)))
    assertBroken('LINE_WRONG', and(released(3, 2, 2, 9)))
  })
  test('LINE_WRONG: another quantity than the order says is found', () => {
    assertBroken('LINE_WRONG', and(reserved(3, 1, 1, 3), released(3, 1, 1, 3)))
  })

  test('CHARGE_WRONG: a wrong amount, or a confirmed order without its charge, is found', () => {
    assertBroken('CHARGE_WRONG', and(charged(3, 1n), refunded(3, 1n)))
    assertBroken('CHARGE_WRONG', without('orderbook.account.AccountCharged'))
  })
  test('CHARGE_KEPT: a charge of an amended order that was not refunded is found', () => {
    assert.deepEqual(broken({ events: without('orderbook.account.ChargeRefunded') }), [
      'CHARGE_KEPT',
    ])
  })
  test('REFUND_TWICE: a charge refunded twice is found', () => {
    assertBroken('REFUND_TWICE', and(refunded(2, 400n)))
  })
  test('REFUND_WITHOUT_CHARGE: a refund of what was not charged is found', () => {
    assertBroken('REFUND_WITHOUT_CHARGE', and(refunded(3, 1000n)))
    assertBroken('REFUND_WITHOUT_CHARGE', and(refunded(1, 1000n)))
  })
  test('INVOICE_WRONG: an invoice too many or too few is found', () => {
    const invoice = create(account.ChargeInvoicedSchema, { customer: 'ANN', order: 2, cents: 400n })
    assertBroken('INVOICE_WRONG', and(invoice))
    assertBroken('INVOICE_WRONG', without('orderbook.account.ChargeInvoiced'))
  })
  test('CREDIT_OVERRUN: an account beyond its limit is found, even when it comes back', () => {
    assertBroken('CREDIT_OVERRUN', and(charged(3, 1600n), refunded(3, 1600n)))
  })
  test('PARCEL_WRONG: a parcel of an amended order, or none of a confirmed one, is found', () => {
    const parcel = create(shipment.ShipmentDispatchedSchema, { order: 3 })
    assert.deepEqual(broken({ events: and(parcel) }), ['PARCEL_WRONG'])
    assertBroken('PARCEL_WRONG', without('orderbook.shipment.ShipmentDispatched'))
  })

  test('STOCK_ROW: a read model that says something else than the events is found', () => {
    const [first, second] = sampleEvidence().stock
    assert.ok(first && second)
    assert.deepEqual(broken({ stock: [{ ...first, reserved: 1 }, second] }), ['STOCK_ROW'])
    assert.deepEqual(broken({ stock: [first] }), ['STOCK_ROW'])
  })
  test('REVENUE_ROW: revenue that nobody earned, or that is missing, is found', () => {
    const [row] = sampleEvidence().revenue
    assert.ok(row)
    assert.deepEqual(broken({ revenue: [] }), ['REVENUE_ROW'])
    assert.deepEqual(broken({ revenue: [{ ...row, cents: 999n }] }), ['REVENUE_ROW'])
    assert.deepEqual(broken({ revenue: [row, { ...row, country: 'Chile' }] }), ['REVENUE_ROW'])
  })

  test('DEAD_LETTER: what could not be delivered is found', () => {
    assert.deepEqual(broken({ deadLetters: ['ship-stock: HANDLER_FAILED'] }), ['DEAD_LETTER'])
  })
  test('EVENT_FOREIGN: an event that no component writes is found', () => {
    const evidence: Evidence = sampleEvidence()
    noteFact(evidence.facts, {
      domain: 'angzarr-saga-failures',
      correlationId: '',
      recordedMs: 0,
      type: 'angzarr_client.proto.angzarr.SagaCompensationFailed',
      event: undefined,
    })
    assert.deepEqual(
      audit(evidence).map(({ rule }) => rule),
      ['EVENT_FOREIGN'],
    )
  })

  test('VERDICT: an order that ends otherwise than calculated is found, if orders came in turn', () => {
    const events = [...without('orderbook.order.OrderCancelled', 0), cancelled(2, 'OUT_OF_STOCK')]
    assert.deepEqual(broken({ events }), ['VERDICT'])
    assert.deepEqual(broken({ events, inTurn: false }), [])
  })
})
