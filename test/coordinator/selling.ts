/**
 * The whole shop at work: orders of two products each, of which one runs out. Half of the orders
 * are completed; the others give back what they have reserved and are cancelled.
 */
import assert from 'node:assert/strict'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import type { Component } from '../../src/component/definition.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import type { ProjectionStore } from '../../src/component/projection-store.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import { CodedError } from '../../src/errors.ts'
import { dispositionOfError } from '../../src/errors/client-error.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { compensatingOrder, stock } from './shop.ts'
import { messagesIn, rowsOf, storedEvents } from './stored-events.ts'

const ORDERS = ['order-1', 'order-2', 'order-3', 'order-4']
/** How much there is of each product. */
const STOCK = { 'sku-1': 10, 'sku-2': 2 } as const
const FALLBACK = 'angzarr-saga-failures'

/** Reserves both products, completes the order when it has both, gives back when one is refused. */
const fulfilling = defineProcessManager({
  name: 'fulfilling',
  pmDomain: 'fulfilling-process',
  sources: ['order', 'inventory'],
  targets: ['inventory', 'order'],
  state: orders.OrderStateSchema,
})
  .handles(
    orders.OrderCreatedSchema,
    (event) =>
      new ProcessManagerResponse({
        processEvents: [create(orders.OrderCreatedSchema, event)],
        commands: Object.keys(STOCK).map((sku) =>
          command('inventory', sku, inventory.ReserveStockSchema, {
            orderId: event.orderId,
            sku,
            quantity: 1,
          }),
        ),
      }),
  )
  .handles(inventory.StockReservedSchema, ({ orderId, sku }, { notes }) => {
    const complete = !notes.includes(sku) && notes.length === 1
    return new ProcessManagerResponse({
      processEvents: [create(orders.OrderNoteAddedSchema, { note: sku })],
      commands: complete
        ? [command('order', orderId, orders.CompleteOrderSchema, { orderId })]
        : [],
    })
  })
  .applies(orders.OrderCreatedSchema, (state, { orderId }) => {
    state.customerId = orderId
  })
  .applies(orders.OrderNoteAddedSchema, (state, { note }) => {
    state.notes.push(note)
  })
  .rejected(
    'inventory',
    inventory.ReserveStockSchema,
    (_, { customerId: orderId }) =>
      new ProcessManagerResponse({
        processEvents: [create(orders.OrderCancelledSchema)],
        commands: [
          command('inventory', 'sku-1', inventory.ReleaseStockSchema, { orderId, sku: 'sku-1' }),
        ],
      }),
  )

/** Notes on the order what was given back. */
const noting = defineSaga({ name: 'noting', source: 'inventory', target: 'order' }).handles(
  inventory.StockReleasedSchema,
  ({ orderId, sku }) =>
    command('order', orderId, orders.AddOrderNoteSchema, { note: `released ${sku}` }),
)

/** Counts orders by what became of them. */
const counted: Component = defineProjector({ name: 'counted', domains: ['order'] })
  .handles(orders.OrderCreatedSchema, (_, { projection }) => count(projection, 'created'))
  .handles(orders.OrderCompletedSchema, (_, { projection }) => count(projection, 'completed'))
  .handles(orders.OrderCancelledSchema, (_, { projection }) => count(projection, 'cancelled'))

async function count(projection: ProjectionStore, what: string): Promise<void> {
  await projection.rows(orders.OrderStateSchema).update(what, (row) => {
    row.itemCount++
  })
}

/** The components, new ones. */
export function sellingComponents(): readonly Component[] {
  return [compensatingOrder(), stock, fulfilling, noting, counted]
}

/** Sends every command of the scenario; what was carried out before is not carried out again. */
export async function sell(shop: Pick<Coordinator, 'client'>): Promise<void> {
  const products = shop.client('inventory')
  for (const [sku, quantity] of Object.entries(STOCK)) {
    const add = products.command(sku).withMessage(inventory.AddStockSchema, { sku, quantity })
    await insist(add.withIdempotencyKey(`add-${sku}`))
  }
  await Promise.all(
    ORDERS.map(async (orderId) => {
      const made = shop.client('order').command(orderId)
      made.withMessage(orders.CreateOrderSchema, { orderId, itemCount: 1 })
      await insist(made.withCorrelationId(orderId).withIdempotencyKey(`create-${orderId}`))
    }),
  )
}

/** Sends a command until it is answered. */
async function insist(builder: CommandBuilder): Promise<void> {
  for (;;) {
    try {
      await builder.execute()
      return
    } catch (error) {
      if (!(error instanceof CodedError) || dispositionOfError(error) !== 'retry') throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** Asserts that everything has happened, once. */
export async function assertSold(shop: Coordinator, what: string): Promise<void> {
  const { ledger } = shop
  const completed = await idsOf(shop, orders.OrderCompletedSchema.typeName)
  const cancelled = await idsOf(shop, orders.OrderCancelledSchema.typeName)
  assert.equal(completed.length, 2, what)
  assert.deepEqual([...completed, ...cancelled].sort(), await rootsOf(shop), what)
  const reserved = await messagesIn(ledger, 'inventory', inventory.StockReservedSchema)
  const released = await messagesIn(ledger, 'inventory', inventory.StockReleasedSchema)
  const lines = reserved.map(({ orderId, sku }) => `${orderId} ${sku}`)
  assert.equal(new Set(lines).size, lines.length, what)
  assert.deepEqual([lines.length, released.length], [6, 2], what)
  assert.equal(new Set(released.map(({ orderId }) => orderId)).size, 2, what)
  const notes = await messagesIn(ledger, 'order', orders.OrderNoteAddedSchema)
  assert.equal(notes.length, 2, what)
  assert.equal((await storedEvents(ledger, 'fulfilling-process')).length, 4 + 6 + 2, what)
  assert.deepEqual(await storedEvents(ledger, FALLBACK), [], what)
  await assertCounted(shop, what)
  assert.deepEqual(await shop.deadLetters.list(), [], what)
  assert.deepEqual(await rowsOf(ledger, 'delivery'), [], what)
  assert.deepEqual(await rowsOf(ledger, 'parked'), [], what)
}

/** The projection equals what a fold from zero gives. */
async function assertCounted(shop: Coordinator, what: string): Promise<void> {
  const rows: Record<string, number> = {}
  for await (const { key, row } of shop.projection('counted').all(orders.OrderStateSchema)) {
    rows[key] = row.itemCount
  }
  assert.deepEqual(rows, { created: 4, completed: 2, cancelled: 2 }, what)
}

async function idsOf({ ledger }: Coordinator, type: string): Promise<string[]> {
  const events = await storedEvents(ledger, 'order')
  return events.filter((event) => event.type === type).map(({ key }) => key.root)
}

async function rootsOf({ ledger }: Coordinator): Promise<string[]> {
  const events = await storedEvents(ledger, 'order')
  return [...new Set(events.map(({ key }) => key.root as string))].sort()
}
