import assert from 'node:assert/strict'
import { describe, test as it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import * as baskets from '../fixtures/gen/baskets_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addItem, createOrder, orderCommand, sequencesOf } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { basket, counter, counting } from './small-aggregates.ts'
import { eventsOf, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'
import { until } from './until.ts'

function add(shop: Shop, n = 1, root = 'c-1'): CommandBuilder {
  return shop.client('counter').command(root).withMessage(counters.AddSchema, { n })
}

function increase(shop: Shop, n: number): CommandBuilder {
  return shop.client('counter').command('c-1').withMessage(counters.IncreaseBySchema, { n })
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('a thousand concurrent commands', () => {
  test('to one aggregate are sequenced without a gap, in the order they came', async () => {
    await using shop = await openShop([counter])
    const numbers = Array.from({ length: 1_000 }, (_, n) => n)
    const responses = await Promise.all(numbers.map((n) => add(shop, n + 1).execute()))
    assert.deepEqual(responses.flatMap(sequencesOf), numbers)
    const events = await shop.client('counter').query('c-1').events(counters.AddedSchema)
    assert.deepEqual(
      events.map(({ message }) => message.n),
      numbers.map((n) => n + 1),
    )
  })

  test('to many aggregates are each decided on the state of their own', async () => {
    await using shop = await openShop([counter])
    const numbers = Array.from({ length: 1_000 }, (_, n) => n)
    const responses = await Promise.all(numbers.map((n) => add(shop, 1, `c-${n % 50}`).execute()))
    assert.deepEqual(
      responses.flatMap(sequencesOf),
      numbers.map((n) => Math.floor(n / 50)),
    )
  })
})

describe('while writes are under way', () => {
  test('the next commands are decided', async () => {
    const calls: number[] = []
    await using shop = await openFaultyShop([counting((_, sequence) => calls.push(sequence))])
    const release = shop.faulty.pause()
    const answers = [1, 2, 3].map(() => add(shop).execute())
    await until(() => calls.length === 3)
    assert.deepEqual(calls, [0, 1, 2])
    release()
    assert.deepEqual((await Promise.all(answers)).map(sequencesOf), [[0], [1], [2]])
  })

  // Whether an answer is on its way is seen at once in one process only.
  it('no answer is given, whether accepted, refused or without effect', async () => {
    await using shop = await openFaultyShop([counter])
    const release = shop.faulty.pause()
    let answers = 0
    const touch = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
    const all = [add(shop).execute(), touch.execute(), increase(shop, 0).execute()].map((answer) =>
      answer.catch(() => undefined).finally(() => answers++),
    )
    for (let i = 0; i < 5; i++) await turn()
    assert.equal(answers, 0)
    release()
    await Promise.all(all)
    assert.equal(answers, 3)
  })
})

describe('when a write fails', () => {
  test('those behind it are decided anew, in their order', async () => {
    const calls: number[] = []
    await using shop = await openFaultyShop([counting((_, sequence) => calls.push(sequence))])
    shop.faulty.failAt(1, 'before')
    const release = shop.faulty.pause()
    const [failed, ...others] = [1, 2, 3, 4].map((n) => add(shop, n).execute())
    await until(() => calls.length === 4)
    release()
    const refusal = await refusalOf(failed ?? Promise.resolve())
    assert.equal(refusal.code, 'LEDGER_WRITE_FAILED')
    assert.deepEqual((await Promise.all(others)).map(sequencesOf), [[0], [1], [2]])
    assert.deepEqual(calls, [0, 1, 2, 3, 0, 1, 2])
    const events = await shop.client('counter').query('c-1').events(counters.AddedSchema)
    assert.deepEqual(
      events.map(({ message }) => message.n),
      [2, 3, 4],
    )
  })

  test('a refusal that rested on it is decided anew', async () => {
    await using shop = await openFaultyShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    shop.faulty.failAt(1, 'before')
    const completing = orderCommand(shop, 'order-1').withMessage(orders.CompleteOrderSchema, {})
    const failed = refusalOf(completing.execute())
    const added = addItem(shop).execute()
    assert.equal((await failed).code, 'LEDGER_WRITE_FAILED')
    assert.deepEqual(sequencesOf(await added), [1])
  })

  test('a command without effect that rested on it is decided anew', async () => {
    await using shop = await openFaultyShop([basket])
    shop.faulty.failAt(1, 'before')
    const cherry = (): CommandBuilder =>
      shop.client('basket').command('b-1').withMessage(baskets.AddFruitSchema, { name: 'cherry' })
    const failed = refusalOf(cherry().execute())
    const second = cherry().execute()
    assert.equal((await failed).code, 'LEDGER_WRITE_FAILED')
    assert.deepEqual(sequencesOf(await second), [0])
  })

  test('other aggregates do not notice', async () => {
    await using shop = await openFaultyShop([counter])
    shop.faulty.failAt(1, 'before')
    const failed = refusalOf(add(shop).execute())
    const other = add(shop, 1, 'c-2').execute()
    assert.equal((await failed).code, 'LEDGER_WRITE_FAILED')
    assert.deepEqual(sequencesOf(await other), [0])
  })

  test('the same command may be sent again', async () => {
    await using shop = await openFaultyShop([counter])
    shop.faulty.failAt(1, 'before')
    const command = add(shop)
    assert.equal((await refusalOf(command.execute())).retryable, true)
    assert.deepEqual(sequencesOf(await command.execute()), [0])
  })

  test('another that came with the same key at the same time is decided instead', async () => {
    await using shop = await openFaultyShop([counter])
    shop.faulty.failAt(1, 'before')
    const command = add(shop)
    const failed = refusalOf(command.execute())
    const second = command.execute()
    assert.equal((await failed).code, 'LEDGER_WRITE_FAILED')
    assert.deepEqual(sequencesOf(await second), [0])
    assert.equal((await eventsOf(shop.ledger, 'counter', 'c-1')).length, 1)
  })
})

describe('a write that is stored and reported as failed', () => {
  for (const kind of ['after', 'done-but-reported-failed'] as const) {
    test(`is answered as stored, and its handler does not run again: ${kind}`, async () => {
      const calls: number[] = []
      await using shop = await openFaultyShop([counting((_, sequence) => calls.push(sequence))])
      shop.faulty.failAt(1, kind)
      const responses = await Promise.all([1, 2].map(() => add(shop).execute()))
      assert.deepEqual(responses.map(sequencesOf), [[0], [1]])
      assert.deepEqual(calls, [0, 1])
    })
  }
})

describe('a write nobody knows the outcome of', () => {
  for (const kind of ['before', 'done-but-reported-failed'] as const) {
    test(`is answered so, and the same command sent again takes effect once: ${kind}`, async () => {
      const calls: number[] = []
      await using shop = await openFaultyShop([counting((_, sequence) => calls.push(sequence))])
      shop.faulty.failAt(1, kind)
      shop.forgetWrites(true)
      const command = add(shop)
      const refusal = await refusalOf(command.execute())
      assert.equal(refusal.code, 'COMMIT_OUTCOME_UNKNOWN')
      assert.equal(refusal.grpcStatus, 'UNAVAILABLE')
      assert.deepEqual(calls, [0])
      shop.forgetWrites(false)
      assert.deepEqual(sequencesOf(await command.execute()), [0])
      assert.equal(calls.length, kind === 'before' ? 2 : 1)
      assert.deepEqual(sequencesOf(await add(shop).execute()), [1])
    })
  }
})

describe('a handler', () => {
  test('that throws an error of no code is reported as failed, and nothing is stored', async () => {
    await using shop = await openShop([counter])
    const failing = shop.client('counter').command('c-1')
    const refusal = await refusalOf(
      failing.withMessage(counters.FailHardSchema, { text: 'out of paper' }).execute(),
    )
    assert.equal(refusal.code, 'HANDLER_FAILED')
    assert.equal(refusal.details['cause'], 'out of paper')
    assert.equal(await shop.ledger.tip(), 0)
  })

  test('that does not answer is given up after its deadline, and the next command goes on [weakness-7]', async () => {
    const clock = fakeClock()
    let asked = false
    const { promise, resolve: letGo } = Promise.withResolvers<undefined>()
    const hanging = defineAggregate({ domain: 'counter', state: counters.CounterStateSchema })
      .handles(counters.TouchSchema, () => {
        asked = true
        return promise
      })
      .handles(counters.AddSchema, ({ n }) => create(counters.AddedSchema, { n }))
    await using shop = await openShop([hanging], { clock })
    const touch = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
    const refused = refusalOf(touch.execute())
    await until(() => asked)
    const added = add(shop).execute()
    await clock.advanceAsync(29_999)
    await clock.advanceAsync(1)
    assert.equal((await refused).code, 'HANDLER_TIMEOUT')
    assert.deepEqual(sequencesOf(await added), [0])
    // Whoever hosts it waits for it when it stops.
    letGo(undefined)
  })

  test('that answers after its deadline changes nothing', async () => {
    const clock = fakeClock()
    const { promise, resolve } = Promise.withResolvers<counters.Added>()
    let asked = false
    const slow = defineAggregate({ domain: 'counter', state: counters.CounterStateSchema })
      .handles(counters.TouchSchema, () => {
        asked = true
        return promise
      })
      .handles(counters.AddSchema, ({ n }) => create(counters.AddedSchema, { n }))
    await using shop = await openShop([slow], { clock })
    const touch = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
    const refused = refusalOf(touch.execute())
    await until(() => asked)
    await clock.advanceAsync(30_000)
    await refused
    resolve(create(counters.AddedSchema, { n: 9 }))
    await turn()
    await add(shop).execute()
    assert.equal((await eventsOf(shop.ledger, 'counter', 'c-1')).length, 1)
  })

  test('may be asynchronous: commands of its aggregate still go one after another', async () => {
    const slow = defineAggregate({ domain: 'counter', state: counters.CounterStateSchema })
      .handles(counters.AddSchema, async ({ n }, { count }) => {
        await turn()
        return create(counters.AddedSchema, { n: n + count })
      })
      .applies(counters.AddedSchema, (state, { n }) => {
        state.count = n
      })
    await using shop = await openShop([slow])
    await Promise.all([1, 1, 1, 1].map((n) => add(shop, n).execute()))
    const events = await shop.client('counter').query('c-1').events(counters.AddedSchema)
    assert.deepEqual(
      events.map(({ message }) => message.n),
      [1, 2, 3, 4],
    )
  })
})

describe('a mailbox', () => {
  test('refuses more commands than its bound, and may be tried again', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const slow = defineAggregate({ domain: 'counter', state: counters.CounterStateSchema }).handles(
      counters.AddSchema,
      () => promise,
    )
    await using shop = await openShop([slow], { limits: { mailboxLengthMax: 2 } })
    const waiting = [1, 2, 3].map(() => add(shop).execute())
    const refusal = await refusalOf(add(shop).execute())
    assert.equal(refusal.code, 'MAILBOX_FULL')
    assert.equal(refusal.retryable, true)
    resolve(undefined)
    await Promise.all(waiting)
  })

  test('whose state left memory loads it again', async () => {
    await using shop = await openShop([basket], { limits: { stateCacheBytesMax: 1_500 } })
    const fruit = (root: string, name: string): CommandBuilder =>
      shop.client('basket').command(root).withMessage(baskets.AddFruitSchema, { name })
    for (const name of ['apple', 'banana', 'apple']) {
      for (const root of ['b-1', 'b-2', 'b-3']) await fruit(root, name).execute()
    }
    for (const root of ['b-1', 'b-2', 'b-3']) {
      assert.deepEqual(await typesOf(shop.ledger, 'basket', root), ['FruitAdded', 'FruitAdded'])
    }
  })

  // An aggregate elsewhere folds its events itself, when it is asked the next time.
  it('forgets a state whose fold failed, and refuses what it decided', async () => {
    const brittle = defineAggregate({ domain: 'counter', state: counters.CounterStateSchema })
      .handles(counters.AddSchema, ({ n }) => create(counters.AddedSchema, { n }))
      .applies(counters.AddedSchema, (state, { n }) => {
        state.count += n
        if (n === 13) throw new Error('unlucky')
      })
    await using shop = await openShop([brittle])
    const sent = [1, 13, 2].map((n) => add(shop, n).execute())
    const results = await Promise.allSettled(sent)
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal((await eventsOf(shop.ledger, 'counter', 'c-1')).length, 2)
  })
})
