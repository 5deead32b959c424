/** What is seen of an execution from outside, against what its manager knows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import { lookAtExecution } from '../../src/saga/operator/look-at-execution.ts'
import { openSagas, type TestSagas } from '../saga/sagas.ts'
import { amends } from './amends.ts'

type Trip = { who: string; nights: number }

const book = requestType<{ who: string }, { flight: string }>('flights.book')
const cancel = requestType<{ flight: string }>('flights.cancel')

const suite = new Saga<Trip>('suite')
  .localStep((trip) => ({ ...trip, room: 'suite' }), { name: 'bookSuite' })
  .onFailure(() => undefined)
  .commit()
const single = new Saga<Trip>('single')
  .localStep((trip) => ({ ...trip, room: 'single' }), { name: 'bookSingle' })
  .onFailure(() => undefined)
  .commit()
const flight = new Saga<Trip & { room: string }>('flight')
  .remoteStep((trip) => book({ who: trip.who }))
  .onSuccess(async (trip, reply) => ({ ...trip, ...(await reply.content()) }))
  .onFailure((trip) => (trip.flight ? cancel({ flight: trip.flight }) : undefined))
  .commit()
const insurance = new Saga<Trip & { room: string }>('insurance')
  .localStep((trip) => ({ ...trip, insured: new Date(0) }), {
    name: 'insure',
    undoRetry: { maxAttempts: 1 },
  })
  .onFailure(() => {
    throw new Error('the office is closed')
  })
  .commit()
const paying = new Saga<{ nights: number }>('paying')
  .localStep((trip) => ({ ...trip, paid: BigInt(trip.nights) }), { name: 'pay' })
  .onFailure(() => undefined)
  .commit()

function wholeTrip(lastStep: () => unknown) {
  return new Saga<Trip>('whole')
    .conditionalStep({ name: 'room' })
    .ifThen((trip) => trip.nights > 2, suite)
    .elseThen(single)
    .parallel([flight, insurance], { name: 'both' })
    .sagaStep(paying)
    .waitFor('approved', (trip, by) => ({ ...trip, by }))
    .localStep((trip) => {
      lastStep()
      return { ...trip, approved: true }
    })
    .commit()
}

const participants = [
  handle(book, ({ who }) => ({ flight: `LX-${who}` })),
  handle(cancel, () => undefined),
]

async function ran(lastStep: () => unknown): Promise<TestSagas> {
  const whole = wholeTrip(lastStep)
  const open = await openSagas({ definitions: [whole, paying], participants })
  const started = await open.sagas.start(whole, { who: 'ada', nights: 3 }, { id: 'trip' })
  await open.sagas.signal('trip', 'approved', 'bob')
  await started.result()
  return open
}

test('the context of a saga with steps of every kind is what its manager says', async () => {
  await using open = await ran(() => undefined)
  const { view, items } = await lookAtExecution(open.ledger, 'trip')
  const inside = await open.sagas.inspect('trip')
  assert.equal(view.forward, 'completed')
  assert.deepEqual(view.context, inside.context)
  assert.deepEqual(items, [])
  const steps = inside.steps.filter(({ status }) => status !== 'not-reached')
  for (const { path, status } of steps) assert.equal(view.nodes.get(path)?.status, status, path)
})

test('an execution that was undone, with a child, is what its manager says', async () => {
  await using open = await ran(() => {
    throw refuse('not approved')
  })
  const { view, items, row } = await lookAtExecution(open.ledger, 'trip')
  const inside = await open.sagas.inspect('trip')
  assert.deepEqual([view.forward, view.backward], [inside.forward, inside.backward])
  assert.equal(view.failure?.message, 'not approved')
  assert.equal(row.openItems, inside.items.length)
  assert.deepEqual(
    items.map(({ path, kind, verbs }) => [path, kind, verbs]),
    inside.items.map(({ path, kind, verbs }) => [path, kind, verbs]),
  )
  for (const { path, undo } of inside.steps) {
    const status = view.nodes.get(path)?.own.status ?? 'not-needed'
    assert.equal(status, undo, path)
  }
})

test('a stuck child is shown where it is a step, with the command that shows the child', async () => {
  const child = new Saga<object>('child')
    .localStep(() => undefined, { name: 'hold', undoRetry: { maxAttempts: 1 } })
    .onFailure(() => {
      throw new Error('broken')
    })
    .commit()
  const parent = new Saga<object>('parent')
    .sagaStep(child, { name: 'child' })
    .localStep(
      () => {
        throw refuse('no')
      },
      { name: 'last' },
    )
    .commit()
  await using open = await openSagas({ definitions: [parent, child] })
  await open.sagas.run(parent, {}, { id: 'p' })
  const path = open.ledger.location
  const { out } = await amends('saga', path, 'p')
  assert.match(out, /child: the saga that it runs waits for an operator itself/)
  const typed = /look at it:\n +amends (.+)$/m.exec(out)?.[1]?.split(' ') ?? []
  const shown = await amends(...typed)
  assert.match(shown.out, /step of +p \(child\)/)
  assert.match(shown.out, /hold: its undo has failed for good/)
})
