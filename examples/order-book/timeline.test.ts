import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from 'amends'
import {
  cancelled,
  charged,
  orderWithoutCarrier,
  placed,
  refunded,
  released,
  reserved,
  sampleTrade,
} from './audit/sample-books.ts'
import { StepRefusedSchema, StepTakenSchema } from './gen/fulfillment_pb.ts'
import type { BusinessEvent, Entry } from './history.ts'
import { orderToTell, tellOrder } from './timeline.ts'

const entries = (events: readonly BusinessEvent[]): readonly Entry[] =>
  events.map((event, index) => ({
    domain: 'sample',
    correlationId: 'order-2',
    recordedMs: 1000 + index,
    type: event.$typeName,
    event,
  }))

describe('tellOrder', () => {
  test('an amended order is told step by step, there and back', () => {
    const told = tellOrder(
      sampleTrade,
      2,
      entries([
        placed(orderWithoutCarrier),
        reserved(2, 1, 1, 4),
        create(StepTakenSchema, { step: 0 }),
        charged(2, 400n),
        create(StepRefusedSchema, { step: 2, code: 'NO_CARRIER', reason: 'no carrier takes it' }),
        refunded(2, 400n),
        released(2, 1, 1, 4),
        cancelled(2, 'NO_CARRIER'),
      ]),
    )
    assert.deepEqual(told.slice(0, 9), [
      'What happened to order 2: Ann ordered 1 product for 4.00.',
      '',
      '       0 ms  The order comes in.',
      '       1 ms  + Set aside in the warehouse: 4 x Tea.',
      "       3 ms  + Charged to the customer's account: 4.00.",
      '       4 ms  ! No carrier takes the parcel. From here on everything is undone.',
      "       5 ms  - Refunded to the customer's account: 4.00.",
      '       6 ms  - Put back on the shelf: 4 x Tea.',
      '       7 ms  The order is cancelled: NO_CARRIER, told so.',
    ])
  })
  test('a line that is out of stock is named by its product', () => {
    const refusal = create(StepRefusedSchema, {
      step: 1,
      code: 'OUT_OF_STOCK',
      reason: '9 wanted, 2 free',
    })
    const told = tellOrder(sampleTrade, 3, entries([refusal]))
    assert.ok(told.some((line) => line.includes('Not enough Tofu: 9 wanted, 2 free.')))
  })
  test('an order that nobody knows has no tale', () => {
    assert.deepEqual(tellOrder(sampleTrade, 99, []), [])
  })
})

describe('orderToTell', () => {
  test('the order that had come furthest is chosen', () => {
    const amended = new Map([
      [3, 'OUT_OF_STOCK'],
      [2, 'NO_CARRIER'],
    ])
    assert.equal(orderToTell(sampleTrade, amended), 2)
    assert.equal(orderToTell(sampleTrade, new Map([[3, 'OUT_OF_STOCK']])), 3)
    assert.equal(orderToTell(sampleTrade, new Map()), undefined)
  })
})
