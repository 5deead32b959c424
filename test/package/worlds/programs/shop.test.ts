import { expect, test } from 'vitest'
import { names } from './names.ts'
import { sellOut } from './sell-out.ts'
import { components } from './shop.ts'

test('an order without stock is undone', async () => {
  expect(await sellOut(components)).toEqual(['0 orders.OrderCreated', '1 orders.OrderCancelled'])
})

test('every subpath has names', () => {
  for (const list of Object.values(names)) expect(list.length).toBeGreaterThan(0)
})
