import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { Component } from '../../src/component/definition.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { StartPosition } from '../../src/coordinator/coordinator.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { SyncMode } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { faultyLedger } from '../../src/testing/faulty-ledger.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { type Kind, KINDS, NAME, noteOf, orderOf, watcher, Watched } from './failing-components.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop, type Shop, type ShopOptions } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { createOrder, orderCommand } from './shop-commands.ts'
import { orderAggregate, orderSummary } from './shop.ts'
import { counter } from './small-aggregates.ts'
import { rowsOf, storedEvents, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'
import { until } from './until.ts'

const labels = (count: number): string[] => Array.from({ length: count }, (_, n) => `order-${n}`)

/** Opens a shop on a ledger that has orders 0 to 3, with a component new to it. */
async function late(kind: Kind, from?: StartPosition): Promise<Watched> {
  await using folder = await ledgerFolder()
  {
    await using shop = await openShop([orderAggregate()], { folder })
    for (const id of labels(4)) await orderOf(shop, id)
  }
  const watched = new Watched()
  const components = [orderAggregate(), watcher(kind, watched.see)]
  const settings = { [NAME]: { from } }
  await using shop = await openShop(components, { folder, settings })
  await orderOf(shop, 'order-4')
  await shop.settled()
  return watched
}

async function watching(
  kind: Kind,
  options: ShopOptions = {},
): Promise<Shop & { watched: Watched }> {
  const watched = new Watched()
  const shop = await openShop([orderAggregate(), watcher(kind, watched.see)], options)
  return { ...shop, watched }
}

describe('a component new to a ledger', () => {
  for (const kind of ['saga', 'process_manager'] as const) {
    test(`begins at the head: ${kind}`, async () => {
      assert.deepEqual((await late(kind)).seen, ['order-4'])
    })
  }

  test('begins with the first event when it is a projector', async () => {
    assert.deepEqual((await late('projector')).seen, labels(5))
  })

  for (const kind of KINDS) {
    test(`begins where its setting says: ${kind}`, async () => {
      assert.deepEqual((await late(kind, 'beginning')).seen.sort(), labels(5))
      assert.deepEqual((await late(kind, 'head')).seen, ['order-4'])
      assert.deepEqual((await late(kind, { after: 2 })).seen.sort(), labels(5).slice(2))
    })
  }
})

for (const kind of KINDS) {
  describe(`a ${kind}`, () => {
    test('goes on where it was when the coordinator is opened again [weakness-21]', async () => {
      await using folder = await ledgerFolder()
      const seen: string[] = []
      for (const id of labels(3)) {
        await using shop = await watching(kind, { folder })
        await orderOf(shop, id)
        await shop.settled()
        seen.push(...shop.watched.seen)
      }
      assert.deepEqual(seen, labels(3))
    })

    test('reacts to what another process has stored while it was not there', async () => {
      await using folder = await ledgerFolder()
      await (await watching(kind, { folder }))[Symbol.asyncDispose]()
      {
        await using shop = await openShop([orderAggregate()], { folder })
        await orderOf(shop, 'order-1')
      }
      await using shop = await watching(kind, { folder })
      await shop.settled()
      assert.deepEqual(shop.watched.seen, ['order-1'])
    })

    test('never sees an event that is isolated', async () => {
      await using shop = await watching(kind)
      const hidden = orderCommand(shop, 'order-1')
        .withMessage(orders.CreateOrderSchema, { orderId: 'order-1' })
        .withCorrelationId('order-1')
      await hidden.execute({ syncMode: SyncMode.ISOLATED })
      await noteOf(shop, 'order-1', 'open')
      await shop.settled()
      assert.deepEqual(shop.watched.seen, ['open'])
      assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
        'OrderCreated',
        'OrderNoteAdded',
      ])
    })

    test('keeps up with more events than are kept in memory', async () => {
      const limits = { recentEventsMax: 8, triggersPerComponentMax: 4, eventsPerProjectionMax: 2 }
      await using shop = await watching(kind, { limits })
      await Promise.all(labels(200).map((id) => orderOf(shop, id)))
      await shop.settled()
      assert.deepEqual(shop.watched.seen.sort(), labels(200).sort())
    })

    test('reads again when the ledger could not be read', async () => {
      await using folder = await ledgerFolder()
      await (await watching(kind, { folder }))[Symbol.asyncDispose]()
      {
        await using shop = await openShop([orderAggregate()], { folder })
        for (const id of labels(3)) await orderOf(shop, id)
      }
      let failures = 0
      const wrap = (ledger: Ledger): Ledger => ({
        ...faultyLedger(ledger),
        log: (after, options) => {
          if (failures++ < 2) throw new Error('the disk hiccups')
          return ledger.log(after, options)
        },
      })
      await using shop = await watching(kind, { folder, wrap })
      await shop.settled()
      assert.deepEqual(shop.watched.seen.sort(), labels(3))
      assert.ok(failures > 2)
    })

    test('handles the events of one key in their order, one at a time', async () => {
      const seen: string[] = []
      let running = 0
      const slow = watcher(kind, async (label) => {
        running++
        assert.equal(running, 1)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(label)
        running--
      })
      await using shop = await openShop([orderAggregate(), slow])
      await orderOf(shop, 'order-1')
      await Promise.all(['a', 'b', 'c'].map((note) => noteOf(shop, 'order-1', note)))
      await shop.settled()
      assert.deepEqual(seen, ['order-1', 'a', 'b', 'c'])
    })
  })
}

