import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CodedError, codeOf } from '../../src/errors.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { SagaFailedExecutionError } from '../../src/saga/errors/execution-errors.ts'
import { openSagas } from './sagas.ts'

type Order = { readonly sku: string; readonly trace?: readonly string[] }

const trace: string[] = []
const step = (name: string) =>
  Object.assign(
    (order: Order) => {
      trace.push(name)
      if (order.sku === name) throw refuse(`no ${name}`)
    },
    { undo: () => void trace.push(`undo ${name}`) },
  )
const [reserve, charge, ship] = [step('reserve'), step('charge'), step('ship')]
const place = new Saga<Order>('place')
  .localStep(reserve, { name: 'reserve' })
  .onFailure(reserve.undo)
  .localStep(charge, { name: 'charge' })
  .onFailure(charge.undo)
  .localStep(ship, { name: 'ship' })
  .commit()

test('three local steps run in order and leave their context [minos-207, minos-178]', async () => {
  await using open = await openSagas({ definitions: [add] })
  const outcome = await open.sagas.run(add, { total: 1 })
  assert.equal(outcome.forward, 'completed')
  assert.equal(outcome.backward, 'not-needed')
  assert.deepEqual(outcome.context, { total: 1, first: 2, second: 3 })
  assert.deepEqual(
    outcome.steps.map(({ name, status }) => [name, status]),
    [
      ['first', 'succeeded'],
      ['second', 'succeeded'],
      ['third', 'succeeded'],
    ],
  )
  assert.deepEqual(outcome.relatedServices, [])
})

const add = new Saga<{ total: number }>('add')
  .localStep((sum) => ({ ...sum, first: sum.total + 1 }), { name: 'first' })
  .localStep((sum) => ({ ...sum, second: sum.first + 1 }), { name: 'second' })
  .localStep(() => undefined, { name: 'third' })
  .commit()

test('three local steps are four commits, and a failure at the third with two undos six [minos-278]', async () => {
  await using open = await openSagas({ definitions: [add, place] })
  const tip = async (): Promise<number> => {
    let last = 0
    for await (const chunk of open.ledger.log(0, { limit: 1000 }))
      last = chunk.at(-1)?.commit ?? last
    return last
  }
  const commitsOf = async (id: string): Promise<number> => {
    const before = await tip()
    await (id === 'good'
      ? open.sagas.run(add, { total: 1 }, { id })
      : open.sagas.run(place, { sku: 'ship' }, { id }))
    return (await tip()) - before
  }
  await commitsOf('warm')
  assert.equal(await commitsOf('good'), 4)
  assert.equal(await commitsOf('bad'), 6)
})

test('a refusal undoes what happened, last one first', async () => {
  trace.length = 0
  await using open = await openSagas({ definitions: [place] })
  const outcome = await open.sagas.run(place, { sku: 'ship' })
  assert.equal(outcome.forward, 'failed')
  assert.equal(outcome.backward, 'done')
  assert.deepEqual(trace, ['reserve', 'charge', 'ship', 'undo charge', 'undo reserve'])
  assert.deepEqual(outcome.undone, ['charge', 'reserve'])
  assert.equal(outcome.failure?.message, 'no ship')
  assert.equal(outcome.failure?.outcome, 'refused')
})

test('the same id answers with the first execution, also while it runs [minos-180, minos-208]', async () => {
  let runs = 0
  const once = new Saga<{ n: number }>('once')
    .localStep(async ({ n }) => {
      runs++
      await new Promise((resolve) => setTimeout(resolve, 5))
      return { n: n + 1 }
    })
    .commit()
  await using open = await openSagas({ definitions: [once] })
  const outcomes = await Promise.all([1, 2, 3].map((n) => open.sagas.run(once, { n }, { id: 'a' })))
  outcomes.push(await open.sagas.run(once, { n: 9 }, { id: 'a' }))
  assert.deepEqual(
    outcomes.map(({ context }) => context?.n),
    [2, 2, 2, 2],
  )
  assert.equal(runs, 1)
  const again = await open.sagas.start(once, { n: 5 }, { id: 'a' })
  assert.equal(again.isNew, false)
})

