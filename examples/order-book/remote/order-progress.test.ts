import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import * as account from '../gen/account_pb.ts'
import * as fulfillment from '../gen/fulfillment_pb.ts'
import * as inventory from '../gen/inventory_pb.ts'
import * as order from '../gen/order_pb.ts'
import { ShipmentDispatchedSchema } from '../gen/shipment_pb.ts'
import { type BusinessEvent, correlationOf, type Entry } from '../history.ts'
import { unsettledOrders } from './order-progress.ts'

/** An event in a book whose last event is of the given order. */
function entry<S extends DescMessage>(schema: S, init: MessageInitShape<S>, last: number): Entry {
  // Only events of the business are made here.
  const event = create(schema, init) as unknown as BusinessEvent
  const correlationId = correlationOf(last)
  return { domain: '', correlationId, recordedMs: 0, type: schema.typeName, event }
}

const begun = (number: number): readonly Entry[] => [
  entry(order.OrderPlacedSchema, { order: { number, lines: [{}] } }, number),
  entry(fulfillment.FulfillmentStartedSchema, {}, number),
  // The books of products and customers go on with other orders.
  entry(inventory.StockReservedSchema, { order: number }, 99),
  entry(fulfillment.StepTakenSchema, {}, number),
]

const confirmed = (number: number): readonly Entry[] => [
  ...begun(number),
  entry(account.AccountChargedSchema, { order: number }, 99),
  entry(fulfillment.StepTakenSchema, {}, number),
  entry(ShipmentDispatchedSchema, { order: number }, number),
  entry(fulfillment.StepTakenSchema, {}, number),
  entry(inventory.StockShippedSchema, { order: number }, 99),
  entry(account.ChargeInvoicedSchema, { order: number }, 99),
  entry(order.OrderConfirmedSchema, { number }, number),
]

const cancelled = (number: number): readonly Entry[] => [
  ...begun(number),
  entry(fulfillment.StepRefusedSchema, {}, number),
  entry(inventory.StockReleasedSchema, { order: number }, 99),
  entry(fulfillment.StepUndoneSchema, {}, number),
  entry(order.OrderCancelledSchema, { number }, number),
]

describe('an order', () => {
  test('that is only begun is unsettled', () => {
    assert.deepEqual(unsettledOrders([...begun(1), ...begun(2)]), [1, 2])
  })

  for (const [how, all] of [
    ['confirmed', confirmed(1)],
    ['cancelled', cancelled(1)],
  ] as const) {
    test(`that is ${how} is settled, in whatever order its books are read`, () => {
      assert.deepEqual(unsettledOrders([...all, ...begun(2)]), [2])
      assert.deepEqual(unsettledOrders([...begun(2), ...all].toReversed()), [2])
    })

    test(`that is ${how} is unsettled while anything of it is missing`, () => {
      for (const missing of all.slice(1)) {
        const rest = all.filter((one) => one !== missing)
        assert.deepEqual(unsettledOrders(rest), [1], `without ${missing.type}`)
      }
    })
  }
})
