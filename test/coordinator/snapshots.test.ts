import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import { type Aggregate, defineAggregate } from '../../src/component/define-aggregate.ts'
import type { LogSink } from '../../src/coordinator/coordinator.ts'
import type { StoredSnapshot } from '../../src/ledger/ledger.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { type FaultyShop, openFaultyShop } from './faulty-shop.ts'
import { type LedgerFolder, ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { sequencesOf } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { eventsOf, streamKey } from './stored-events.ts'

/** A counter that tells its total in each event, and counts how often it folds. */
function totalling(
  snapshotEvery: number | undefined,
  folded: () => void = () => undefined,
): Aggregate<counters.CounterState> {
  return defineAggregate({ domain: 'counter', state: counters.CounterStateSchema, snapshotEvery })
    .handles(counters.AddSchema, ({ n }, { count }) =>
      create(counters.AddedSchema, { n: count + n }),
    )
    .handles(counters.IncreaseBySchema, ({ n }) =>
      Array.from({ length: n }, () => create(counters.IncreasedSchema)),
    )
    .applies(counters.AddedSchema, (state, { n }) => {
      folded()
      state.count = n
    })
    .applies(counters.IncreasedSchema, (state) => {
      folded()
      state.count++
    })
}

function add(shop: Shop, n = 1): CommandBuilder {
  return shop.client('counter').command('c-1').withMessage(counters.AddSchema, { n })
}

async function addTimes(shop: Shop, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await add(shop).execute()
}

async function totalsOf(shop: Shop): Promise<number[]> {
  const events = await shop.client('counter').query('c-1').events(counters.AddedSchema)
  return events.map(({ message }) => message.n)
}

/** Every snapshot that was offered to the ledger, with what was stored beside it. */
function snapshotsOf({ faulty }: FaultyShop): readonly (readonly [number, number])[] {
  return faulty.offered.flatMap(({ snapshots = [], appends = [] }) =>
    snapshots.map(({ sequence }: StoredSnapshot) => [sequence, appends[0]?.at ?? -1] as const),
  )
}

const newest = async (shop: Shop): Promise<number | undefined> =>
  (await shop.ledger.snapshot(streamKey('counter', 'c-1')))?.sequence

describe('a snapshot', () => {
  test('is written every so many events, in the commit of the last of them', async () => {
    await using shop = await openFaultyShop([totalling(3)])
    await addTimes(shop, 10)
    assert.deepEqual(snapshotsOf(shop), [
      [2, 2],
      [5, 5],
      [8, 8],
    ])
    assert.equal(await newest(shop), 8)
  })

  test('is written once when a decision has more events than that', async () => {
    await using shop = await openFaultyShop([totalling(3)])
    const client = shop.client('counter').command('c-1')
    await client.withMessage(counters.IncreaseBySchema, { n: 7 }).execute()
    assert.deepEqual(snapshotsOf(shop), [[6, 0]])
  })

  test('takes the place of the one before [weakness-27]', async () => {
    await using shop = await openShop([totalling(3)])
    await addTimes(shop, 7)
    assert.equal((await shop.ledger.snapshot(streamKey('counter', 'c-1'), 4))?.sequence, undefined)
    assert.equal(await newest(shop), 5)
  })

  test('is not written by an aggregate that never wants one', async () => {
    await using shop = await openShop([totalling(0)], { snapshotEvery: 1 })
    await addTimes(shop, 5)
    assert.equal(await newest(shop), undefined)
  })

  test('is written as often as the coordinator says when the aggregate does not', async () => {
    await using shop = await openShop([totalling(undefined)], { snapshotEvery: 2 })
    await addTimes(shop, 5)
    assert.equal(await newest(shop), 3)
  })

  test('is not written of a state that is a class', async () => {
    class Total {
      count = 0
    }
    const classy = defineAggregate({ domain: 'counter', state: Total, snapshotEvery: 1 })
      .handles(counters.AddSchema, ({ n }, { count }) =>
        create(counters.AddedSchema, { n: count + n }),
      )
      .applies(counters.AddedSchema, (state, { n }) => {
        state.count = n
      })
    await using folder = await ledgerFolder()
    for (const expected of [
      [1, 2],
      [1, 2, 3, 4],
    ]) {
      await using shop = await openShop([classy], { folder })
      await addTimes(shop, 2)
      assert.deepEqual(await totalsOf(shop), expected)
      assert.equal(await newest(shop), undefined)
    }
  })

  it('is left out, and said to be, when it is too large for the commit of its events', async () => {
    const noted = orderAggregate({ snapshotEvery: 1 })
    const left: unknown[] = []
    const log: LogSink = (_, event, fields) => {
      if (event === 'snapshot_left_out') left.push(fields['sequence'])
    }
    await using shop = await openShop([noted], { log })
    const client = shop.client('order')
    const note = 'x'.repeat(250_000)
    for (let n = 0; n < 36; n++) {
      await client.command('o-1').withMessage(orders.AddOrderNoteSchema, { note }).execute()
    }
    assert.equal((await client.query('o-1').getPages()).length, 36)
    // Thirty-two notes and an event of one more have room, thirty-three have not.
    assert.deepEqual(left, [32, 33, 34, 35])
    assert.equal((await shop.ledger.snapshot(streamKey('order', 'o-1')))?.sequence, 31)
  })

  test('is not there when its commit failed, and is written with the next one [weakness-27]', async () => {
    await using shop = await openFaultyShop([totalling(3)])
    await addTimes(shop, 2)
    shop.faulty.failAt(1, 'before')
    await assert.rejects(add(shop).execute())
    assert.equal(await newest(shop), undefined)
    await addTimes(shop, 1)
    assert.equal(await newest(shop), 2)
    assert.deepEqual(await totalsOf(shop), [1, 2, 3])
  })
})

describe('a state that is loaded', () => {
  async function stored(folder: LedgerFolder, events: number): Promise<void> {
    await using shop = await openShop([totalling(4)], { folder })
    await addTimes(shop, events)
  }

  for (const events of [3, 4, 5, 8, 9, 11]) {
    test(`is the same with its snapshot and without: ${events} events`, async () => {
      await using folder = await ledgerFolder()
      await stored(folder, events)
      let folds = 0
      await using shop = await openShop([totalling(4, () => folds++)], { folder })
      await add(shop).execute()
      assert.equal((await totalsOf(shop)).at(-1), events + 1)
      // Those behind the snapshot, and the new one.
      assert.equal(folds, (events % 4) + 1)
    })
  }

  test('does not depend on snapshots of a state that is another one now', async () => {
    await using folder = await ledgerFolder()
    await stored(folder, 5)
    const changed = defineAggregate({ domain: 'counter', state: counters.AddedSchema })
      .handles(counters.AddSchema, ({ n }, state) =>
        create(counters.AddedSchema, { n: state.n + n }),
      )
      .applies(counters.AddedSchema, (state, { n }) => {
        state.n = n
      })
    await using shop = await openShop([changed], { folder })
    assert.deepEqual(sequencesOf(await add(shop).execute()), [5])
    assert.deepEqual(await totalsOf(shop), [1, 2, 3, 4, 5, 6])
  })

  test('may be of a long stream', async () => {
    await using folder = await ledgerFolder()
    {
      await using shop = await openShop([totalling(0)], { folder })
      const many = Array.from({ length: 50 }, () => {
        const command = shop.client('counter').command('c-1')
        return command.withMessage(counters.IncreaseBySchema, { n: 100 }).execute()
      })
      await Promise.all(many)
    }
    await using shop = await openShop([totalling(0)], { folder })
    await add(shop).execute()
    assert.deepEqual(await totalsOf(shop), [5_001])
    assert.equal((await eventsOf(shop.ledger, 'counter', 'c-1')).length, 5_001)
  })
})
