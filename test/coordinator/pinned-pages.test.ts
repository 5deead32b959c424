/** Pending pages that are pinned: reserved, then committed or rolled back, whatever fails meanwhile. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cascades } from '../../src/coordinator/cascades.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import { seen, twoEvents, unclaimed, within } from './pending.ts'
import { refusalOf } from './refusals.ts'
import { addItem, addStock } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { eventsOf, rowsOf, typesOf } from './stored-events.ts'
import { until } from './until.ts'

const CASCADE = 'cascade-p'
const FAULTS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

/** An order and a stock with pending pages of one cascade. */
async function overTwo(shop: Shop): Promise<void> {
  await twoEvents(shop)
  await addStock(shop, 5)
  await within(shop, CASCADE, unclaimed(addItem(shop)))
  const reserve = shop.client('inventory').command('sku-1')
  reserve.withMessage(inventory.ReserveStockSchema, { orderId: 'order-1', quantity: 1 })
  await within(shop, CASCADE, unclaimed(reserve))
}

/** Does it until it is done, as whoever asks for it does. */
async function untilDone(act: () => Promise<number>): Promise<void> {
  await act().catch(act)
}

describe('a cascade that is reserved', () => {
  test('takes no more pages, and shows those it has to nobody', async () => {
    await using shop = await openShop([orderAggregate(), stock])
    await overTwo(shop)
    assert.equal(await shop.cascades.reserve(CASCADE), 2)
    const { code } = await refusalOf(within(shop, CASCADE, unclaimed(addItem(shop))))
    assert.equal(code, 'CASCADE_RESOLVED')
    assert.equal((await seen(shop))[2], `uncommitted ${CASCADE}`)
    const other = await refusalOf(unclaimed(addItem(shop)).execute())
    assert.equal(other.code, 'CASCADE_CONFLICT')
  })

  test('is reserved, committed and rolled back once, however often that is asked for', async () => {
    for (const [end, other] of [
      ['commit', 'rollback'],
      ['rollback', 'commit'],
    ] as const) {
      await using shop = await openShop([orderAggregate(), stock])
      await overTwo(shop)
      assert.equal(await shop.cascades.reserve(CASCADE), 2)
      assert.equal(await shop.cascades.reserve(CASCADE), 2)
      assert.equal(await shop.cascades[end](CASCADE, 'no'), 2)
      assert.equal(await shop.cascades[end](CASCADE, 'no'), 0)
      assert.equal((await refusalOf(shop.cascades[other](CASCADE, 'no'))).code, 'CASCADE_RESOLVED')
      const end_ = end === 'commit' ? 'Confirmation' : 'Revocation'
      assert.deepEqual((await typesOf(shop.ledger, 'order', 'order-1')).slice(3), [end_])
      assert.deepEqual(await rowsOf(shop.ledger, 'pending-page'), [])
    }
  })

  test('agrees without pages, and refuses when they were revoked', async () => {
    await using shop = await openShop([orderAggregate(), stock])
    assert.equal(await shop.cascades.reserve('nothing'), 0)
    assert.equal(await shop.cascades.commit('nothing'), 0)
    assert.equal(await shop.cascades.reserve('nothing'), 0)
    await overTwo(shop)
    await shop.cascades.rollback(CASCADE, 'timeout')
    assert.equal((await refusalOf(shop.cascades.reserve(CASCADE))).code, 'CASCADE_RESOLVED')
    assert.equal((await refusalOf(shop.cascades.reserve(''))).code, 'REQUEST_INCOMPLETE')
  })

  test('holds nothing of a cascade whose id begins with its own', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, `${CASCADE}-2`, unclaimed(addItem(shop)))
    assert.equal(await shop.cascades.reserve(CASCADE), 0)
    await shop.cascades.rollback(CASCADE, 'no')
    assert.equal((await seen(shop))[2], `uncommitted ${CASCADE}-2`)
  })

  for (const kind of FAULTS) {
    for (const act of ['reserve', 'commit', 'rollback'] as const) {
      test(`is so once or not at all when that commit fails: ${act}, ${kind}`, async () => {
        await using shop = await openFaultyShop([orderAggregate(), stock])
        await overTwo(shop)
        const { cascades } = shop
        const acting = (): Promise<number> => done(cascades, act)
        if (act !== 'reserve') await cascades.reserve(CASCADE)
        shop.faulty.failAt(1, kind)
        await untilDone(acting)
        const rows = await rowsOf(shop.ledger, 'pending-page')
        assert.equal(rows.length, act === 'reserve' ? 2 : 0)
        assert.ok(rows.every(({ dueAt }) => dueAt === undefined))
        if (act === 'reserve') await cascades.commit(CASCADE)
        assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 4)
        assert.equal((await eventsOf(shop.ledger, 'inventory', 'sku-1')).length, 3)
        const shown = act === 'rollback' ? `revoked ${CASCADE}` : 'ItemAdded'
        assert.equal((await seen(shop))[2], shown)
      })
    }
  }

  test('ends one way when it is reserved, committed and rolled back at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      await using shop = await openShop([orderAggregate(), stock])
      await overTwo(shop)
      await Promise.allSettled([
        shop.cascades.reserve(CASCADE),
        shop.cascades.rollback(CASCADE, 'no'),
        shop.cascades.commit(CASCADE),
      ])
      const [one, other] = [(await seen(shop))[2], (await seen(shop, 'inventory', 'sku-1'))[1]]
      assert.equal(one === 'ItemAdded', other === 'StockReserved')
      assert.equal(one === `revoked ${CASCADE}`, other === `revoked ${CASCADE}`)
    }
  })
})

