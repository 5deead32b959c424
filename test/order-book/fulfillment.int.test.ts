import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openCoordinator } from 'amends/coordinator'
import { components } from '../../examples/order-book/components/all.ts'
import * as account from '../../examples/order-book/gen/account_pb.ts'
import * as inventory from '../../examples/order-book/gen/inventory_pb.ts'
import { PlaceOrderSchema } from '../../examples/order-book/gen/order_pb.ts'
import { StockRowSchema } from '../../examples/order-book/gen/views_pb.ts'
import { readOrderHistory } from '../../examples/order-book/history.ts'
import { scratchFolder } from './run-program.ts'

type Wanted = {
  readonly tofu?: number
  readonly cents?: bigint
  readonly shippedOn?: string | undefined
}

/** Places one order of 2 tea and some tofu where there are 5 of each, and tells what came of it. */
async function place(wanted: Wanted) {
  await using folder = await scratchFolder()
  const ledger = join(folder.path, 'books.db')
  await using coordinator = await openCoordinator({ ledger, components })
  for (const product of [1, 2]) {
    await coordinator
      .client('inventory')
      .command(String(product))
      .withMessage(inventory.ReceiveStockSchema, { product, quantity: 5 })
      .execute()
  }
  await coordinator
    .client('account')
    .command('ANN')
    .withMessage(account.SetCreditLimitSchema, { customer: 'ANN', cents: 1000n })
    .execute()
  const { tofu = 3, cents = 900n, shippedOn } = wanted
  const lines = [
    { product: 1, quantity: 2, cents },
    { product: 2, quantity: tofu, cents: 100n },
  ]
  const order = { number: 7, customer: 'ANN', country: 'Peru', orderedOn: '2012-07-04', lines }
  await coordinator
    .client('order')
    .command('7')
    .withMessage(PlaceOrderSchema, { order: { ...order, ...(shippedOn && { shippedOn }) } })
    .withCorrelationId('order-7')
    .execute()
  await coordinator.settled()
  const entries = await Array.fromAsync(readOrderHistory(coordinator.ledger, 7))
  const stock = await Array.fromAsync(
    coordinator.projection('stock').all(StockRowSchema),
    ({ row }) => `${row.onHand}/${row.reserved}/${row.shipped}`,
  )
  return {
    /** What happened to others than the process manager itself. */
    told: entries
      .filter(({ domain }) => domain !== 'fulfillment')
      .map(({ type }) => shortName(type)),
    notes: entries
      .filter(({ domain }) => domain === 'fulfillment')
      .map(({ type }) => shortName(type)),
    stock,
    deadLetters: await coordinator.deadLetters.list(),
    strays: entries.filter(({ event }) => event === undefined),
  }
}

const shortName = (type: string): string => type.slice(type.lastIndexOf('.') + 1)

describe('fulfillment', () => {
  test('an order that nothing stands against is shipped, invoiced and confirmed', async () => {
    const { told, notes, stock, deadLetters, strays } = await place({ shippedOn: '2012-07-05' })
    assert.deepEqual(told.slice(0, 5), [
      'OrderPlaced',
      'StockReserved',
      'StockReserved',
      'AccountCharged',
      'ShipmentDispatched',
    ])
    assert.deepEqual(told.slice(5).toSorted(), [
      'ChargeInvoiced',
      'OrderConfirmed',
      'StockShipped',
      'StockShipped',
    ])
    assert.deepEqual(notes, ['FulfillmentStarted', ...Array<string>(4).fill('StepTaken')])
    assert.deepEqual(stock, ['3/0/2', '2/0/3'])
    assert.deepEqual([deadLetters, strays], [[], []])
  })

  test('what is reserved is released when a later line is out of stock', async () => {
    const { told, stock, strays } = await place({ tofu: 6, shippedOn: '2012-07-05' })
    assert.deepEqual(told, ['OrderPlaced', 'StockReserved', 'StockReleased', 'OrderCancelled'])
    assert.deepEqual(stock, ['5/0/0', '5/0/0'])
    assert.deepEqual(strays, [])
  })

  test('all lines are released when the credit limit is exceeded', async () => {
    const { told, stock } = await place({ cents: 901n, shippedOn: '2012-07-05' })
    assert.deepEqual(told, [
      'OrderPlaced',
      'StockReserved',
      'StockReserved',
      'StockReleased',
      'StockReleased',
      'OrderCancelled',
    ])
    assert.deepEqual(stock, ['5/0/0', '5/0/0'])
  })

  test('charge and lines are undone in reverse when no carrier takes the parcel', async () => {
    const { told, notes, stock, deadLetters, strays } = await place({})
    assert.deepEqual(told, [
      'OrderPlaced',
      'StockReserved',
      'StockReserved',
      'AccountCharged',
      'ChargeRefunded',
      'StockReleased',
      'StockReleased',
      'OrderCancelled',
    ])
    assert.deepEqual(notes, [
      'FulfillmentStarted',
      ...Array<string>(3).fill('StepTaken'),
      'StepRefused',
      ...Array<string>(3).fill('StepUndone'),
    ])
    assert.deepEqual(stock, ['5/0/0', '5/0/0'])
    assert.deepEqual([deadLetters, strays], [[], []])
  })
})
