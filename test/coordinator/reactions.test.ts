import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { Component } from '../../src/component/definition.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import type { ProcessResult, SagaResult } from '../../src/component/handler-results.ts'
import type { SagaSource } from '../../src/component/handler-context.ts'
import type { Destinations } from '../../src/component/destinations.ts'
import { command, fact } from '../../src/component/outgoing-books.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { SyncMode } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { NAME } from './failing-components.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop } from './open-shop.ts'
import { createOrder, orderCommand, sequencesOf } from './shop-commands.ts'
import { compensatingOrder, orderAggregate, refusingStock, reserveStock } from './shop.ts'
import { counter, counting } from './small-aggregates.ts'
import { eventsOf, messagesIn, rowsOf, storedEvents, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

type Translate = (
  event: orders.OrderCreated,
  destinations: Destinations,
  source: SagaSource,
) => SagaResult

function saga(translate: Translate): Component {
  return defineSaga({ name: NAME, source: 'order', target: 'counter' }).handles(
    orders.OrderCreatedSchema,
    translate,
  )
}

function manager(react: (event: orders.OrderCreated) => ProcessResult): Component {
  return defineProcessManager({
    name: NAME,
    pmDomain: 'counting-process',
    sources: ['order'],
    targets: ['counter'],
    state: orders.OrderStateSchema,
  }).handles(orders.OrderCreatedSchema, react)
}

const add = (n: number): ReturnType<typeof command> =>
  command('counter', 'c-1', counters.AddSchema, { n })
const reported = (n: number): ReturnType<typeof fact> =>
  fact('counter', 'c-1', counters.CountReportedSchema, { n })
const remember = (event: orders.OrderCreated) => create(orders.OrderCreatedSchema, event)

describe('a reaction whose commit nobody knows the outcome of', () => {
  const both = (): readonly ReturnType<typeof command>[] => [add(1), add(2)]
  const kinds: Record<string, (called: () => void) => Component> = {
    saga: (called) =>
      saga(() => {
        called()
        return both()
      }),
    'process manager': (called) =>
      manager((event) => {
        called()
        return new ProcessManagerResponse({ commands: both(), processEvents: [remember(event)] })
      }),
  }
  for (const [kind, make] of Object.entries(kinds)) {
    for (const fault of ['before', 'done-but-reported-failed'] as const) {
      test(`is finished once: ${kind}, ${fault}`, async () => {
        let calls = 0
        await using shop = await openFaultyShop([orderAggregate(), counter, make(() => calls++)])
        let faults = 0
        shop.faulty.failAt(({ rows = [] }) => {
          const emits = rows.some(
            ({ space, kind: change }) => space === 'delivery' && change === 'put',
          )
          if (emits && faults++ === 0) {
            shop.forgetWrites(true)
            setTimeout(() => shop.forgetWrites(false), 1)
            return true
          }
          return false
        }, fault)
        await createOrder(shop, 'order-1')
        await shop.settled()
        const added = await messagesIn(shop.ledger, 'counter', counters.AddedSchema)
        assert.deepEqual(
          added.map(({ n }) => n),
          [1, 2],
        )
        assert.equal(calls, fault === 'before' ? 2 : 1)
        assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
      })
    }
  }
})

describe('a process manager', () => {
  it('is not triggered by events of no workflow', async () => {
    const seen: string[] = []
    const watching = manager(({ orderId }) => void seen.push(orderId))
    const components = [orderAggregate(), counter, watching]
    await using shop = await openShop(components, { generateCorrelationIds: false })
    await createOrder(shop, 'order-1')
    const created = orderCommand(shop, 'order-2')
      .withMessage(orders.CreateOrderSchema, { orderId: 'order-2' })
      .withCorrelationId('corr-2')
    await created.execute()
    await shop.settled()
    assert.deepEqual(seen, ['order-2'])
  })

  test('has a state for each workflow, whatever its id looks like [weakness-19]', async () => {
    const remembering = manager(
      (event) => new ProcessManagerResponse({ processEvents: [remember(event)] }),
    )
    await using shop = await openShop([orderAggregate(), counter, remembering])
    const id = '0f0e0d0c-0b0a-4908-8706-050403020100'
    for (const correlationId of ['corr-1', 'corr-2', id]) {
      const created = orderCommand(shop, correlationId)
        .withMessage(orders.CreateOrderSchema, { orderId: correlationId })
        .withCorrelationId(correlationId)
      await created.execute()
    }
    await shop.settled()
    const events = await storedEvents(shop.ledger, 'counting-process')
    assert.equal(new Set(events.map(({ key }) => key.root)).size, 3)
    assert.ok(events.some(({ key }) => key.root === id))
  })

  test('emits facts and commands, facts first [coordinator-C-0187]', async () => {
    const emitting = manager(
      () => new ProcessManagerResponse({ commands: [add(1)], facts: [reported(7)] }),
    )
    await using shop = await openShop([orderAggregate(), counter, emitting])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['CountReported', 'Added'])
  })
})

