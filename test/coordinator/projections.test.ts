import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { Component } from '../../src/component/definition.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import type { ProjectionStore } from '../../src/component/projection-store.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import { codedError } from '../../src/errors.ts'
import type { Write } from '../../src/ledger/ledger.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addNote, createOrder } from './shop-commands.ts'
import { orderAggregate, reserveStock, stock } from './shop.ts'
import { rowsOf } from './stored-events.ts'

const NAME = 'totals'

/** Counts orders and sums up their items, each multiplied by a factor. */
function totals(factor = 1, before: (orderId: string) => void = () => undefined): Component {
  return defineProjector({ name: NAME, domains: ['order'] }).handles(
    orders.OrderCreatedSchema,
    async ({ orderId, itemCount }, { projection }) => {
      await add(projection, 'orders', 1)
      before(orderId)
      await add(projection, 'items', itemCount * factor)
    },
  )
}

async function add(projection: ProjectionStore, key: string, n: number): Promise<void> {
  await projection.rows(orders.OrderStateSchema).update(key, (row) => {
    row.itemCount += n
  })
}

async function rows(shop: Pick<Coordinator, 'projection'>): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for await (const { key, row } of shop.projection(NAME).all(orders.OrderStateSchema)) {
    found[key] = row.itemCount
  }
  return found
}

async function createOrders(shop: Pick<Coordinator, 'client'>, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => `order-${n}`)
  await Promise.all(ids.map((id) => createOrder(shop, id, 2)))
}

function touches(space: string): (write: Write) => boolean {
  return ({ rows: changes = [] }) => changes.some((change) => change.space.startsWith(space))
}

describe('a projection', () => {
  test('equals the fold of its events', async () => {
    await using shop = await openShop([orderAggregate(), totals()])
    await createOrders(shop, 500)
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 1_000, orders: 500 })
  })

  test('holds nothing of an event that its handler failed on half way', async () => {
    const failing = totals(1, (orderId) => {
      if (orderId === 'order-1') throw new Error('view store unavailable')
    })
    const settings = { [NAME]: { attempts: 2 } }
    await using shop = await openShop([orderAggregate(), failing], { settings })
    await createOrders(shop, 3)
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 4, orders: 2 })
  })

  test('can be read row by row, and rows can be removed', async () => {
    const forgetting = defineProjector({ name: NAME, domains: ['order'] })
      .handles(orders.OrderCreatedSchema, ({ orderId }, { projection }) =>
        projection.put(orderId, new Uint8Array(0)),
      )
      .handles(orders.OrderNoteAddedSchema, ({ note }, { projection }) => projection.delete(note))
    await using shop = await openShop([orderAggregate(), forgetting])
    await createOrders(shop, 2)
    await addNote(shop, 'order-0', 'order-0').execute()
    await shop.settled()
    const reader = shop.projection(NAME)
    assert.equal(await reader.get(orders.OrderStateSchema, 'order-0'), undefined)
    assert.deepEqual(
      await reader.get(orders.OrderStateSchema, 'order-1'),
      create(orders.OrderStateSchema),
    )
  })

  test('that nobody knows is refused by name', async () => {
    await using shop = await openShop([orderAggregate(), stock, reserveStock])
    assert.equal((await refusalOf(() => shop.projection('nobody'))).code, 'COMPONENT_UNKNOWN')
    // What emits commands cannot be built anew.
    const rebuilt = await refusalOf(shop.rebuild('order-fulfillment'))
    assert.equal(rebuilt.code, 'COMPONENT_UNKNOWN')
  })

  test('is told where each event stands, for stores that are elsewhere', async () => {
    const places: unknown[] = []
    const elsewhere = defineProjector({ name: NAME, domains: ['order'] }).handles(
      orders.OrderCreatedSchema,
      (_, { cover, sequence, position }) => void places.push([cover?.domain, sequence, position]),
    )
    await using shop = await openShop([orderAggregate(), elsewhere])
    await createOrder(shop, 'order-1')
    await createOrder(shop, 'order-2')
    await shop.settled()
    assert.deepEqual(places, [
      ['order', 0, 1],
      ['order', 0, 2],
    ])
  })

  test('loses nothing when the coordinator closes while its commits fail', async () => {
    await using folder = await ledgerFolder()
    const components = [orderAggregate(), totals()]
    {
      const shop = await openFaultyShop(components, { folder })
      shop.faulty.failAt(touches('projection.'), 'before')
      await createOrders(shop, 3)
      await assert.doesNotReject(async () => await shop[Symbol.asyncDispose]())
    }
    await using shop = await openShop(components, { folder })
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 6, orders: 3 })
  })

  test('stops at a failure that nobody can mend, and keeps what is stored', async () => {
    const halting = totals(1, (orderId) => {
      if (orderId === 'order-1') throw codedError('CONFIGURATION_INVALID')
    })
    await using shop = await openShop([orderAggregate(), halting])
    for (const id of ['order-0', 'order-1', 'order-2']) await createOrder(shop, id, 2)
    await shop.settled()
    assert.equal(shop.status()[0]?.state, 'halted')
    assert.equal(shop.status()[0]?.position, 1)
    await createOrder(shop, 'order-3', 2)
    await shop.settled()
    const { orders: count = 0, items } = await rows(shop)
    assert.ok(count < 3 && items === 2 * count)
    assert.deepEqual(await shop.deadLetters.list(), [])
  })
})

