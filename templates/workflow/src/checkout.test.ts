import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportOf } from 'amends/workflow'
import { checkout } from './checkout.ts'

test('an order that nobody ships is undone, the last step first', async () => {
  const error: unknown = await checkout
    .execute({ sku: 'chai', quantity: 9 })
    .catch((thrown: unknown) => thrown)
  assert.deepEqual(reportOf(error)?.undone, ['chargeCard', 'reserveStock'])
})