describe('a saga', () => {
  test('emits facts, which are stored at the next sequence of their aggregate [coordinator-C-0185]', async () => {
    const receiving = counter.handlesFact(counters.CountReportedSchema, ({ n }) =>
      create(counters.CountReportedSchema, { n, annotation: 'from outside' }),
    )
    const components = [orderAggregate(), receiving, saga(() => reported(7))]
    await using shop = await openShop(components)
    const client = shop.client('counter').command('c-1')
    await client.withMessage(counters.IncreaseBySchema, { n: 3 }).execute()
    await createOrder(shop, 'order-1')
    await shop.settled()
    const events = await eventsOf(shop.ledger, 'counter', 'c-1')
    assert.equal(events.at(-1)?.type, counters.CountReportedSchema.typeName)
    assert.equal(events.at(-1)?.sequence, 3)
    const next = shop.client('counter').command('c-1').withMessage(counters.AddSchema, { n: 1 })
    assert.deepEqual(sequencesOf(await next.execute()), [4])
  })

  test('that emits a fact for a domain nobody serves sends nothing [coordinator-C-0189]', async () => {
    const lost = fact('nonexistent', 'x', counters.CountReportedSchema, { n: 1 })
    await using shop = await openShop([orderAggregate(), counter, saga(() => [add(1), lost])])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(await storedEvents(shop.ledger, 'counter'), [])
    const letters = await shop.deadLetters.list()
    assert.deepEqual(
      letters.map(({ code, attempts }) => [code, attempts]),
      [['UNKNOWN_DOMAIN', 1]],
    )
  })

  test('gets one event at a time, at the end of its book', async () => {
    const seen: unknown[] = []
    const watching = defineSaga({ name: NAME, source: 'counter', target: 'order' }).handles(
      counters.IncreasedSchema,
      (_, __, source) => {
        const { sourceSeq, sourceEvents } = source
        seen.push([sourceSeq, sourceEvents.pages.length, sourceEvents.nextSequence])
      },
    )
    await using shop = await openShop([orderAggregate(), counter, watching])
    const client = shop.client('counter').command('c-1')
    await client.withMessage(counters.IncreaseBySchema, { n: 3 }).execute()
    await shop.settled()
    assert.deepEqual(seen, [
      [0, 1, 1],
      [1, 1, 2],
      [2, 1, 3],
    ])
  })

  test('knows a sequence for every domain it declared [weakness-18]', async () => {
    const known: unknown[] = []
    const watching = saga((_, destinations) => {
      known.push([...destinations.sequences])
    })
    await using shop = await openShop([orderAggregate(), counter, watching])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(known, [[['counter', 0]]])
  })

  test('is called for events it handles, of its own domain, and no others [weakness-22]', async () => {
    let calls = 0
    const watching = saga(() => void calls++)
    await using shop = await openShop([orderAggregate(), counter, watching])
    await createOrder(shop, 'order-1')
    await orderCommand(shop, 'order-1').withMessage(orders.CompleteOrderSchema, {}).execute()
    const client = shop.client('counter').command('c-1')
    await client.withMessage(counters.AddSchema, { n: 1 }).execute()
    await shop.settled()
    assert.equal(calls, 1)
  })

  test('hands its correlation id on', async () => {
    await using shop = await openShop([orderAggregate(), counter, saga(() => add(1))])
    const created = orderCommand(shop, 'order-1').withMessage(orders.CreateOrderSchema, {})
    await created.withCorrelationId('corr-7').execute()
    await shop.settled()
    const [event] = await storedEvents(shop.ledger, 'counter')
    assert.equal(event?.correlationId, 'corr-7')
  })

  test('may have a command carried out in isolation', async () => {
    const isolated = command(
      'counter',
      'c-1',
      counters.AddSchema,
      { n: 1 },
      {
        syncMode: SyncMode.ISOLATED,
      },
    )
    const seen: number[] = []
    const follower = defineProjector({ name: 'follower', domains: ['counter'] }).handles(
      counters.AddedSchema,
      ({ n }) => void seen.push(n),
    )
    await using shop = await openShop([orderAggregate(), counter, saga(() => isolated), follower])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.equal((await storedEvents(shop.ledger, 'counter')).length, 1)
    assert.deepEqual(seen, [])
  })

  test('that emits more than one reaction may is put on the desk at once', async () => {
    const many = Array.from({ length: 101 }, (_, n) => add(n + 1))
    await using shop = await openShop([orderAggregate(), counter, saga(() => many)])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.deepEqual(await storedEvents(shop.ledger, 'counter'), [])
    assert.equal((await shop.deadLetters.list())[0]?.code, 'TOO_MANY_OUTPUTS')
  })
})

describe('what a command sets off', () => {
  test('does not make the command fail [weakness-5]', async () => {
    const failing = saga(() => {
      throw new Error('broken')
    })
    const settings = { [NAME]: { attempts: 1 } }
    await using shop = await openShop([orderAggregate(), counter, failing], { settings })
    const response = await createOrder(shop, 'order-1')
    assert.equal(response.events?.pages.length, 1)
  })

  test('happens although the process died right after the command was stored [weakness-6]', async () => {
    await using folder = await ledgerFolder()
    const components = [orderAggregate(), counting(), saga(() => add(1))]
    const first = await openMortalShop(components, {
      folder,
      fatal: ({ appends = [] }) => appends.some(({ key }) => key.domain === 'order'),
      death: 'after',
    })
    void createOrder(first, 'order-1')
    await first.death
    await first.bury()
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.equal((await storedEvents(shop.ledger, 'counter')).length, 1)
  })

  test('is refused for good by a rule of its target, whatever its text begins with [weakness-3]', async () => {
    const refusal = new CommandRejectedError('Sequence mismatch: of the seats')
    await using shop = await openShop([compensatingOrder(), refusingStock(refusal), reserveStock])
    await createOrder(shop, 'order-1')
    await shop.settled()
    const told = await messagesIn(shop.ledger, 'order', orders.OrderCancelledSchema)
    assert.deepEqual(
      told.map(({ reason }) => reason),
      ['|Sequence mismatch: of the seats'],
    )
    assert.deepEqual(await shop.deadLetters.list(), [])
  })
})
