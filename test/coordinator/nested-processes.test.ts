import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { defineProcessManager, type Process } from '../../src/component/define-process-manager.ts'
import type { Component } from '../../src/component/definition.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { openShop } from './open-shop.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { rowsOf, storedEvents, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

/** An order, a process that follows it, and one that follows that process and asks for stock. */
function nested(told: string[], outerAnswers = true): readonly Component[] {
  const order = orderAggregate().rejected('inventory', inventory.ReserveStockSchema, () => {
    told.push('order')
    return create(orders.OrderCancelledSchema, { reason: 'nested' })
  })
  const outer = listening(
    'outer',
    outerAnswers ? told : undefined,
    defineProcessManager({
      name: 'outer',
      pmDomain: 'outer-process',
      sources: ['order'],
      targets: ['inventory'],
      state: orders.OrderStateSchema,
    }).handles(
      orders.OrderCreatedSchema,
      () =>
        new ProcessManagerResponse({
          processEvents: [create(orders.OrderNoteAddedSchema, { note: 'outer' })],
        }),
    ),
  )
  const inner = listening(
    'inner',
    told,
    defineProcessManager({
      name: 'inner',
      pmDomain: 'inner-process',
      sources: ['outer-process'],
      targets: ['inventory'],
      state: orders.OrderStateSchema,
    }).handles(
      orders.OrderNoteAddedSchema,
      () =>
        new ProcessManagerResponse({
          commands: [command('inventory', 'sku-1', inventory.ReserveStockSchema, { quantity: 1 })],
        }),
    ),
  )
  return [order, stock, outer, inner]
}

function listening(
  name: string,
  told: string[] | undefined,
  manager: Process<orders.OrderState>,
): Component {
  if (told === undefined) return manager
  return manager.rejected('inventory', inventory.ReserveStockSchema, () => {
    told.push(name)
    return new ProcessManagerResponse({
      processEvents: [create(orders.OrderCancelledSchema, { reason: name })],
    })
  })
}

describe('the rejection of a command of a nested process manager', () => {
  test('is told to the innermost one, then to the outer one, then to the aggregate [coordinator-AC-05]', async () => {
    const told: string[] = []
    await using shop = await openShop(nested(told))
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(told, ['inner', 'outer', 'order'])
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'OrderCancelled',
    ])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
    assert.deepEqual(await storedEvents(shop.ledger, 'angzarr-saga-failures'), [])
  })

  test('passes by a process manager that has nothing to say', async () => {
    const told: string[] = []
    await using shop = await openShop(nested(told, false))
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(told, ['inner', 'order'])
  })

  for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`is told to each of them once in effect whichever commit fails: ${kind}`, async () => {
      const commits = await run(undefined)
      for (let nth = 2; nth <= commits; nth++) await run({ nth, kind })
    })
  }
})

/** Runs it with a failing commit; answers how many commits there were. */
async function run(failing: { nth: number; kind: FaultKind } | undefined): Promise<number> {
  const told: string[] = []
  await using shop = await openFaultyShop(nested(told))
  const { commits: opened } = shop.faulty
  if (failing !== undefined) shop.faulty.failAt(failing.nth, failing.kind)
  await createOrder(shop, 'order-1')
  await shop.settled()
  const what = JSON.stringify(failing)
  assert.deepEqual([...new Set(told)], ['inner', 'outer', 'order'], what)
  assert.deepEqual(
    await typesOf(shop.ledger, 'order', 'order-1'),
    ['OrderCreated', 'OrderCancelled'],
    what,
  )
  assert.equal((await storedEvents(shop.ledger, 'outer-process')).length, 2, what)
  assert.equal((await storedEvents(shop.ledger, 'inner-process')).length, 1, what)
  return shop.faulty.commits - opened
}
