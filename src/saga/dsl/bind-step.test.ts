import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import type { Told } from '../../machine/input.ts'
import { refuse } from '../../machine/refusal.ts'
import { SagaContext } from '../context/saga-context.ts'
import { requestType } from '../messages/request-type.ts'
import { SagaRequest } from '../messages/saga-request.ts'
import type { CommittedSaga } from './chain.ts'
import { performed } from './performing.test.support.ts'
import { Saga } from './saga.ts'

type Trip = { who: string; list?: number[]; room?: string }
type Callback = (context: Trip) => object | void | undefined | null | Error
const trip = (): Saga<Trip> => new Saga<Trip>('trip')
const value = { who: 'ada' }
const bookRoom = requestType<{ who: string }, { room: string }>('hotel.book')

/** What a failed attempt says. */
function failureIn(told: Told): { outcome: string; code: string; happened: boolean | undefined } {
  assert.equal(told.kind, 'failed')
  const { failure, happened } = told as Extract<Told, { kind: 'failed' }>
  return { outcome: failure.outcome, code: failure.code, happened }
}

/** What a step that succeeded leaves. */
function leftBy(told: Told): unknown {
  assert.equal(told.kind, 'succeeded', JSON.stringify(told))
  return (told as Extract<Told, { kind: 'succeeded' }>).value
}

describe('a local step', () => {
  const run = async (callback: Callback): Promise<Told> =>
    performed(trip().localStep(callback, { name: 'step' }).commit(), 'run', 'step', value)

  it('leaves what its callback returns, and nothing of what it got [minos-160]', async () => {
    const given = { ...value }
    const saga = trip()
      .localStep((c) => ({ room: `for ${c.who}` }), { name: 'step' })
      .commit()
    assert.deepEqual(leftBy(await performed(saga, 'run', 'step', given)), { room: 'for ada' })
    assert.deepEqual(given, value)
  })

  it('leaves the copy its callback got, when that returns nothing [minos-162]', async () => {
    const changed = await run((c) => {
      c.room = '12'
    })
    assert.deepEqual(leftBy(changed), { who: 'ada', room: '12' })
    assert.deepEqual(leftBy(await run(() => null)), value)
    assert.deepEqual(leftBy(await run((c) => c)), value)
  })

  it('awaits its callback [minos-157]', async () => {
    const saga = trip()
      .localStep(async (c) => Promise.resolve({ ...c, room: '12' }), { name: 'step' })
      .commit()
    const told = await performed(saga, 'run', 'step', value)
    assert.deepEqual(leftBy(told), { who: 'ada', room: '12' })
  })

  it('leaves the record behind a context that its callback makes', async () => {
    assert.deepEqual(leftBy(await run(() => new SagaContext({ room: '12' }))), { room: '12' })
  })

  it('gives its callback a context of its own, down to its lists', async () => {
    const given = { who: 'ada', list: [1] }
    const saga = trip()
      .localStep(
        (c) => {
          c.list?.push(2)
          throw new Error('no')
        },
        { name: 'step' },
      )
      .commit()
    await performed(saga, 'run', 'step', given)
    assert.deepEqual(given.list, [1])
  })

  it('leaves fields that have the names of methods of the context', async () => {
    const given = { who: 'ada', values: [1], keys: 'k', size: 'L' }
    const saga = new Saga<typeof given>('trip')
      .localStep((c) => ({ ...c, more: true }), { name: 'step' })
      .commit()
    const told = await performed(saga, 'run', 'step', given)
    assert.deepEqual(leftBy(told), { ...given, more: true })
  })

  it('gives its callback a mapping too', async () => {
    const saga = trip()
      .localStep((c) => ({ room: c.get('room', 'none'), has: c.has('who'), in: 'room' in c }), {
        name: 'step',
      })
      .commit()
    const told = await performed(saga, 'run', 'step', value)
    assert.deepEqual(leftBy(told), { room: 'none', has: true, in: false })
  })

  it('fails when its callback throws [minos-163]', async () => {
    const told = await run(() => {
      throw new TypeError('no room')
    })
    assert.deepEqual(failureIn(told), { outcome: 'failed', code: 'TypeError', happened: undefined })
  })

  it('refuses when its callback returns an Error [minos-B-09]', async () => {
    assert.equal(failureIn(await run(() => new TypeError('no room'))).outcome, 'refused')
    const told = await run(() => refuse('no room', { code: 'NO_ROOM' }))
    assert.deepEqual(failureIn(told), { outcome: 'refused', code: 'NO_ROOM', happened: undefined })
  })

  it('has happened when its callback returns what is no context', async () => {
    const code = 'SAGA_CALLBACK_RESULT_INVALID'
    const bad: readonly unknown[] = [3, 'text', [1], new Date(0), { f: () => 1 }, new Map()]
    for (const result of bad) {
      const told = await run(() => result as object)
      assert.deepEqual(failureIn(told), { outcome: 'failed', code, happened: true })
    }
  })

  it('tells its callback what it runs for, and its parameters', async () => {
    const seen: unknown[] = []
    const saga = trip()
      .localStep(
        (_, { executionId, path, attempt, idempotencyKey, parameters }) => {
          seen.push([executionId, path, attempt, idempotencyKey, parameters.rate])
        },
        { name: 'step', parameters: { rate: 3 } },
      )
      .commit()
    await performed(saga, 'run', 'step', value)
    assert.deepEqual(seen, [['trip-1', 'step', 1, 'trip-1/step', 3]])
  })

  it('undoes with the latest context, and may replace it', async () => {
    const saga = trip()
      .localStep((c) => c, { name: 'step' })
      .onFailure((c, info) => ({ who: `${c.who} undone by ${info.executionId}` }))
      .commit()
    const told = await performed(saga, 'undo', 'step', { who: 'eve' })
    assert.deepEqual(told, {
      kind: 'undone',
      path: 'step',
      attempt: 1,
      value: { who: 'eve undone by trip-1' },
    })
  })

  it('undoes an unknown outcome with the context it got', async () => {
    const seen: unknown[] = []
    const saga = trip()
      .localStep((c) => c, { name: 'step', undoUnknown: (c) => void seen.push({ ...c }) })
      .onFailure(() => assert.fail('is not called'))
      .commit()
    const rest = { undo: 'unknown', input: value }
    const told = await performed(saga, 'undo', 'step', { who: 'eve' }, rest)
    assert.deepEqual(told, { kind: 'undone', path: 'step', attempt: 1, value: undefined })
    assert.deepEqual(seen, [value])
  })

  it('is asked by its probe whether it happened', async () => {
    const probing = (found: 'unknown' | { happened: boolean; output?: unknown }) =>
      trip()
        .localStep((c) => c, { name: 'step', probe: () => found as 'unknown' })
        .commit()
    const ask = async (saga: ReturnType<typeof probing>): Promise<Told> =>
      performed(saga, 'probe', 'step', value)
    const common = { kind: 'probed', path: 'step', attempt: 1 }
    const output = { room: '12' }
    assert.deepEqual(await ask(probing({ happened: true, output })), {
      ...common,
      found: 'happened',
      value: output,
    })
    const kept = await ask(probing({ happened: true }))
    assert.deepEqual(kept, { ...common, found: 'happened', value })
    assert.deepEqual(await ask(probing({ happened: false })), {
      ...common,
      found: 'did-not-happen',
    })
    assert.deepEqual(await ask(probing('unknown')), { ...common, found: 'unknown' })
  })
})

