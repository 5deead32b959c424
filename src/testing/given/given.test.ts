import { AssertionError, strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create } from '../../component/known-messages.ts'
import { command, fact } from '../../component/outgoing-books.ts'
import { codeOf } from '../../errors.ts'
import { fakeClock } from '../fake-clock.ts'
import * as inventory from '../../../test/fixtures/gen/inventory_pb.ts'
import * as order from '../../../test/fixtures/gen/orders_pb.ts'
import * as versions from '../../../test/fixtures/gen/versions_pb.ts'
import * as workflow from '../../../test/fixtures/gen/workflow_pb.ts'
import {
  Fulfilment,
  fulfilment,
  Order,
  orders,
  Overview,
  overview,
  Prices,
  prices,
  Reserving,
  reserving,
} from './given.test.support.ts'
import { givenAggregate } from './given-aggregate.ts'
import { givenProcessManager } from './given-process-manager.ts'
import { givenProjector } from './given-projector.ts'
import { givenSaga } from './given-saga.ts'
import { givenUpcaster } from './given-upcaster.ts'

const place = (itemCount = 2) => create(order.CreateOrderSchema, { orderId: 'A-1', itemCount })
const placed = (itemCount = 2) => create(order.OrderCreatedSchema, { orderId: 'A-1', itemCount })
const cancelled = (reason: string) => create(order.OrderCancelledSchema, { reason })
const reserve = (sku = 'tea') =>
  command('inventory', sku, inventory.ReserveStockSchema, { orderId: 'A-1', sku })
const isAssertion = (error: unknown): error is AssertionError => error instanceof AssertionError

/** The assertion that a scenario fails with. */
async function failureOf(outcome: PromiseLike<unknown>): Promise<AssertionError> {
  try {
    await outcome
  } catch (error) {
    if (isAssertion(error)) return error
    throw error
  }
  throw new Error('the expectation holds')
}

describe('given an aggregate', () => {
  it('a command gives events, at the next sequence and the time of the clock', async () => {
    const clock = fakeClock()
    const note = create(order.OrderNoteAddedSchema, { note: 'first' })
    const customerId = `1 at ${clock.wall()}`
    await givenAggregate(orders, { clock })
      .events(note)
      .when(place())
      .thenEvents(create(order.OrderCreatedSchema, { orderId: 'A-1', itemCount: 2, customerId }))
      .thenState({ created: true, itemCount: 2, notes: ['first'] })
  })

  it('a refusal is told by its code, or by its parts', async () => {
    const ordered = givenAggregate(orders).events(placed())
    await ordered.when(place()).thenRejected('ORDER_EXISTS')
    await ordered.when(place()).thenRejected({
      message: 'there is one already',
      status: 'FAILED_PRECONDITION',
      details: { tries: '2' },
    })
  })

  it('a fact becomes events of its own', async () => {
    await givenAggregate(orders)
      .events(placed())
      .whenFact(create(order.OrderCompletedSchema, { orderId: 'A-1' }), { externalId: 'x-1' })
      .thenEvents(create(order.OrderNoteAddedSchema, { note: 'A-1 true 1 x-1' }))
  })

  it('a rejection is compensated by events, or left to the framework', async () => {
    const ordered = givenAggregate(orders).events(placed())
    await ordered
      .whenRejected(reserve(), 'sold out', { code: 'OUT_OF_STOCK' })
      .thenEvents(cancelled('tea: sold out (OUT_OF_STOCK) true'))
    await ordered
      .whenRejected(command('inventory', 'tea', inventory.AddStockSchema, {}), 'no')
      .thenLeftToFramework({ escalate: true, reason: 'nobody knows' })
      .thenEvents()
  })

  it('an undo is told what it undoes', async () => {
    await givenAggregate(orders)
      .events(placed(5), create(order.OrderNoteAddedSchema, { note: 'x' }))
      .whenUndone(order.CreateOrderSchema, { reason: 'too late' })
      .thenEvents(cancelled('too late 0,1 of 5'))
  })

  it('a class is tested as functions are', async () => {
    const empty = givenAggregate(Order)
    await empty.when(place()).thenEvents(placed()).thenState({ created: true })
    await empty.events(placed()).when(place()).thenRejected('ORDER_EXISTS')
  })

  it('the result can be had without expectations', async () => {
    const { events, state } = await givenAggregate(Order).when(place(3))
    assert.deepEqual(events, [placed(3)])
    assert.equal(state.$typeName, 'orders.OrderState')
  })

  it('nothing is nothing, and an event is not', async () => {
    const complete = create(order.CompleteOrderSchema)
    await givenAggregate(orders).when(complete).thenNothing()
    await failureOf(givenAggregate(orders).when(place()).thenNothing())
    const left = givenAggregate(orders).whenRejected(
      command('inventory', 'tea', inventory.AddStockSchema, {}),
      'no',
    )
    await failureOf(left.thenNothing())
  })
})