test('an id may be as long as it is allowed to be, and a UUID is the same in any case', async () => {
  await using open = await openSagas({ definitions: [add] })
  const long = await open.sagas.run(add, { total: 1 }, { id: 'x'.repeat(256) })
  assert.equal(long.forward, 'completed')
  const id = '0B8F0C6E-7B5E-4C53-9C4B-6C3C1A2E4D5F'
  await open.sagas.run(add, { total: 1 }, { id })
  assert.equal((await open.sagas.start(add, { total: 2 }, { id: id.toLowerCase() })).isNew, false)
})

test('an id that another definition has is refused', async () => {
  await using open = await openSagas({ definitions: [add, place] })
  await open.sagas.run(add, { total: 1 }, { id: 'taken' })
  await assert.rejects(
    open.sagas.run(place, { sku: 'x' }, { id: 'taken' }),
    (error) =>
      codeOf(error) === 'SAGA_EXECUTION_ID_TAKEN' &&
      error instanceof CodedError &&
      error.hint.includes('add'),
  )
})

test('executions that nobody named get ids of their own, in the order of time [minos-205]', async () => {
  await using open = await openSagas({ definitions: [add] })
  const [one, two] = await Promise.all([
    open.sagas.run(add, { total: 1 }),
    open.sagas.run(add, { total: 1 }),
  ])
  assert.notEqual(one.id, two.id)
  assert.match(one.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('with raiseOnError a failed execution is thrown, its error the cause [minos-248]', async () => {
  await using open = await openSagas({ definitions: [place], raiseOnError: true })
  await assert.rejects(open.sagas.run(place, { sku: 'ship' }), (error) => {
    assert.ok(error instanceof SagaFailedExecutionError)
    assert.equal((error.cause as Error).message, 'no ship')
    return true
  })
  const outcome = await open.sagas.run(place, { sku: 'ship' }, { raiseOnError: false })
  assert.equal(outcome.forward, 'failed')
})

test('giving up the wait does not end the execution [minos-277]', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = new Saga<{ n: number }>('slow')
    .localStep(async ({ n }) => {
      await gate.promise
      return { n: n + 1 }
    })
    .commit()
  await using open = await openSagas({ definitions: [slow] })
  const waiting = open.sagas.run(slow, { n: 1 }, { id: 's', timeoutMs: 1 })
  await assert.rejects(waiting, (error) => codeOf(error) === 'DEADLINE_EXCEEDED')
  const controller = new AbortController()
  const aborted = open.sagas.result('s', { signal: controller.signal })
  controller.abort()
  await assert.rejects(aborted, (error) => codeOf(error) === 'ABORTED')
  gate.resolve()
  const outcome = await open.sagas.result('s')
  assert.deepEqual(outcome.context, { n: 2 })
})

test('start answers with the id before the execution has ended [minos-252]', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = new Saga<{ n: number }>('slow').localStep(async () => await gate.promise).commit()
  await using open = await openSagas({ definitions: [slow] })
  const started = await open.sagas.start(slow, { n: 1 }, { id: 's' })
  assert.deepEqual([started.id, started.isNew], ['s', true])
  gate.resolve()
  assert.deepEqual((await started.result()).context, { n: 1 })
})

test('input that nobody can store is refused, and nothing is stored', async () => {
  const odd = new Saga<Record<string, unknown>>('odd')
    .localStep(() => ({ fn: 1 }), { name: 'good' })
    .onFailure(() => void trace.push('undo good'))
    .commit()
  trace.length = 0
  await using open = await openSagas({ definitions: [odd] })
  await assert.rejects(
    open.sagas.run(odd, { fn: () => 1 }),
    (error) => codeOf(error) === 'VALUE_NOT_STORABLE',
  )
  assert.deepEqual((await open.sagas.list()).executions, [])
})

test('an execution reads the same from its journal as it ended [minos-234, minos-281]', async () => {
  await using open = await openSagas({ definitions: [add] })
  const outcome = await open.sagas.run(add, { total: 1 }, { id: 'a' })
  const { context, steps, forward, backward, state } = await open.sagas.inspect('a')
  assert.deepEqual(
    { context, steps, forward, backward },
    {
      context: outcome.context,
      steps: outcome.steps,
      forward: outcome.forward,
      backward: outcome.backward,
    },
  )
  assert.equal(state, 'completed')
})
