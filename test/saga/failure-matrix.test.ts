/** What fails, and what is undone then: the matrix of the reference, end to end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codedError, codeOf } from '../../src/errors.ts'
import { type RefusedError, refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import type { CommittedSaga } from '../../src/saga/dsl/chain.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import type { RetryOptions } from '../../src/saga/dsl/step-options.ts'
import type { SagaResponse } from '../../src/saga/messages/saga-response.ts'
import type { SagaOutcome } from '../../src/saga/manager/saga-manager.ts'
import { openSagas, type TestSagas } from './sagas.ts'

type Context = { readonly how: string; readonly b?: string }
type Answer = { readonly b: string }

const askA = requestType('a.do')
const undoA = requestType('a.undo')
const askB = requestType<object, Answer>('b.do')
const undoB = requestType('b.undo')

/** What the callbacks of step B do. */
type StepB = {
  readonly request?: () => ReturnType<typeof askB> | undefined
  readonly onSuccess?: (context: object, reply: SagaResponse<Answer>) => unknown
  readonly onError?: (context: object, reply: SagaResponse<unknown>) => unknown
  readonly undo?: () => ReturnType<typeof undoB>
  /** What the service answers. */
  readonly answer?: () => Answer | RefusedError | Promise<Answer>
  readonly attemptTimeoutMs?: number
  readonly retry?: RetryOptions
}

/** The messages and calls, in order. */
const trace: string[] = []

/** A saga of remote A, local L, remote B, and its outcome. */
async function runB(step: StepB): Promise<SagaOutcome<object>> {
  trace.length = 0
  const tell = (what: string) => () => void trace.push(what)
  const { attemptTimeoutMs, retry } = step
  let last = new Saga<Context>('matrix')
    .remoteStep(() => askA({}), { name: 'A' })
    .onFailure(() => undoA({}))
    .localStep(tell('L'), { name: 'L' })
    .onFailure(tell('undo L'))
    .remoteStep(step.request ?? (() => askB({})), {
      name: 'B',
      attemptTimeoutMs,
      retry,
      undoRetry: 1,
    })
    .onFailure(step.undo ?? (() => undoB({})))
  // The typings follow one chain; here its slots are filled or not.
  if (step.onSuccess !== undefined) last = last.onSuccess(step.onSuccess as never) as never
  if (step.onError !== undefined) last = last.onError(step.onError as never) as never
  const saga = last.commit() as unknown as CommittedSaga<Context, object>
  await using open: TestSagas = await openSagas({
    definitions: [saga],
    limits: { executionDrainMs: 50 },
    participants: [
      handle(askA, tell('A')),
      handle(undoA, tell('undo A')),
      handle(askB, () => {
        trace.push('B')
        return step.answer?.() ?? { b: 'done' }
      }),
      handle(undoB, tell('undo B')),
    ],
  })
  return await open.sagas.run(saga, { how: 'x' }, { id: 'm' })
}

/** A saga of remote A and of remote B, which has no undo and is answered 500. */
async function runWithoutUndo(needsNoUndo: boolean): Promise<SagaOutcome<object>> {
  trace.length = 0
  const tell = (what: string) => () => void trace.push(what)
  const saga = new Saga<Context>('without-undo')
    .remoteStep(() => askA({}), { name: 'A' })
    .onFailure(() => undoA({}))
    .remoteStep(() => askB({}), { name: 'B', needsNoUndo })
    .commit()
  await using open = await openSagas({
    definitions: [saga],
    participants: [
      handle(askA, tell('A')),
      handle(undoA, tell('undo A')),
      handle(askB, () => {
        throw new Error('the disk is full')
      }),
    ],
  })
  return await open.sagas.run(saga, { how: 'x' })
}

const BEFORE = ['A', 'L', 'B']
const UNDO_BEFORE = ['undo L', 'undo A']