describe('an expectation that does not hold', () => {
  it('shows types and fields of both sides, at the place of the expectation', async () => {
    const error = await failureOf(givenAggregate(Order).when(place()).thenEvents(placed(3)))
    assert.equal(error.code, 'ERR_ASSERTION')
    assert.equal(error.operator, 'deepStrictEqual')
    assert.deepEqual(error.actual, [
      { $typeName: 'orders.OrderCreated', orderId: 'A-1', customerId: '', itemCount: 2 },
    ])
    assert.deepEqual(error.expected, [
      { $typeName: 'orders.OrderCreated', orderId: 'A-1', customerId: '', itemCount: 3 },
    ])
    assert.match(error.message, /^other events came out than expected\n[^]*\n\+ +itemCount: 2/)
    assert.match(error.stack ?? '', /^AssertionError[^]*?\n +at .*given\.test\.[jt]s/)
    const [first] = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
    assert.match(first ?? '', /given\.test\.[jt]s/)
  })

  it('fails for an event too few, too many, and out of order', async () => {
    const once = () => givenAggregate(Order).when(place())
    await failureOf(once().thenEvents())
    await failureOf(once().thenEvents(placed(), placed()))
  })

  it('fails for a state that differs', async () => {
    const error = await failureOf(givenAggregate(Order).when(place()).thenState({ itemCount: 9 }))
    assert.deepEqual([error.actual, error.expected], [{ itemCount: 2 }, { itemCount: 9 }])
  })

  it('fails for another code, and for a command that is accepted', async () => {
    const ordered = givenAggregate(orders).events(placed())
    const error = await failureOf(ordered.when(place()).thenRejected('NO_SUCH_CODE'))
    assert.deepEqual(
      [error.actual, error.expected],
      [{ code: 'ORDER_EXISTS' }, { code: 'NO_SUCH_CODE' }],
    )
    await failureOf(givenAggregate(orders).when(place()).thenRejected('ORDER_EXISTS'))
  })

  it('is the first of its chain that is told', async () => {
    const outcome = givenAggregate(Order).when(place())
    const error = await failureOf(outcome.thenEvents(placed(3)).thenState({ itemCount: 9 }))
    assert.match(error.message, /^other events/)
  })

  it('never hides a mistake in the handler', async () => {
    const mistaken = () => givenAggregate(orders).when(place(99))
    const isMistake = { name: 'TypeError', message: 'a mistake in the handler' }
    await assert.rejects(async () => mistaken(), isMistake)
    await assert.rejects(async () => mistaken().thenEvents(), isMistake)
    await assert.rejects(async () => mistaken().thenRejected('TypeError'), isMistake)
  })

  it('fails without an await too', async () => {
    const unhandled: unknown[] = []
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.once('unhandledRejection', (error) => unhandled.push(error))
    try {
      void givenAggregate(Order).when(place()).thenEvents()
      await new Promise((resolve) => setTimeout(resolve, 20))
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const listener of listeners) process.on('unhandledRejection', listener)
    }
    assert.ok(isAssertion(unhandled[0]))
  })
})

describe('given a saga', () => {
  it('an event gives commands with their address, and facts', async () => {
    const scenario = givenSaga(reserving).destinations({ inventory: 7 })
    const { commands } = await scenario
      .when(placed())
      .thenCommands(
        command(
          'inventory',
          'tea',
          inventory.ReserveStockSchema,
          { orderId: 'A-1', sku: 'tea' },
          {
            sequence: 7,
          },
        ),
      )
      .thenFacts()
    assert.equal(commands[0]?.cover?.correlationId, 'given')
    await scenario
      .events(cancelled('x'))
      .when(placed())
      .thenCommands(create(inventory.ReserveStockSchema, { orderId: 'A-1', sku: 'tea' }))
      .thenFacts(fact('inventory', 'tea', inventory.StockAddedSchema, { sku: 'tea', quantity: 1 }))
  })

  it('another address, sequence, message or number of commands is noticed', async () => {
    const outcome = () => givenSaga(Reserving).when(placed())
    await outcome().thenCommands(reserve())
    const bare = { orderId: 'A-1', sku: 'tea' }
    const schema = inventory.ReserveStockSchema
    await failureOf(outcome().thenCommands(command('inventory', 'mate', schema, bare)))
    await failureOf(outcome().thenCommands(command('depot', 'tea', schema, bare)))
    const numbered = command('inventory', 'tea', schema, bare, { sequence: 3 })
    await failureOf(outcome().thenCommands(numbered))
    await failureOf(outcome().thenCommands(create(schema, { sku: 'mate' })))
    await failureOf(outcome().thenCommands())
    await failureOf(outcome().thenCommands(reserve(), reserve()))
    await failureOf(outcome().thenFacts(create(schema, bare)))
    await failureOf(outcome().thenNothing())
  })

  it('a rejection gives facts, a refusal has its code, and nothing is nothing', async () => {
    await givenSaga(reserving)
      .whenRejected(reserve(), 'sold out')
      .thenFacts(fact('order', 'A-1', order.OrderCancelledSchema, { reason: 'sold out' }))
    await givenSaga(reserving).when(create(order.OrderCompletedSchema)).thenRejected('NO_STOCK')
    await givenSaga(reserving).when(placed(0)).thenNothing()
  })
})

