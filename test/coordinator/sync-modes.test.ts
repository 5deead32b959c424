import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Component } from '../../src/component/definition.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import {
  type CommandBook,
  PageHeaderSchema,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { orderIn } from './card-shop.ts'
import { openShop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addStock, createOrder } from './shop-commands.ts'
import { orderAggregate, orderSummary, reserveStock, stock } from './shop.ts'
import { eventsOf, typesOf } from './stored-events.ts'
import { until } from './until.ts'
import { twice as test } from './twice.ts'

const { ASYNC, DECISION, SIMPLE, CASCADE, ISOLATED } = SyncMode

/** Follows the stock. */
const stockLevels = defineProjector({ name: 'stock-levels', domains: ['inventory'] }).handles(
  inventory.StockReservedSchema,
  async (event, { projection }) => {
    await projection.rows(inventory.StockStateSchema).update(event.sku, (row) => {
      row.available += event.quantity
    })
  },
)

/** A gate that a handler waits at. */
function gate(): { readonly open: () => void; readonly pass: () => Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, pass: () => promise }
}

/** Cancels only orders it knows. */
function cancelling(): Component {
  return orderAggregate().handles(orders.CancelOrderSchema, ({ reason }, state) => {
    if (!state.created) throw CommandRejectedError.preconditionFailed('UNKNOWN_ORDER', 'no order')
    return create(orders.OrderCancelledSchema, { reason })
  })
}

/** A reservation that wants a mode of its own. */
function reservation(syncMode: SyncMode | undefined): CommandBook {
  const book = command('inventory', 'sku-1', inventory.ReserveStockSchema, {
    orderId: 'order-1',
    sku: 'sku-1',
    quantity: 1,
  })
  const page = book.pages[0]
  if (page !== undefined && syncMode !== undefined) {
    page.header = create(PageHeaderSchema, { syncMode })
  }
  return book
}

/** Reserves stock for an order, in a mode. */
function reserving(syncMode?: SyncMode): Component {
  return defineProcessManager({
    name: 'reserving',
    pmDomain: 'reserving-process',
    sources: ['order'],
    targets: ['inventory'],
    state: orders.OrderStateSchema,
  }).handles(
    orders.OrderCreatedSchema,
    () => new ProcessManagerResponse({ commands: [reservation(syncMode)] }),
  )
}

describe('a command that waits for nothing', () => {
  for (const [name, mode, id] of [
    ['ASYNC', ASYNC, 'coordinator-C-0425'],
    ['no mode', undefined, 'coordinator-C-0426'],
    ['DECISION', DECISION, 'coordinator-C-0427'],
  ] as const) {
    test(`in ${name} is answered with its events and no projections, and projector and saga get them [${id}]`, async () => {
      await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
      await addStock(shop, 5)
      const response =
        mode === undefined ? await createOrder(shop, 'order-1') : await orderIn(shop, mode)
      assert.equal(response.events?.pages.length, 1)
      assert.deepEqual(response.projections, [])
      await shop.settled()
      assert.deepEqual(await typesOf(shop.ledger, 'inventory', 'sku-1'), [
        'StockAdded',
        'StockReserved',
      ])
      assert.ok(await shop.projection('order-summary').get(orders.OrderStateSchema, 'order-1'))
    })
  }

  test('in ASYNC is answered although its saga does not end', async () => {
    const { open, pass } = gate()
    const waiting = defineSaga({ name: 'waiting', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      () => pass(),
    )
    await using shop = await openShop([orderAggregate(), stock, waiting])
    await orderIn(shop, ASYNC)
    open()
  })

  for (const [name, mode, id] of [
    ['DECISION', DECISION, 'coordinator-C-0428'],
    ['ISOLATED', ISOLATED, 'coordinator-C-0433'],
  ] as const) {
    test(`is refused by its handler in ${name} as ever, and nothing is stored [${id}]`, async () => {
      await using shop = await openShop([cancelling(), stock])
      const builder = shop.client('order').command('order-1')
      builder.withMessage(orders.CancelOrderSchema, { reason: 'why not' })
      const { code } = await refusalOf(builder.execute({ syncMode: mode }))
      assert.equal(code, 'UNKNOWN_ORDER')
      assert.equal(await shop.ledger.tip(), 0)
    })
  }

  test('in ISOLATED is seen by queries only [coordinator-C-0432]', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    const response = await orderIn(shop, ISOLATED)
    assert.deepEqual(response.projections, [])
    await shop.settled()
    assert.equal((await shop.client('order').query('order-1').getPages()).length, 1)
    assert.deepEqual(await eventsOf(shop.ledger, 'inventory', 'sku-1'), [])
    const row = await shop.projection('order-summary').get(orders.OrderStateSchema, 'order-1')
    assert.equal(row, undefined)
  })
})