test('a request that cannot be built fails the step: nothing is sent, what came before is undone [minos-F1, minos-184]', async () => {
  const outcome = await runB({
    request: () => {
      throw new Error('cannot ask')
    },
  })
  assert.deepEqual(trace, ['A', 'L', ...UNDO_BEFORE])
  assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
  assert.equal(outcome.failure?.message, 'cannot ask')
})

test('a 500 reply fails the step, which may have happened: its own undo runs too [minos-F2, minos-185]', async () => {
  const outcome = await runB({
    answer: () => {
      throw new Error('the disk is full')
    },
  })
  assert.deepEqual(trace, [...BEFORE, 'undo B', ...UNDO_BEFORE])
  assert.deepEqual([outcome.forward, outcome.backward], ['failed', 'done'])
  assert.equal(outcome.failure?.outcome, 'unknown')
  assert.match(outcome.failure?.message ?? '', /500.*the disk is full/s)
})

test('a 500 reply is asked about again, under the same id, as often as the step is tried', async () => {
  let asked = 0
  const outcome = await runB({
    retry: { maxAttempts: 3, initialMs: 1 },
    answer: () => {
      asked++
      if (asked < 3) throw new Error('busy')
      return { b: 'done' }
    },
  })
  assert.deepEqual(trace, [...BEFORE, 'B', 'B'])
  assert.equal(outcome.forward, 'completed')
})

test('a 500 reply that says that nobody handles the request undoes only what came before', async () => {
  const outcome = await runB({
    answer: () => {
      throw codedError('REQUEST_HANDLER_MISSING')
    },
  })
  assert.deepEqual(trace, [...BEFORE, ...UNDO_BEFORE])
  assert.deepEqual([outcome.failure?.outcome, outcome.backward], ['failed', 'done'])
})

for (const [needsNoUndo, backward] of [
  [false, 'stuck'],
  [true, 'done'],
] as const) {
  const what = needsNoUndo ? 'is let go where no undo is needed' : 'waits for an operator'
  test(`a step without an undo that was answered 500 ${what}`, async () => {
    const outcome = await runWithoutUndo(needsNoUndo)
    assert.deepEqual([outcome.forward, outcome.backward], ['failed', backward])
    assert.deepEqual(
      outcome.items.map(({ path, kind }) => [path, kind]),
      needsNoUndo ? [] : [['B', 'unknown']],
    )
    assert.deepEqual(trace, ['A', 'undo A'])
  })
}

test('a 400 reply that onError handles lets the saga go on [minos-F3, minos-189]', async () => {
  const outcome = await runB({
    answer: () => refuse('none left'),
    onError: (context) => ({ ...context, b: 'without' }),
  })
  assert.deepEqual(trace, BEFORE)
  assert.deepEqual(outcome.context, { how: 'x', b: 'without' })
})

test('a 400 reply without onError fails the step [minos-F4, minos-190, minos-B-21]', async () => {
  const outcome = await runB({ answer: () => refuse('none left') })
  assert.deepEqual(trace, [...BEFORE, ...UNDO_BEFORE])
  assert.equal(outcome.failure?.outcome, 'refused')
})

test('an onError that throws undoes its own step first [minos-F5, minos-191]', async () => {
  const outcome = await runB({
    answer: () => refuse('none left'),
    onError: () => {
      throw new Error('lost')
    },
  })
  assert.deepEqual(trace, [...BEFORE, 'undo B', ...UNDO_BEFORE])
  assert.deepEqual(outcome.undone, ['b.undo', 'L', 'a.undo'])
})

test('an onSuccess that throws undoes its own step first, once [minos-F6, minos-188, minos-192]', async () => {
  const outcome = await runB({
    onSuccess: () => {
      throw new Error('odd reply')
    },
  })
  assert.deepEqual(trace, [...BEFORE, 'undo B', ...UNDO_BEFORE])
  assert.equal(outcome.failure?.message, 'odd reply')
})

test('an onSuccess that returns an error undoes its own step first [minos-F6, minos-172]', async () => {
  await runB({ onSuccess: () => new Error('odd reply') })
  assert.deepEqual(trace, [...BEFORE, 'undo B', ...UNDO_BEFORE])
})

