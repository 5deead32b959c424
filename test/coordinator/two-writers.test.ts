import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import { MergeStrategy } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { faultyLedger } from '../../src/testing/faulty-ledger.ts'
import * as baskets from '../fixtures/gen/baskets_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addStock, at, sequencesOf } from './shop-commands.ts'
import { stock } from './shop.ts'
import { basket, counter, counting } from './small-aggregates.ts'
import { eventsOf, messagesIn, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

function add(shop: Shop, n = 1): CommandBuilder {
  return shop.client('counter').command('c-1').withMessage(counters.AddSchema, { n })
}

function reserve(shop: Shop, orderId: string): CommandBuilder {
  const init = { orderId, sku: 'sku-1', quantity: 1 }
  return shop.client('inventory').command('sku-1').withMessage(inventory.ReserveStockSchema, init)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('two coordinators on one ledger', () => {
  test('see what the other has stored', async () => {
    await using folder = await ledgerFolder()
    await using one = await openShop([counter], { folder })
    await using other = await openShop([counter], { folder })
    const sequences = []
    for (const shop of [one, other, other, one, other]) {
      sequences.push(...sequencesOf(await add(shop).execute()))
      await turn()
    }
    assert.deepEqual(sequences, [0, 1, 2, 3, 4])
  })

  test('writing at the same time store everything once, without a gap', async () => {
    await using folder = await ledgerFolder()
    await using one = await openShop([counter], { folder })
    await using other = await openShop([counter], { folder })
    const work = async (shop: Shop): Promise<void> => {
      for (let n = 0; n < 50; n++) {
        await Promise.all([add(shop).execute(), add(shop).execute()])
        await turn()
      }
    }
    await Promise.all([work(one), work(other)])
    const events = await eventsOf(one.ledger, 'counter', 'c-1')
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      Array.from({ length: 200 }, (_, n) => n),
    )
  })

  test('answer a duplicate of what the other has done', async () => {
    await using folder = await ledgerFolder()
    const calls: string[] = []
    const components = [counting((name) => calls.push(name))]
    await using one = await openShop(components, { folder })
    await using other = await openShop(components, { folder })
    await add(one).withIdempotencyKey('key-1').execute()
    const again = await add(other).withIdempotencyKey('key-1').execute()
    assert.deepEqual(sequencesOf(again), [0])
    assert.deepEqual(calls, ['Add'])
  })

  test('carry out one command that both get at the same time once', async () => {
    await using folder = await ledgerFolder()
    await using one = await openFaultyShop([counter], { folder })
    await using other = await openShop([counter], { folder })
    const release = one.faulty.pause()
    const answer = add(one).withIdempotencyKey('key-1').execute()
    await turn()
    await add(other).withIdempotencyKey('key-1').execute()
    release()
    assert.deepEqual(sequencesOf(await answer), [0])
    assert.equal((await eventsOf(one.ledger, 'counter', 'c-1')).length, 1)
  })
})

describe('a decision on a state that another process has moved on', () => {
  test('to accept is made anew', async () => {
    await using folder = await ledgerFolder()
    const calls: number[] = []
    await using one = await openFaultyShop([counting((_, sequence) => calls.push(sequence))], {
      folder,
    })
    await using other = await openShop([counter], { folder })
    const release = one.faulty.pause()
    const answers = [1, 2].map(() => add(one).execute())
    await turn()
    await add(other).execute()
    release()
    assert.deepEqual((await Promise.all(answers)).map(sequencesOf), [[1], [2]])
    assert.deepEqual(calls, [0, 1, 1, 2])
  })

  test('to refuse is made anew', async () => {
    await using folder = await ledgerFolder()
    await using one = await openFaultyShop([stock], { folder })
    await using other = await openShop([stock], { folder })
    const release = one.faulty.pause()
    const answer = reserve(one, 'order-1').execute()
    await turn()
    await addStock(other, 1)
    release()
    assert.deepEqual(sequencesOf(await answer), [1])
    assert.equal((await refusalOf(reserve(one, 'order-2').execute())).code, 'OUT_OF_STOCK')
  })

  test('that nothing is to be done is made anew', async () => {
    const fruit = (shop: Shop, name: string): CommandBuilder =>
      shop.client('basket').command('b-1').withMessage(baskets.AddFruitSchema, { name })
    await using folder = await ledgerFolder()
    await using one = await openFaultyShop([basket], { folder })
    await using other = await openShop([basket], { folder })
    const release = one.faulty.pause()
    const answers = ['cherry', 'cherry'].map((name) => fruit(one, name).execute())
    await turn()
    await fruit(other, 'cherry').execute()
    release()
    assert.deepEqual((await Promise.all(answers)).map(sequencesOf), [[], []])
    assert.deepEqual(await typesOf(one.ledger, 'basket', 'b-1'), ['FruitAdded'])
  })

  test('is not stored when the state it rests on came from a write that failed', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    let slow = 0
    const doubling = counter.handles(counters.ReserveSchema, async (_, { count }) => {
      if (slow++ === 0) await promise
      return create(counters.AddedSchema, { n: count })
    })
    await using folder = await ledgerFolder()
    await using one = await openFaultyShop([doubling], { folder })
    await using other = await openShop([counter], { folder })
    one.faulty.failAt(1, 'before')
    const release = one.faulty.pause()
    const failed = refusalOf(add(one, 5).execute())
    const double = one.client('counter').command('c-1').withMessage(counters.ReserveSchema, {})
    const answer = double.execute()
    await turn()
    release()
    await failed
    await add(other, 100).execute()
    resolve(undefined)
    assert.deepEqual(sequencesOf(await answer), [1])
    const added = await messagesIn(one.ledger, 'counter', counters.AddedSchema)
    assert.deepEqual(
      added.map(({ n }) => n),
      [100, 100],
    )
  })

  test('of a STRICT command is refused as stale', async () => {
    await using folder = await ledgerFolder()
    await using one = await openFaultyShop([counter], { folder })
    await using other = await openShop([counter], { folder })
    const release = one.faulty.pause()
    const answer = refusalOf(at(add(one), 0, MergeStrategy.MERGE_STRICT).execute())
    await turn()
    await add(other).execute()
    release()
    assert.equal((await answer).code, 'SEQUENCE_MISMATCH')
    assert.deepEqual(await typesOf(one.ledger, 'counter', 'c-1'), ['Added'])
  })

  test('is made anew so often and no more, and then is worth another try [weakness-12]', async () => {
    await using folder = await ledgerFolder()
    await using other = await openShop([counter], { folder })
    let decided = 0
    const components = [counting(() => decided++)]
    await using one = await openShop(components, {
      folder,
      wrap: (ledger) => ({
        ...faultyLedger(ledger),
        commit: async (write, options) => {
          if (write.appends !== undefined) await add(other).execute()
          return await ledger.commit(write, options)
        },
      }),
    })
    const refusal = await refusalOf(add(one).execute())
    assert.equal(refusal.code, 'SEQUENCE_CONFLICT')
    assert.equal(refusal.grpcStatus, 'FAILED_PRECONDITION')
    assert.equal(refusal.retryable, true)
    assert.equal(decided, 10)
  })
})