describe('given a process manager', () => {
  const stepped = (step: string) => create(workflow.StepCompletedSchema, { step })

  it('an event of a source gives events, commands and facts, on its own state', async () => {
    await givenProcessManager(fulfilment)
      .events(stepped('first'))
      .destinations({ inventory: 4 })
      .when(placed(), { sequence: 3 })
      .thenEvents(stepped('1/3'))
      .thenCommands(reserve())
      .thenFacts(create(inventory.StockAddedSchema, { sku: 'tea', quantity: 1 }))
      .thenState({ completed: 2, steps: ['first', '1/3'] })
  })

  it('an event of its second source is told by its domain', async () => {
    const stock = create(inventory.StockAddedSchema, { sku: 'tea' })
    await givenProcessManager(fulfilment).when(stock, { domain: 'inventory' }).thenNothing()
    assert.throws(
      () => givenProcessManager(fulfilment).when(stock, { domain: 'elsewhere' }),
      (error) => codeOf(error) === 'UNKNOWN_DOMAIN',
    )
  })

  it('a rejection gives events of its own, or goes upstream', async () => {
    const failed = create(workflow.WorkflowFailedSchema, { reason: 'sold out' })
    const scenario = givenProcessManager(fulfilment)
    await scenario.events(stepped('x')).whenRejected(reserve(), 'sold out').thenEvents(failed)
    await scenario.whenRejected(reserve(), 'sold out').thenForwarded().thenEvents()
    await failureOf(scenario.when(placed()).thenForwarded())
    await failureOf(scenario.whenRejected(reserve(), 'sold out').thenNothing())
  })

  it('a class is tested as functions are', async () => {
    const scenario = givenProcessManager(Fulfilment).events(stepped('x'))
    await scenario.when(placed()).thenEvents(stepped('1')).thenCommands()
    await failureOf(scenario.when(placed()).thenState({ completed: 1 }))
    await failureOf(scenario.when(placed()).thenEvents())
  })
})

describe('given a projector', () => {
  it('events give rows', async () => {
    const seen = givenProjector(overview).events(placed()).when(placed())
    await seen
      .thenRow('A-1', order.OrderStateSchema, { created: true, itemCount: 1 })
      .thenRows(order.OrderStateSchema, { 'A-1': { created: true, itemCount: 1 } })
      .thenNoRow('A-2')
    await givenProjector(overview).when(placed(), cancelled('A-1')).thenNoRow('A-1')
    await givenProjector(Overview).when(placed()).thenRow('A-1', order.OrderStateSchema, {})
  })

  it('another row, a missing row and one too many are noticed', async () => {
    const seen = () => givenProjector(overview).when(placed())
    await failureOf(seen().thenRow('A-1', order.OrderStateSchema, { itemCount: 5 }))
    await failureOf(seen().thenRow('A-2', order.OrderStateSchema, {}))
    await failureOf(seen().thenRows(order.OrderStateSchema, {}))
    await failureOf(seen().thenNoRow('A-1'))
  })
})

describe('given an upcaster', () => {
  it('old events are read as new ones, newer ones as they are', async () => {
    const { PriceSetV1Schema, PriceSetV2Schema, PriceSetV3Schema } = versions
    const newest = create(PriceSetV3Schema, { sku: 'a', priceCents: 5, currency: 'CHF' })
    await givenUpcaster(prices)
      .when(
        create(PriceSetV1Schema, { sku: 'tea', price: 3 }),
        create(PriceSetV2Schema, { sku: 'mate', priceCents: 7 }),
        newest,
      )
      .thenEvents(
        create(PriceSetV2Schema, { sku: 'tea', priceCents: 300 }),
        create(PriceSetV3Schema, { sku: 'mate', priceCents: 7, currency: 'EUR' }),
        newest,
      )
    const read = () => givenUpcaster(Prices).when(create(PriceSetV1Schema, { price: 3 }))
    await read().thenEvents(create(PriceSetV2Schema, { priceCents: 300 }))
    await failureOf(read().thenEvents(create(PriceSetV2Schema, { priceCents: 3 })))
  })
})

describe('a component of another kind', () => {
  it('is refused with a code', () => {
    const wrong = [
      () => givenSaga(Order),
      () => givenAggregate(Reserving),
      () => givenProcessManager(Order),
      () => givenProjector(Order),
      () => givenUpcaster(Order),
    ]
    for (const begin of wrong) {
      assert.throws(begin, (error) => codeOf(error) === 'HANDLER_WRONG_REQUEST_KIND')
    }
  })
})