test('when the own undo cannot be built either, both errors are kept and the others run [minos-F7]', async () => {
  const outcome = await runB({
    onSuccess: () => {
      throw new Error('odd reply')
    },
    undo: () => {
      throw refuse('cannot undo')
    },
  })
  assert.deepEqual(trace, [...BEFORE, ...UNDO_BEFORE])
  assert.equal(outcome.backward, 'stuck')
  assert.equal(outcome.failure?.message, 'odd reply')
  assert.deepEqual(
    outcome.items.map(({ path, failure }) => [path, failure?.message]),
    [['B', 'cannot undo']],
  )
})

test('a reply nobody handles, and nothing returned, keep the context [minos-187, minos-161, minos-F15]', async () => {
  assert.deepEqual((await runB({})).context, { how: 'x' })
  assert.deepEqual((await runB({ onSuccess: () => undefined })).context, { how: 'x' })
})

test('a reply that does not come in time unwinds the saga [minos-F14, minos-B-08, minos-246]', async () => {
  const outcome = await runB({
    attemptTimeoutMs: 20,
    answer: () => new Promise(() => undefined),
  })
  assert.equal(outcome.forward, 'failed')
  assert.deepEqual(
    trace.filter((what) => UNDO_BEFORE.includes(what)),
    UNDO_BEFORE,
  )
})

test('a local operation that throws fails its step, and only what came before is undone [minos-F8, minos-179]', async () => {
  const undone: string[] = []
  const saga = new Saga<{ n: number }>('local')
    .localStep(({ n }) => ({ n: n + 1 }), { name: 'one' })
    .onFailure(() => void undone.push('one'))
    .localStep(
      () => {
        throw new Error('no')
      },
      { name: 'two' },
    )
    .onFailure(() => void undone.push('two'))
    .commit()
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, { n: 1 }, { id: 'l' })
  assert.deepEqual([outcome.forward, undone], ['failed', ['one']])
  assert.deepEqual((await open.sagas.inspect('l')).context, { n: 2 })
})

function conditional(options: {
  readonly condition?: () => boolean
  readonly innerUndo?: () => void
}): { readonly saga: CommittedSaga<object, object>; readonly undone: string[] } {
  const undone: string[] = []
  const inner = new Saga<object>('inner')
    .localStep(() => undefined, { name: 'in', undoRetry: 1 })
    .onFailure(options.innerUndo ?? (() => void undone.push('in')))
    .localStep(
      () => {
        throw refuse('no')
      },
      { name: 'fails' },
    )
    .commit()
  const saga = new Saga<object>('outer')
    .localStep(() => undefined, { name: 'out' })
    .onFailure(() => void undone.push('out'))
    .conditionalStep()
    .ifThen(options.condition ?? (() => true), inner)
    .commit()
  return { saga, undone }
}

test('a step that fails in a branch undoes the branch first, then what came before [minos-F9, minos-195, minos-197]', async () => {
  const { saga, undone } = conditional({})
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, {})
  assert.deepEqual([outcome.backward, undone], ['done', ['in', 'out']])
})

test('a condition that throws fails its step, and the saga unwinds [minos-F10, minos-B-02]', async () => {
  const { saga, undone } = conditional({
    condition: () => {
      throw new Error('cannot tell')
    },
  })
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, {})
  assert.deepEqual([outcome.forward, outcome.backward, undone], ['failed', 'done', ['out']])
  assert.equal(outcome.failure?.message, 'cannot tell')
})

test('an undo that fails in a branch holds back no undo outside of it [minos-F12, minos-B-03]', async () => {
  const { saga, undone } = conditional({
    innerUndo: () => {
      throw new Error('broken')
    },
  })
  await using open = await openSagas({ definitions: [saga] })
  const outcome = await open.sagas.run(saga, {})
  assert.deepEqual([outcome.backward, undone], ['stuck', ['out']])
  assert.equal(codeOf(outcome.error), 'REFUSED')
})