describe('the reaper', () => {
  const DUE_MS = 300_001

  test('leaves alone what is pinned, however long that takes [minos-283]', async () => {
    const clock = fakeClock()
    await using shop = await openShop([orderAggregate(), stock], { clock })
    await overTwo(shop)
    await shop.cascades.reserve(CASCADE)
    await clock.advanceAsync(10 * DUE_MS)
    assert.equal(await shop.cascades.reap(), 0)
    assert.equal((await seen(shop))[2], `uncommitted ${CASCADE}`)
    await shop.cascades.commit(CASCADE)
    assert.equal((await seen(shop))[2], 'ItemAdded')
  })

  test('leaves alone what somebody owns, until nobody does', async () => {
    const clock = fakeClock()
    await using shop = await openShop([orderAggregate(), stock], { clock })
    await overTwo(shop)
    const asked: string[] = []
    const owned = shop.cascades.ownedBy((id) => {
      asked.push(id)
      return Promise.resolve(true)
    })
    await clock.advanceAsync(2 * DUE_MS)
    assert.ok(asked.includes(CASCADE))
    assert.equal((await seen(shop))[2], `uncommitted ${CASCADE}`)
    owned[Symbol.dispose]()
    await clock.advanceAsync(2 * DUE_MS)
    await until(async () => (await seen(shop))[2] === `revoked ${CASCADE}`, clock)
  })

  test('leaves alone what an owner cannot tell', async () => {
    const clock = fakeClock()
    await using shop = await openShop([orderAggregate(), stock], { clock })
    await overTwo(shop)
    using _ = shop.cascades.ownedBy(() => Promise.reject(new Error('the ledger is away')))
    await clock.advanceAsync(2 * DUE_MS)
    assert.equal(await shop.cascades.reap(), 0)
    assert.equal((await seen(shop))[2], `uncommitted ${CASCADE}`)
  })
})

describe('a client of a cascade', () => {
  test('decides and reads upon what its cascade has pending, and nobody else does', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    const inside = shop.client('order', { cascadeId: CASCADE })
    const adding = unclaimed(addItem({ client: () => inside }))
    await adding.execute()
    assert.equal((await seen({ client: () => inside }))[2], 'ItemAdded')
    assert.equal((await seen(shop))[2], `uncommitted ${CASCADE}`)
    await shop.cascades.commit(CASCADE)
    assert.equal((await seen(shop))[2], 'ItemAdded')
  })

  test('is refused for an id that cannot be one', async () => {
    await using shop = await openShop([orderAggregate()])
    assert.throws(() => shop.client('order', { cascadeId: 'no spaces' }), {
      code: 'CORRELATION_ID_INVALID',
    })
  })
})

function done(cascades: Cascades, act: 'reserve' | 'commit' | 'rollback'): Promise<number> {
  return act === 'rollback' ? cascades.rollback(CASCADE, 'no') : cascades[act](CASCADE)
}
