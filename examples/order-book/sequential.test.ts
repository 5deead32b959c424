import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadNorthwind, type TradeOrder } from './northwind.ts'
import { judgeInTurn, type Verdict } from './sequential.ts'
import { newSettings } from './settings.ts'
import { planTrade, type Trade } from './trade.ts'

const nothingWanted = {
  stockFactor: undefined,
  creditLimitCents: undefined,
  repeat: undefined,
  concurrency: undefined,
}

function order(number: number, changes: Partial<TradeOrder> = {}): TradeOrder {
  return {
    number,
    customer: 'A',
    country: 'Peru',
    orderedOn: '2012-07-01',
    shipper: 1,
    shippedOn: '2012-07-02',
    lines: [{ product: 1, quantity: 5, cents: 100n }],
    ...changes,
  }
}

function verdicts(orders: readonly TradeOrder[], opening = 10, limit = 250n): Verdict[] {
  const trade: Trade = {
    products: [
      { id: 1, name: 'Chai', opening },
      { id: 2, name: 'Tofu', opening: 0 },
    ],
    customers: new Map([['A', 'Ann']]),
    shippers: new Map([[1, 'Speedy']]),
    creditLimitCents: limit,
    orders,
  }
  return [...judgeInTurn(trade).values()]
}

describe('judgeInTurn', () => {
  test('orders go through while there is stock', () => {
    assert.deepEqual(verdicts([order(1), order(2), order(3)], 10, 1000n), [
      'CONFIRMED',
      'CONFIRMED',
      'OUT_OF_STOCK',
    ])
  })
  test('an order that fails takes nothing away from the next one', () => {
    const two = [...order(1).lines, { product: 2, quantity: 1, cents: 1n }]
    assert.deepEqual(verdicts([order(1, { lines: two }), order(2), order(3)]), [
      'OUT_OF_STOCK',
      'CONFIRMED',
      'CONFIRMED',
    ])
  })
  test('what is owed counts until thirty days after the parcel left', () => {
    const later = (orderedOn: string): Partial<TradeOrder> => ({ orderedOn, shippedOn: orderedOn })
    const orders = [order(1), order(2), order(3), order(4, later('2012-07-31'))]
    assert.deepEqual(verdicts([...orders, order(5, later('2012-08-01'))], 100), [
      'CONFIRMED',
      'CONFIRMED',
      'CREDIT_EXCEEDED',
      'CREDIT_EXCEEDED',
      'CONFIRMED',
    ])
  })
  test('the limit may be reached, but not exceeded', () => {
    assert.deepEqual(verdicts([order(1)], 10, 100n), ['CONFIRMED'])
    assert.deepEqual(verdicts([order(1)], 10, 99n), ['CREDIT_EXCEEDED'])
  })
  test('an order without a shipped date finds no carrier', () => {
    assert.deepEqual(verdicts([order(1, { shippedOn: undefined }), order(2)]), [
      'NO_CARRIER',
      'CONFIRMED',
    ])
  })
  test('with the default settings each verdict occurs, and about half of the orders go through', () => {
    const trade = planTrade(loadNorthwind(), newSettings(nothingWanted))
    const counts = Map.groupBy(judgeInTurn(trade).values(), (verdict) => verdict)
    const sizes = Object.fromEntries([...counts].map(([verdict, all]) => [verdict, all.length]))
    assert.deepEqual(sizes, {
      CONFIRMED: 452,
      OUT_OF_STOCK: 315,
      CREDIT_EXCEEDED: 57,
      NO_CARRIER: 6,
    })
  })
})

describe('planTrade', () => {
  test('replays have numbers of their own, follow in time and find stock for all', () => {
    const data = loadNorthwind()
    const { orders, products } = planTrade(data, newSettings({ ...nothingWanted, repeat: 3 }))
    assert.equal(orders.length, 3 * 830)
    assert.equal(new Set(orders.map(({ number }) => number)).size, orders.length)
    const days = orders.map(({ orderedOn }) => orderedOn)
    assert.deepEqual(days, days.toSorted())
    assert.equal(products[0]?.opening, 39 * 20 * 3)
  })
})