describe('the request of a remote step', () => {
  const prepare = async (make: (c: Trip) => unknown): Promise<Told> =>
    performed(
      trip()
        .remoteStep((c) => make(c) as SagaRequest, { name: 'step' })
        .commit(),
      'prepare',
      'step',
      value,
    )

  it('is what its callback makes of a copy of the context', async () => {
    const told = await prepare((c) => {
      c.who = 'eve'
      return new SagaRequest('hotel.book', { who: c.who })
    })
    const request = { target: 'hotel.book', content: { who: 'eve' } }
    assert.deepEqual(told, { kind: 'prepared', path: 'step', direction: 'forward', request })
    assert.equal(value.who, 'ada')
  })

  it('is none when its callback returns nothing [minos-B-06]', async () => {
    for (const nothing of [undefined, null]) {
      const told = await prepare(() => nothing)
      assert.equal(told.kind, 'prepared')
      assert.equal('request' in told && told.request, undefined)
    }
  })

  it('fails when its callback throws, or makes no request', async () => {
    const codes: unknown[] = []
    for (const make of [() => ({ target: 'x' }), () => 3, () => assert.fail('no')]) {
      const told = await prepare(make)
      assert.equal(told.kind, 'prepare-failed')
      if (told.kind === 'prepare-failed') codes.push(told.failure.outcome, told.failure.code)
    }
    const invalid = ['failed', 'SAGA_REQUEST_INVALID']
    assert.deepEqual(codes, [...invalid, ...invalid, 'failed', 'ERR_ASSERTION'])
  })

  it('is refused by an Error that its callback returns', async () => {
    const told = await prepare(() => new TypeError('no'))
    assert.equal(told.kind === 'prepare-failed' && told.failure.outcome, 'refused')
  })

  it('carries plain data only', async () => {
    const told = await prepare(() => new SagaRequest('hotel.book', { f: () => 1 }))
    assert.equal(told.kind === 'prepare-failed' && told.failure.code, 'VALUE_NOT_STORABLE')
  })

  it('is checked by the schema of its type before it is sent', async () => {
    const pay = requestType('pay', { content: v.object({ amount: v.number() }) })
    const told = await prepare(() => pay({ amount: 'three' as unknown as number }))
    assert.equal(told.kind === 'prepare-failed' && told.failure.code, 'REQUEST_CONTENT_INVALID')
  })

  it('that undoes is made of the latest context, or not at all', async () => {
    const saga = trip()
      .remoteStep(() => bookRoom({ who: 'ada' }), { name: 'step' })
      .onSuccess(async (c, reply) => ({ ...c, ...(await reply.content()) }))
      .onFailure((c) =>
        c.room === undefined ? undefined : new SagaRequest('hotel.cancel', c.room),
      )
      .commit()
    const rest = { direction: 'backward' }
    const told = await performed(saga, 'prepare', 'step', { who: 'ada', room: '12' }, rest)
    const request = { target: 'hotel.cancel', content: '12' }
    assert.deepEqual(told, { kind: 'prepared', path: 'step', request, ...rest })
    const nothing = await performed(saga, 'prepare', 'step', value, rest)
    assert.equal('request' in nothing && nothing.request, undefined)
  })
})