describe('a command in SIMPLE', () => {
  test('is answered with the projections of its events, while its saga still runs [coordinator-C-0429]', async () => {
    const { open, pass } = gate()
    const waiting = defineSaga({ name: 'waiting', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      () => pass(),
    )
    await using shop = await openShop([orderAggregate(), stock, orderSummary, waiting])
    const response = await orderIn(shop, SIMPLE)
    assert.equal(response.events?.pages.length, 1)
    assert.deepEqual(
      response.projections.map(({ projector, sequence, cover }) => [
        projector,
        sequence,
        cover?.domain,
      ]),
      [['order-summary', 0, 'order']],
    )
    assert.ok(response.projections[0]?.projection?.typeUrl.endsWith('/orders.OrderState'))
    assert.ok(await shop.projection('order-summary').get(orders.OrderStateSchema, 'order-1'))
    const [page] = await shop.client('order').query('order-1').getPages()
    assert.equal(page?.header?.sequenceType.value, 0)
    open()
    await shop.settled()
  })

  test('fails with the failure of its projector, and stays stored [weakness-5]', async () => {
    const failing = defineProjector({ name: 'failing', domains: ['order'] }).handles(
      orders.OrderCreatedSchema,
      () => {
        throw CommandRejectedError.invalidArgument('NO_VIEW', 'view store is gone')
      },
    )
    await using shop = await openShop([orderAggregate(), failing])
    const refusal = await refusalOf(orderIn(shop, SIMPLE))
    assert.equal(refusal.code, 'NO_VIEW')
    assert.deepEqual([refusal.details['component'], refusal.details['stored']], ['failing', 'true'])
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), ['OrderCreated'])
  })

  test('is told that the key it waits for is parked', async () => {
    const failing = defineProjector({ name: 'failing', domains: ['order'] }).handles(
      orders.OrderCreatedSchema,
      () => {
        throw CommandRejectedError.invalidArgument('NO_VIEW', 'view store is gone')
      },
    )
    await using shop = await openShop([
      orderAggregate(),
      failing.handles(orders.OrderNoteAddedSchema, () => undefined),
    ])
    await createOrder(shop, 'order-1')
    await shop.settled()
    const note = shop.client('order').command('order-1')
    note.withMessage(orders.AddOrderNoteSchema, { note: 'n' })
    const { code, details } = await refusalOf(note.execute({ syncMode: SIMPLE }))
    assert.equal(code, 'KEY_PARKED')
    assert.equal(details['stored'], 'true')
  })

  test('sent again under its key is answered with its first outcome', async () => {
    await using shop = await openShop([orderAggregate(), orderSummary])
    const builder = shop.client('order').command('order-1')
    builder.withMessage(orders.CreateOrderSchema, { orderId: 'order-1' })
    await builder.execute({ syncMode: SIMPLE })
    const again = await builder.execute({ syncMode: SIMPLE })
    assert.equal(again.events?.pages.length, 1)
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 1)
  })

  test('waits for a projector that lags behind the log, and no event is left out [weakness-26]', async () => {
    await using shop = await openShop([orderAggregate(), orderSummary], {
      limits: { recentEventsMax: 1, triggersPerComponentMax: 1 },
    })
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, n) => orderIn(shop, SIMPLE, undefined, `order-${n}`)),
    )
    assert.ok(responses.every(({ projections }) => projections.length === 1))
    const total = await shop.projection('order-summary').get(orders.OrderStateSchema, 'total')
    assert.equal(total?.itemCount, 50)
  })
})

