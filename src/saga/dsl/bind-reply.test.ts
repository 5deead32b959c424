import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import { EXECUTABLE } from '../../machine/bindings.ts'
import type { Told } from '../../machine/input.ts'
import { refuse } from '../../machine/refusal.ts'
import { requestType } from '../messages/request-type.ts'
import type { CommittedSaga } from './chain.ts'
import { performed, replied } from './performing.test.support.ts'
import { Saga } from './saga.ts'

type Trip = { who: string; list?: number[]; room?: string }
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

describe('a reply to a remote step', () => {
  const booked = { room: '12' }
  const saga = (handle: Parameters<ReturnType<typeof begun>['onSuccess']>[0]) =>
    begun().onSuccess(handle).commit()
  const begun = () => trip().remoteStep((c) => bookRoom({ who: c.who }), { name: 'step' })
  const reply = async (definition: CommittedSaga<Trip, object>, status: number): Promise<Told> =>
    replied(definition, 'step', value, status, status === 200 ? booked : 'no room')

  it('that is a success goes to onSuccess, which leaves a context [minos-170]', async () => {
    const definition = begun()
      .onSuccess(async (c, response) => ({
        ...c,
        ...(await response.content()),
        ok: response.ok,
        services: [...response.relatedServices],
      }))
      .commit()
    const left = { who: 'ada', room: '12', ok: true, services: ['hotel'] }
    assert.deepEqual(leftBy(await reply(definition, 200)), left)
  })

  it('keeps the context when onSuccess returns nothing, or is missing [minos-B-09]', async () => {
    const changing = saga((c) => {
      c.room = 'changed'
    })
    assert.deepEqual(leftBy(await reply(changing, 200)), { who: 'ada', room: 'changed' })
    assert.equal(leftBy(await reply(begun().commit(), 200)), undefined)
  })

  it('fails the step, which has happened, when onSuccess throws [minos-171]', async () => {
    const told = await reply(
      saga(() => assert.fail('no')),
      200,
    )
    assert.deepEqual(failureIn(told), { outcome: 'failed', code: 'ERR_ASSERTION', happened: true })
  })

  it('fails the step, which has happened, when onSuccess returns an Error [minos-172]', async () => {
    const told = await reply(
      saga(() => new TypeError('no')),
      200,
    )
    assert.deepEqual(failureIn(told), { outcome: 'failed', code: 'TypeError', happened: true })
    const refused = await reply(
      saga(() => refuse('no')),
      200,
    )
    assert.deepEqual(failureIn(refused), { outcome: 'failed', code: 'REFUSED', happened: true })
  })

  it('fails the step, which has happened, when onSuccess leaves no context', async () => {
    const told = await reply(
      saga(() => [1] as unknown as object),
      200,
    )
    const code = 'SAGA_CALLBACK_RESULT_INVALID'
    assert.deepEqual(failureIn(told), { outcome: 'failed', code, happened: true })
  })

  it('that is a refusal fails the step when there is no onError [minos-B-21]', async () => {
    const told = await reply(begun().commit(), 400)
    assert.deepEqual(failureIn(told), { outcome: 'refused', code: 'REFUSED', happened: undefined })
    const content = { error_code: 'NO_ROOM', error_message: 'no room left' }
    const reasoned = await replied(begun().commit(), 'step', value, 400, content)
    assert.equal(failureIn(reasoned).code, 'NO_ROOM')
    assert.equal(reasoned.kind === 'failed' && reasoned.failure.message, 'no room left')
  })

  it('that is a refusal goes to onError, and the saga goes on', async () => {
    const definition = begun()
      .onError(async (c, response) => ({ ...c, why: await response.content() }))
      .commit()
    assert.deepEqual(leftBy(await reply(definition, 400)), { who: 'ada', why: 'no room' })
  })

  it('fails the step when onError throws or returns an Error, and its undo runs', async () => {
    const throwing = begun()
      .onError(() => assert.fail('no'))
      .commit()
    const happened = true
    const thrown = { outcome: 'failed', code: 'ERR_ASSERTION', happened }
    assert.deepEqual(failureIn(await reply(throwing, 400)), thrown)
    const returning = begun()
      .onError(() => new TypeError('no'))
      .commit()
    const returned = { outcome: 'failed', code: 'TypeError', happened }
    assert.deepEqual(failureIn(await reply(returning, 400)), returned)
  })

  it('that says the service failed fails the step', async () => {
    const definition = begun()
      .onError(() => assert.fail('is not called'))
      .commit()
    for (const status of [500, 600]) {
      const { code, happened = false } = failureIn(await reply(definition, status))
      assert.deepEqual({ code, happened }, { code: 'SAGA_RESPONSE_FAILED', happened: false })
    }
  })

  it('that says the service failed goes to an onError that asks for it', async () => {
    const definition = begun()
      .onError((c, { status, rawStatus }) => ({ ...c, status, rawStatus }), { systemErrors: true })
      .commit()
    const binding = definition[EXECUTABLE]().bindings.get('step')
    assert.ok(binding?.kind === 'request')
    assert.equal('handlesSystemErrors' in binding && binding.handlesSystemErrors, true)
    const reply503 = { status: 503, content: 'down', services: [] }
    const info = { executionId: 'e-1', correlationId: 'c-1', path: 'step' }
    const left = await binding.onReply(value, reply503, info)
    assert.deepEqual(left, { who: 'ada', status: 500, rawStatus: 503 })
  })

  describe('with a schema', () => {
    const paidAt = v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    )
    const pay = requestType('pay', { reply: v.object({ at: paidAt }) })
    const at = '2026-01-01T00:00:00.000Z'
    const make = () =>
      trip()
        .remoteStep((c) => pay({ amount: c.who }), { name: 'step' })
        .onSuccess(async (_, response) => ({ paidAt: (await response.content()).at }))
        .commit()

    it('is read as the schema says', async () => {
      const definition = make()
      await performed(definition, 'prepare', 'step', value)
      const told = await replied(definition, 'step', value, 200, { at })
      assert.deepEqual(leftBy(told), { paidAt: new Date(at) })
    })

    it('is read as the schema says by a process that did not make the request', async () => {
      const told = await replied(make(), 'step', value, 200, { at })
      assert.deepEqual(leftBy(told), { paidAt: new Date(at) })
    })

    it('fails the step, which has happened, when the schema refuses it', async () => {
      const told = await replied(make(), 'step', value, 200, { at: 3 })
      const code = 'REPLY_CONTENT_INVALID'
      assert.deepEqual(failureIn(told), { outcome: 'failed', code, happened: true })
    })
  })
})