for (const kind of ['saga', 'process_manager'] as const) {
  test(`a ${kind} works on different keys at the same time, as many as it may`, async () => {
    let running = 0
    let most = 0
    const slow = watcher(kind, async () => {
      most = Math.max(most, ++running)
      // Nobody gets out before as many are in as may be.
      await until(() => most >= 4)
      running--
    })
    const limits = { lanesPerComponentMax: 4 }
    await using shop = await openShop([orderAggregate(), slow], { limits })
    await Promise.all(labels(20).map((id) => orderOf(shop, id)))
    await shop.settled()
    assert.equal(most, 4)
  })
}

describe('a reaction that has run', () => {
  test('does not run again when the process died before its progress was written down', async () => {
    await using folder = await ledgerFolder()
    let calls = 0
    const saga = defineSaga({ name: NAME, source: 'order', target: 'counter' }).handles(
      orders.OrderCreatedSchema,
      () => {
        calls++
        return [1, 2].map((n) => command('counter', 'c-1', counters.AddSchema, { n }))
      },
    )
    const components = [orderAggregate(), counter, saga]
    const first = await openMortalShop(components, {
      folder,
      fatal: ({ rows = [] }) => rows.every(({ space }) => space === 'progress') && rows.length > 0,
      death: 'before',
    })
    await createOrder(first, 'order-1')
    await first.settled()
    await first.death
    await first.bury()
    assert.equal(calls, 1)
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.equal(calls, 1)
    assert.equal((await storedEvents(shop.ledger, 'counter')).length, 2)
  })
})

describe('the domain *', () => {
  const audit = defineAggregate({ domain: '_audit', state: counters.CounterStateSchema }).handles(
    counters.AddSchema,
    ({ n }) => create(counters.AddedSchema, { n }),
  )
  const auditing = defineSaga({ name: 'auditing', source: 'order', target: '_audit' }).handles(
    orders.OrderCreatedSchema,
    () => command('_audit', 'a-1', counters.AddSchema, { n: 1 }),
  )
  const following = (domains: readonly string[], seen: string[]): Component =>
    defineProjector({ name: NAME, domains })
      .handles(orders.OrderCreatedSchema, ({ orderId }) => void seen.push(orderId))
      .handles(counters.AddedSchema, ({ n }) => void seen.push(`added ${n}`))

  for (const [domains, expected] of [
    [['*'], ['order-1']],
    [['_audit'], ['added 1']],
    [
      ['*', '_audit'],
      ['order-1', 'added 1'],
    ],
  ] as const) {
    test(`does not stand for domains of the engine: ${domains.join()}`, async () => {
      const seen: string[] = []
      const components = [orderAggregate(), audit, auditing, following(domains, seen)]
      await using shop = await openShop(components)
      await createOrder(shop, 'order-1')
      await shop.settled()
      assert.deepEqual(seen, expected)
    })
  }
})

describe('the status', () => {
  test('says how far a component is, and how much it has not looked at', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow = watcher('projector', () => promise)
    await using shop = await openShop([orderAggregate(), slow])
    for (const id of labels(3)) await orderOf(shop, id)
    const [before] = shop.status()
    assert.deepEqual([before?.kind, before?.state, before?.position], ['projector', 'running', 0])
    assert.equal(before?.lag, 3)
    resolve()
    await shop.settled()
    const [after] = shop.status()
    assert.deepEqual([after?.position, after?.lag], [3, 0])
  })

  test('names the checkpoints nobody has code for', async () => {
    await using folder = await ledgerFolder()
    await (await openShop([orderAggregate(), orderSummary], { folder }))[Symbol.asyncDispose]()
    await using shop = await openShop([orderAggregate()], { folder })
    assert.deepEqual(shop.orphans, ['order-summary'])
  })
})

describe('waiting until all is settled', () => {
  test('may be given up', async () => {
    const slow = watcher('saga', () => new Promise((resolve) => setTimeout(resolve, 20)))
    await using shop = await openShop([orderAggregate(), slow])
    await orderOf(shop, 'order-1')
    const { code } = await refusalOf(shop.settled({ signal: AbortSignal.timeout(1) }))
    assert.equal(code, 'ABORTED')
  })

  test('covers what reactions set off in turn', async () => {
    const chain = defineSaga({ name: NAME, source: 'order', target: 'order' })
      .handles(orders.OrderCreatedSchema, () =>
        command('order', 'order-1', orders.AddOrderNoteSchema, { note: '1' }),
      )
      .handles(orders.OrderNoteAddedSchema, ({ note }) =>
        note.length < 20
          ? command('order', 'order-1', orders.AddOrderNoteSchema, { note: `${note}1` })
          : undefined,
      )
    await using shop = await openShop([orderAggregate(), chain])
    await createOrder(shop, 'order-1')
    await shop.settled()
    assert.equal((await typesOf(shop.ledger, 'order', 'order-1')).length, 21)
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })
})