describe('a command in CASCADE', () => {
  test('is answered once its saga and the command of its saga are done [coordinator-C-0430]', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await addStock(shop, 5)
    const response = await orderIn(shop, CASCADE)
    assert.equal(response.projections.length, 1)
    assert.deepEqual(await typesOf(shop.ledger, 'inventory', 'sku-1'), [
      'StockAdded',
      'StockReserved',
    ])
  })

  test('is answered once the projectors of what its saga has brought about are done [coordinator-C-0431]', async () => {
    await using shop = await openShop([
      orderAggregate(),
      stock,
      orderSummary,
      reserveStock,
      stockLevels,
    ])
    await addStock(shop, 5)
    const response = await orderIn(shop, CASCADE)
    const row = await shop.projection('stock-levels').get(inventory.StockStateSchema, 'sku-1')
    assert.equal(row?.available, 1)
    // Those of its own events only.
    assert.deepEqual(
      response.projections.map(({ projector }) => projector),
      ['order-summary'],
    )
  })

  test('runs each reaction once [weakness-16]', async () => {
    let runs = 0
    const counting = defineSaga({ name: 'counting', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      () => {
        runs++
      },
    )
    await using shop = await openShop([orderAggregate(), stock, counting])
    await orderIn(shop, CASCADE)
    await shop.settled()
    assert.equal(runs, 1)
  })

  test('ends although its sagas go in a circle between two aggregates [weakness-8]', async () => {
    const notes = defineAggregate({ domain: 'notes', state: orders.OrderStateSchema }).handles(
      orders.AddOrderNoteSchema,
      ({ note }) => create(orders.OrderNoteAddedSchema, { note }),
    )
    const there = defineSaga({ name: 'there', source: 'order', target: 'notes' }).handles(
      orders.OrderNoteAddedSchema,
      () => command('notes', 'n', orders.AddOrderNoteSchema, { note: 'there' }),
    )
    const back = defineSaga({ name: 'back', source: 'notes', target: 'order' }).handles(
      orders.OrderNoteAddedSchema,
      () => command('order', 'o', orders.AddOrderNoteSchema, { note: 'back' }),
    )
    await using shop = await openShop([orderAggregate(), notes, there, back])
    const first = shop.client('order').command('o')
    first.withMessage(orders.AddOrderNoteSchema, { note: 'first' })
    const { code, grpcStatus } = await refusalOf(first.execute({ syncMode: CASCADE }))
    assert.equal(code, 'CASCADE_TOO_DEEP')
    assert.equal(grpcStatus, 'ABORTED')
    await shop.settled()
    const all = [
      ...(await eventsOf(shop.ledger, 'order', 'o')),
      ...(await eventsOf(shop.ledger, 'notes', 'n')),
    ]
    assert.equal(all.length, 1 + 16)
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.code, 'CASCADE_TOO_DEEP')
  })

  test('is answered at its deadline, and what it has set off goes on', async () => {
    const { open, pass } = gate()
    const waiting = defineSaga({ name: 'waiting', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      async () => {
        await pass()
        return command('inventory', 'sku-1', inventory.AddStockSchema, { quantity: 1 })
      },
    )
    await using shop = await openShop([orderAggregate(), stock, waiting], {
      limits: { syncWaitMs: 5 },
    })
    const { code, details } = await refusalOf(orderIn(shop, CASCADE))
    assert.equal(code, 'SYNC_WAIT_EXCEEDED')
    assert.equal(details['stored'], 'true')
    open()
    await shop.settled()
    assert.deepEqual(await typesOf(shop.ledger, 'inventory', 'sku-1'), ['StockAdded'])
  })

  test('does not wait for ever when the coordinator is closed', async () => {
    const { open, pass } = gate()
    const waiting = defineSaga({ name: 'waiting', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      () => pass(),
    )
    const shop = await openShop([orderAggregate(), stock, waiting])
    const answer = refusalOf(orderIn(shop, CASCADE))
    await until(async () => (await shop.ledger.tip()) === 1)
    const closed = shop[Symbol.asyncDispose]()
    assert.equal((await answer).code, 'COORDINATOR_CLOSED')
    open()
    await closed
  })
})

describe('a command of a process manager', () => {
  test('in DECISION is decided, and its rejection answered, before the next trigger [coordinator-C-0434]', async () => {
    const seen: string[] = []
    const manager = defineProcessManager({
      name: 'deciding',
      pmDomain: 'deciding-process',
      sources: ['order'],
      targets: ['inventory'],
      state: orders.OrderStateSchema,
    })
      .handles(orders.OrderCreatedSchema, () => {
        seen.push('created')
        return new ProcessManagerResponse({ commands: [reservation(DECISION)] })
      })
      .handles(orders.OrderNoteAddedSchema, () => {
        seen.push('noted')
        return new ProcessManagerResponse({})
      })
      .rejected('inventory', inventory.ReserveStockSchema, (_n, _s, { code }) => {
        seen.push(code)
        return new ProcessManagerResponse({})
      })
    await using shop = await openShop([orderAggregate(), stock, manager])
    const send = async (
      builder: ReturnType<ReturnType<typeof shop.client>['command']>,
    ): Promise<unknown> => await builder.withCorrelationId('corr-1').execute()
    const made = shop.client('order').command('order-1')
    const noted = shop.client('order').command('order-1')
    await Promise.all([
      send(made.withMessage(orders.CreateOrderSchema, { orderId: 'order-1' })),
      send(noted.withMessage(orders.AddOrderNoteSchema, { note: 'n' })),
    ])
    await shop.settled()
    assert.deepEqual(seen, ['created', 'OUT_OF_STOCK', 'noted'])
  })

  for (const [name, own, id] of [
    ['without a mode', undefined, 'coordinator-C-0435'],
    ['in ASYNC', ASYNC, 'coordinator-C-0507'],
  ] as const) {
    test(`${name} is waited for in CASCADE, with what it brings about [${id}]`, async () => {
      await using shop = await openShop([orderAggregate(), stock, reserving(own), stockLevels])
      await addStock(shop, 5)
      await orderIn(shop, CASCADE)
      const row = await shop.projection('stock-levels').get(inventory.StockStateSchema, 'sku-1')
      assert.equal(row?.available, 1)
    })
  }

  test('in ISOLATED is waited for in CASCADE, and nobody sees what it stores [coordinator-C-0512]', async () => {
    await using shop = await openShop([orderAggregate(), stock, reserving(ISOLATED), stockLevels])
    await addStock(shop, 5)
    await orderIn(shop, CASCADE)
    assert.equal((await eventsOf(shop.ledger, 'inventory', 'sku-1')).length, 2)
    await shop.settled()
    const row = await shop.projection('stock-levels').get(inventory.StockStateSchema, 'sku-1')
    assert.equal(row, undefined)
  })
})