describe('building a projection anew', () => {
  test('folds all events with the code of now, and removes what was there', async () => {
    await using folder = await ledgerFolder()
    {
      await using shop = await openShop([orderAggregate(), totals()], { folder })
      await createOrders(shop, 5)
      await shop.settled()
    }
    {
      await using shop = await openShop([orderAggregate(), totals(10)], { folder })
      assert.deepEqual(await rows(shop), { items: 10, orders: 5 })
      await shop.rebuild(NAME)
      assert.deepEqual(await rows(shop), { items: 100, orders: 5 })
      assert.deepEqual(await rowsOf(shop.ledger, `projection.${NAME}`), [])
    }
    await using shop = await openShop([orderAggregate(), totals(10)], { folder })
    await createOrder(shop, 'order-9', 2)
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 120, orders: 6 })
    assert.deepEqual(shop.orphans, [])
  })

  test('loses nothing that comes meanwhile', async () => {
    await using shop = await openShop([orderAggregate(), totals()])
    await createOrders(shop, 20)
    const rebuilt = shop.rebuild(NAME)
    await Promise.all(['a', 'b', 'c'].map((id) => createOrder(shop, id, 2)))
    await rebuilt
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 46, orders: 23 })
  })

  test('twice at the same time is done once', async () => {
    await using shop = await openShop([orderAggregate(), totals()])
    await createOrders(shop, 20)
    await Promise.all([shop.rebuild(NAME), shop.rebuild(NAME)])
    await createOrder(shop, 'later', 2)
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 42, orders: 21 })
    assert.equal(shop.status().length, 1)
  })

  test('again begins from zero again', async () => {
    await using shop = await openShop([orderAggregate(), totals()])
    await createOrders(shop, 2)
    for (let n = 0; n < 3; n++) await shop.rebuild(NAME)
    assert.deepEqual(await rows(shop), { items: 4, orders: 2 })
    const spaces = await Promise.all(
      ['', '#2', '#3'].map((generation) => rowsOf(shop.ledger, `projection.${NAME}${generation}`)),
    )
    assert.deepEqual(spaces.flat(), [])
  })

  test('that cannot swap leaves the old one at work', async () => {
    await using shop = await openFaultyShop([orderAggregate(), totals()])
    await createOrders(shop, 2)
    await shop.settled()
    shop.faulty.failAt(touches('projection-generation'), 'before')
    assert.equal((await refusalOf(shop.rebuild(NAME))).code, 'LEDGER_WRITE_FAILED')
    await createOrder(shop, 'later', 2)
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 6, orders: 3 })
    assert.equal(shop.status().length, 1)
    shop.faulty.heal()
    await shop.rebuild(NAME)
    assert.deepEqual(await rows(shop), { items: 6, orders: 3 })
  })

  test('that halts leaves the old one at work', async () => {
    let broken = false
    const halting = totals(1, () => {
      if (broken) throw codedError('CONFIGURATION_INVALID')
    })
    await using shop = await openShop([orderAggregate(), halting])
    await createOrders(shop, 2)
    await shop.settled()
    broken = true
    await refusalOf(shop.rebuild(NAME))
    broken = false
    await createOrder(shop, 'later', 2)
    await shop.settled()
    assert.deepEqual(await rows(shop), { items: 6, orders: 3 })
  })

  test('begins from zero when a process died while it did so', async () => {
    await using folder = await ledgerFolder()
    const mortal = await openMortalShop([orderAggregate(), totals()], {
      folder,
      fatal: touches(`projection.${NAME}#2`),
      death: 'after',
    })
    await createOrders(mortal, 5)
    await mortal.settled()
    void mortal.rebuild(NAME)
    await mortal.death
    await mortal.bury()
    await using shop = await openShop([orderAggregate(), totals(10)], { folder })
    await shop.rebuild(NAME)
    assert.deepEqual(await rows(shop), { items: 100, orders: 5 })
  })

  test('takes the letters of the old one off the desk', async () => {
    let broken = true
    const mended = totals(1, () => {
      if (broken) throw new Error('view store unavailable')
    })
    const settings = { [NAME]: { attempts: 1 } }
    await using shop = await openShop([orderAggregate(), mended], { settings })
    await createOrders(shop, 2)
    await shop.settled()
    assert.equal((await shop.deadLetters.list()).length, 2)
    broken = false
    await shop.rebuild(NAME)
    assert.deepEqual(await rows(shop), { items: 4, orders: 2 })
    assert.deepEqual(await shop.deadLetters.list(), [])
    assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
  })

  test('keeps a letter of an event that it fails on as well', async () => {
    const failing = totals(1, (orderId) => {
      if (orderId === 'order-1') throw new Error('view store unavailable')
    })
    const settings = { [NAME]: { attempts: 1 } }
    await using shop = await openShop([orderAggregate(), failing], { settings })
    await createOrders(shop, 3)
    await shop.settled()
    await shop.rebuild(NAME)
    const letters = await shop.deadLetters.list()
    assert.equal(letters.length, 1)
    await shop.deadLetters.discard(letters[0]?.id ?? '')
    assert.deepEqual(await shop.deadLetters.list(), [])
    assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
  })
})