describe('a condition', () => {
  const branch = (name: string): CommittedSaga<Trip, Trip> =>
    new Saga<Trip>(name).localStep((c) => c).commit()
  const choose = async (conditions: readonly ((c: Trip) => boolean)[]): Promise<unknown> => {
    const step = trip().conditionalStep({ name: 'step' })
    for (const [index, condition] of conditions.entries()) {
      step.ifThen(condition, branch(`b-${index}`))
    }
    const told = await performed(step.commit(), 'choose', 'step', value)
    return told.kind === 'chosen' ? told.branch : told.kind
  }

  it('that holds first decides', async () => {
    assert.equal(await choose([() => false, (c) => c.who === 'ada', () => true]), 1)
    assert.equal(await choose([() => false]), -1)
  })

  it('changes nothing, whatever it does to its context', async () => {
    const seen: string[] = []
    const spoil = (c: Trip): boolean => {
      seen.push(c.who)
      c.who = 'spoilt'
      return false
    }
    await choose([spoil, spoil])
    assert.deepEqual(seen, ['ada', 'ada'])
    assert.equal(value.who, 'ada')
  })

  it('that throws fails the choice', async () => {
    assert.equal(await choose([() => assert.fail('no')]), 'choice-failed')
  })

  it('has parameters', async () => {
    const step = trip()
      .conditionalStep({ name: 'step' })
      .ifThen((c, { parameters }) => c.who === parameters.who, branch('b'), {
        parameters: { who: 'ada' },
      })
    const told = await performed(step.commit(), 'choose', 'step', value)
    assert.equal(told.kind === 'chosen' && told.branch, 0)
  })
})

describe('a signal', () => {
  const receive = async (saga: CommittedSaga<Trip, object>, data: unknown): Promise<Told> =>
    performed(saga, 'receive', 'paid', value, { data })

  it('leaves what its callback makes of it', async () => {
    const saga = trip()
      .waitFor('paid', (c, data) => ({ ...c, data }))
      .commit()
    assert.deepEqual(leftBy(await receive(saga, { by: 'eve' })), {
      who: 'ada',
      data: { by: 'eve' },
    })
  })

  it('without a callback leaves the context as it is', async () => {
    assert.equal(leftBy(await receive(trip().waitFor('paid').commit(), 3)), undefined)
  })

  it('is checked by a schema', async () => {
    const data = v.object({ by: v.string() })
    const saga = trip()
      .waitFor('paid', (c, { by }) => ({ ...c, by }), { data })
      .commit()
    assert.deepEqual(leftBy(await receive(saga, { by: 'eve' })), { who: 'ada', by: 'eve' })
    assert.equal(failureIn(await receive(saga, { by: 3 })).code, 'SAGA_SIGNAL_INVALID')
  })
})
