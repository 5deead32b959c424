/** Sagas of every kind of step, run by a manager on a real ledger. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../ledger/sqlite/temporary-ledger.test.support.ts'
import { refuse } from '../../machine/refusal.ts'
import type { RequestHandler } from '../../participant/request-handler.ts'
import { openSagaManager } from '../manager/open-saga-manager.ts'
import type { AnyRunnable, SagaManager } from '../manager/saga-manager.ts'
import { handle } from '../messages/handle.ts'
import { requestType } from '../messages/request-type.ts'
import { SagaRequest } from '../messages/saga-request.ts'
import type { SagaResponse } from '../messages/saga-response.ts'
import { SagaResponseStatus } from '../messages/saga-response-status.ts'
import { Saga } from './saga.ts'

type Trip = { who: string; nights: number }

/** What the services of these tests did, in order. */
const log: string[] = []

const bookFlight = requestType<{ who: string }, { flight: string }>('flights.book')
const cancelFlight = requestType<{ flight: string }>('flights.cancel')
const charge = requestType<{ amount: number }, { paymentId: string }>('payments.charge')
const refund = requestType<{ paymentId: string }>('payments.refund')
const notify = requestType<{ who: string }>('mail.send')

const participants: readonly RequestHandler[] = [
  handle(bookFlight, ({ who }) => (who === 'eve' ? refuse('no seat') : { flight: `LX-${who}` })),
  handle(cancelFlight, ({ flight }) => log.push(`cancel ${flight}`)),
  handle(charge, ({ amount }) =>
    amount > 100 ? refuse('too much', { code: 'LIMIT_EXCEEDED' }) : { paymentId: `p-${amount}` },
  ),
  handle(refund, ({ paymentId }) => log.push(`refund ${paymentId}`)),
  handle(notify, ({ who }) => log.push(`mail ${who}`)),
]

const suite = new Saga<Trip>('suite')
  .localStep((trip) => ({ ...trip, room: 'suite' }), { name: 'bookSuite' })
  .onFailure((trip) => void log.push(`free ${trip.room ?? 'nothing'}`))
  .commit()
const single = new Saga<Trip>('single')
  .localStep((trip) => ({ ...trip, room: 'single' }), { name: 'bookSingle' })
  .onFailure((trip) => void log.push(`free ${trip.room ?? 'nothing'}`))
  .commit()
const flight = new Saga<Trip & { room: string }>('flight')
  .remoteStep((trip) => bookFlight({ who: trip.who }))
  .onSuccess(async (trip, reply) => ({ ...trip, ...(await reply.content()) }))
  .onFailure((trip) => (trip.flight ? cancelFlight({ flight: trip.flight }) : undefined))
  .commit()
const insurance = new Saga<Trip & { room: string }>('insurance')
  .localStep((trip) => ({ ...trip, insured: true }), { name: 'insure' })
  .onFailure(() => void log.push('end insurance'))
  .commit()
const paying = new Saga<{ nights: number }>('paying')
  .remoteStep((trip) => charge({ amount: trip.nights * 30 }))
  .onSuccess(async (trip, reply) => ({ ...trip, ...(await reply.content()) }))
  .onFailure((trip) => (trip.paymentId ? refund({ paymentId: trip.paymentId }) : undefined))
  .commit()
const whole = new Saga<Trip>('whole')
  .conditionalStep({ name: 'room' })
  .ifThen((trip) => trip.nights > 2, suite)
  .elseThen(single)
  .parallel([flight, insurance], { name: 'both' })
  .sagaStep(paying)
  .waitFor('approved', (trip, by) => ({ ...trip, by }))
  .localStep((trip) => {
    if (trip.by === 'nobody') return refuse('not approved')
    return { ...trip, approved: true }
  })
  .pivot()
  .remoteStep(() => notify({ who: 'ada' }), { name: 'tell' })
  .commit()

async function opened(definitions: readonly AnyRunnable[], path: string): Promise<SagaManager> {
  log.length = 0
  return openSagaManager({ ledger: path, definitions, participants })
}

