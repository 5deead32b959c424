import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { ComponentOptions } from '../../src/coordinator/coordinator.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { commandTypeOf } from './dead-letter-contents.ts'
import { type Kind, KINDS, NAME, noteOf, orderOf, watcher, Watched } from './failing-components.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { type LedgerFolder, ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop, type ShopOptions } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { messagesIn, rowsOf } from './stored-events.ts'
import { until } from './until.ts'

async function watching(
  kind: Kind,
  watched: Watched,
  options: ShopOptions & { readonly own?: ComponentOptions } = {},
): Promise<Shop> {
  const { own = { attempts: 2 }, ...rest } = options
  const components = [orderAggregate(), watcher(kind, watched.see)]
  return await openShop(components, { ...rest, settings: { [NAME]: own } })
}

/** Leaves a ledger in which order-1 is parked, and answers the id of its letter. */
async function parkedInThePast(kind: Kind, folder: LedgerFolder): Promise<string> {
  const watched = new Watched()
  watched.broken.add('order-1')
  await using shop = await watching(kind, watched, { folder })
  await orderOf(shop, 'order-1')
  await noteOf(shop, 'order-1', '1:a')
  await orderOf(shop, 'order-2')
  await shop.settled()
  assert.deepEqual(watched.seen, ['order-2'])
  return (await shop.deadLetters.list())[0]?.id ?? ''
}

for (const kind of KINDS) {
  describe(`a parked key of a ${kind}`, () => {
    test('stays parked when the coordinator is opened again', async () => {
      await using folder = await ledgerFolder()
      await parkedInThePast(kind, folder)
      const watched = new Watched()
      await using shop = await watching(kind, watched, { folder })
      await noteOf(shop, 'order-1', '1:b')
      await noteOf(shop, 'order-2', '2:a')
      await shop.settled()
      assert.deepEqual(watched.seen, ['2:a'])
      assert.equal(shop.status()[0]?.parkedKeys, 1)
    })

    test('is replayed by a later process, with all that came since', async () => {
      await using folder = await ledgerFolder()
      const id = await parkedInThePast(kind, folder)
      const watched = new Watched()
      await using shop = await watching(kind, watched, { folder })
      await noteOf(shop, 'order-1', '1:b')
      await shop.settled()
      await shop.deadLetters.replay(id)
      assert.deepEqual(watched.seen, ['order-1', '1:a', '1:b'])
      assert.deepEqual(await shop.deadLetters.list(), [])
      assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
    })

    test('is discarded by a later process', async () => {
      await using folder = await ledgerFolder()
      const id = await parkedInThePast(kind, folder)
      const watched = new Watched()
      await using shop = await watching(kind, watched, { folder })
      await shop.deadLetters.discard(id)
      assert.deepEqual(watched.seen, ['1:a'])
      assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
    })

    test('that fails again stays parked, also where messages are skipped', async () => {
      await using folder = await ledgerFolder()
      const id = await parkedInThePast(kind, folder)
      const watched = new Watched()
      watched.broken.add('order-1')
      const own = { attempts: 1, onExhausted: 'skip' } as const
      await using shop = await watching(kind, watched, { folder, own })
      await assert.rejects(shop.deadLetters.replay(id), /inventory service down/)
      await shop.deadLetters.discard(id)
      assert.deepEqual(watched.seen, ['1:a'])
      assert.deepEqual(await shop.deadLetters.list(), [])
    })

    test('that is being replayed when the coordinator closes is told so, and stays parked', async () => {
      await using folder = await ledgerFolder()
      const id = await parkedInThePast(kind, folder)
      const watched = new Watched()
      watched.broken.add('order-1')
      const limits = { reactionBackoffMsMin: 60_000, reactionBackoffMsMax: 120_000 }
      const shop = await watching(kind, watched, { folder, limits, own: { attempts: 9 } })
      const replayed = refusalOf(shop.deadLetters.replay(id))
      await until(() => watched.asked.length === 1)
      await shop[Symbol.asyncDispose]()
      assert.equal((await replayed).code, 'COORDINATOR_CLOSED')
      const healed = new Watched()
      await using again = await watching(kind, healed, { folder })
      await again.deadLetters.replay(id)
      assert.deepEqual(healed.seen, ['order-1', '1:a'])
    })

    test('among too many halts the component, visibly', async () => {
      const watched = new Watched()
      const logged: unknown[] = []
      await using shop = await watching(kind, watched, {
        own: { attempts: 1 },
        limits: { parkedKeysMax: 1 },
        log: (_, event, fields) => logged.push([event, fields['component']]),
      })
      for (const id of ['order-1', 'order-2']) {
        watched.broken.add(id)
        await orderOf(shop, id)
      }
      await shop.settled()
      await orderOf(shop, 'order-3')
      await shop.settled()
      assert.equal(shop.status()[0]?.state, 'halted')
      assert.deepEqual(watched.seen, [])
      assert.equal((await shop.deadLetters.list()).length, 2)
      assert.ok(logged.some((entry) => JSON.stringify(entry) === `["component_halted","${NAME}"]`))
    })

    test('survives a failing ledger while it is parked and while it is taken up', async () => {
      const watched = new Watched()
      watched.broken.add('order-1')
      const components = [orderAggregate(), watcher(kind, watched.see)]
      const settings = { [NAME]: { attempts: 1 } }
      await using shop = await openFaultyShop(components, { settings })
      let failures = 0
      shop.faulty.failAt(({ rows = [] }) => {
        const fatal = rows.some(({ space }) => space === 'parked') && failures % 2 === 0
        if (rows.some(({ space }) => space === 'parked')) failures++
        return fatal
      }, 'before')
      await orderOf(shop, 'order-1')
      await noteOf(shop, 'order-1', '1:a')
      await shop.settled()
      watched.broken.clear()
      const [letter] = await shop.deadLetters.list()
      await shop.deadLetters.replay(letter?.id ?? '')
      assert.deepEqual(watched.seen, ['order-1', '1:a'])
      assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
      assert.ok(failures >= 3)
    })
  })
}