describe('a saga with every kind of step', () => {
  /** What the nested saga was not declared to get, it got and passed on. */
  const rest = { who: 'ada', room: 'suite', flight: 'LX-ada', insured: true }

  it('leaves the context that its steps made one after the other', async () => {
    using folder = temporaryFolder()
    await using sagas = await opened([whole, paying], folder.path)
    const started = await sagas.start(whole, { who: 'ada', nights: 3 }, { id: 'trip-1' })
    await sagas.signal('trip-1', 'approved', 'bob')
    const outcome = await started.result()
    assert.equal(outcome.forward, 'completed')
    assert.deepEqual(outcome.context, {
      nights: 3,
      paymentId: 'p-90',
      by: 'bob',
      approved: true,
      ...rest,
    })
    assert.deepEqual(log, ['mail ada'])
  })

  it('is undone in reverse order when a late step refuses', async () => {
    using folder = temporaryFolder()
    await using sagas = await opened([whole, paying], folder.path)
    const started = await sagas.start(whole, { who: 'ada', nights: 1 }, { id: 'trip-1' })
    await sagas.signal('trip-1', 'approved', 'nobody')
    const outcome = await started.result()
    assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
    const [first, ...between] = log
    assert.equal(first, 'refund p-30')
    assert.equal(between.pop(), 'free single')
    assert.deepEqual(between.toSorted(), ['cancel LX-ada', 'end insurance'])
    assert.equal(outcome.undone.at(-1), 'bookSingle')
  })

  it('undoes the branch that happened when the other one is refused', async () => {
    using folder = temporaryFolder()
    await using sagas = await opened([whole, paying], folder.path)
    const outcome = await sagas.run(whole, { who: 'eve', nights: 1 }, { id: 'trip-1' })
    assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
    assert.equal(outcome.failure?.message, 'no seat')
    assert.deepEqual(log, ['end insurance', 'free single'])
  })

  it('is undone when the saga within it is refused', async () => {
    using folder = temporaryFolder()
    await using sagas = await opened([whole, paying], folder.path)
    const outcome = await sagas.run(whole, { who: 'ada', nights: 9 }, { id: 'trip-1' })
    assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
    assert.equal(outcome.failure?.code, 'LIMIT_EXCEEDED')
    assert.deepEqual(log.toSorted(), ['cancel LX-ada', 'end insurance', 'free suite'])
  })
})

describe('undos that are registered while a step runs', () => {
  it('run with their data when the saga fails', async () => {
    const undos = { release: (data: unknown): void => void log.push(`release ${String(data)}`) }
    const holding = new Saga<{ items: string[] }>('holding', { undos })
      .localStep(async ({ items }, { addCompensation }) => {
        for (const item of items) await addCompensation('release', item)
      })
      .localStep(() => refuse('no'))
      .commit()
    using folder = temporaryFolder()
    await using sagas = await opened([holding], folder.path)
    const outcome = await sagas.run(holding, { items: ['a', 'b'] })
    assert.equal(outcome.backward, 'done')
    assert.deepEqual(log, ['release b', 'release a'])
  })
})

describe('the inventory of document 004, written statement by statement', () => {
  type Order = { items: string[]; inventoryError?: string; reserved?: string[] }
  type Stock = { error_code: string; partial_available?: boolean; available_items?: string[] }

  const handleError = async (context: Order, response: SagaResponse): Promise<Order | Error> => {
    // What the service of this test answers.
    const error = (await response.content()) as Stock
    if (response.status !== SagaResponseStatus.ERROR) return new Error('unavailable')
    context.inventoryError = error.error_code
    if (error.partial_available !== true) return new Error('insufficient inventory')
    context.items = error.available_items ?? []
    return context
  }
  const saga = new Saga<Order>('fulfil')
  saga
    .remoteStep()
    .onExecute((context) => new SagaRequest('inventory.reserve', { items: context.items }))
    .onSuccess((context) => {
      context.reserved = context.items
    })
    .onError(handleError)
    .onFailure((context) =>
      'reserved' in context ? new SagaRequest('inventory.release', context.reserved) : null,
    )
  const fulfil = saga.commit()

  const inventory: RequestHandler = {
    target: 'inventory.reserve',
    handle: (content) => {
      const { items } = content as Order
      if (items.length < 2) return 'reserved'
      const details = { partial_available: items[0] === 'chai' }
      return refuse('not enough', { code: 'SHORT', details })
    },
  }

  const outcomeOf = async (items: string[]): Promise<unknown> => {
    using folder = temporaryFolder()
    const options = { ledger: folder.path, definitions: [fulfil], participants: [inventory] }
    await using sagas = await openSagaManager(options)
    const { forward, backward, context, failure } = await sagas.run(fulfil, { items })
    return { forward, backward, context, message: failure?.message }
  }

  it('completes with what it reserved', async () => {
    const context = { items: ['chai'], reserved: ['chai'] }
    assert.deepEqual(await outcomeOf(['chai']), {
      forward: 'completed',
      backward: 'not-needed',
      context,
      message: undefined,
    })
  })

  it('fails when its handler of errors returns an Error', async () => {
    assert.deepEqual(await outcomeOf(['tea', 'milk']), {
      forward: 'failed',
      backward: 'done',
      context: undefined,
      message: 'insufficient inventory',
    })
  })
})