describe('a delivery that fails', () => {
  test('parks its key at its target, and goes on from there when it is replayed', async () => {
    let down = true
    const failing = defineAggregate({
      domain: 'counter',
      state: counters.CounterStateSchema,
    }).handles(counters.AddSchema, ({ n }) => {
      if (down && n === 2) throw new Error('counter service down')
      return create(counters.AddedSchema, { n })
    })
    let translated = 0
    const saga = defineSaga({ name: NAME, source: 'order', target: 'counter' })
      .handles(orders.OrderCreatedSchema, () => {
        translated++
        return [1, 2, 3].map((n) => command('counter', 'c-1', counters.AddSchema, { n }))
      })
      .handles(orders.OrderNoteAddedSchema, () =>
        command('counter', 'c-1', counters.AddSchema, { n: 4 }),
      )
    const settings = { [NAME]: { attempts: 2 } }
    await using shop = await openShop([orderAggregate(), failing, saga], { settings })
    await createOrder(shop, 'order-1')
    await noteOf(shop, 'order-1', 'later')
    await shop.settled()
    const added = async (): Promise<number[]> =>
      (await messagesIn(shop.ledger, 'counter', counters.AddedSchema)).map(({ n }) => n)
    assert.deepEqual(await added(), [1])
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.attempts, 2)
    assert.equal(commandTypeOf(letter?.letter), counters.AddSchema.typeName)
    down = false
    await shop.deadLetters.replay(letter?.id ?? '')
    assert.deepEqual(await added(), [1, 2, 3, 4])
    assert.equal(translated, 1)
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('is given up alone when it is discarded', async () => {
    const failing = defineAggregate({
      domain: 'counter',
      state: counters.CounterStateSchema,
    }).handles(counters.AddSchema, ({ n }) => {
      if (n === 2) throw new Error('counter service down')
      return create(counters.AddedSchema, { n })
    })
    const saga = defineSaga({ name: NAME, source: 'order', target: 'counter' }).handles(
      orders.OrderCreatedSchema,
      () => [1, 2, 3].map((n) => command('counter', 'c-1', counters.AddSchema, { n })),
    )
    const settings = { [NAME]: { attempts: 1 } }
    await using shop = await openShop([orderAggregate(), failing, saga], { settings })
    await createOrder(shop, 'order-1')
    await shop.settled()
    await shop.deadLetters.discard((await shop.deadLetters.list())[0]?.id ?? '')
    const added = await messagesIn(shop.ledger, 'counter', counters.AddedSchema)
    assert.deepEqual(
      added.map(({ n }) => n),
      [1, 3],
    )
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })
})
