import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EXECUTABLE } from '../../machine/bindings.ts'
import { NO_RETRY, PATIENT_RETRY, type Node, type StepNode } from '../../machine/definition.ts'
import { fingerprintOf } from '../../machine/fingerprint.ts'
import { requestType } from '../messages/request-type.ts'
import { SagaRequest } from '../messages/saga-request.ts'
import type { CommittedSaga } from './chain.ts'
import { LocalSagaStep } from './local-saga-step.ts'
import { Saga } from './saga.ts'
import { createOrder, type OrderContext, pay, payBack, payment } from './sagas.test.support.ts'

const saga = (name = 'order'): Saga<OrderContext> => new Saga<OrderContext>(name)
type Definition = CommittedSaga<never, unknown>

/** The paths of all nodes, top down. */
function paths(definition: Definition): readonly string[] {
  const below = (node: Node): readonly string[] => {
    if (node.kind === 'step') return [node.path]
    const rest = node.kind === 'conditional' && node.otherwise ? [node.otherwise] : []
    const children = node.kind === 'sequence' ? node.nodes : [...node.branches, ...rest]
    return [node.path, ...children.flatMap(below)]
  }
  return below(definition.describe().root).slice(1)
}

function steps(definition: Definition): readonly StepNode[] {
  const { nodes } = definition.describe().root
  return nodes.filter((node): node is StepNode => node.kind === 'step')
}

describe('the names of steps', () => {
  const bookRoom = requestType<OrderContext, null>('hotel.book')

  it('are those of their functions, or the targets of their request types', () => {
    const given = saga().localStep(pay).remoteStep(bookRoom).remoteStep(createOrder).commit()
    assert.deepEqual(paths(given), ['pay', 'hotel.book', 'createOrder'])
  })

  it('are kind and place where nothing else can be read off', () => {
    const given = saga()
    given.localStep((c) => c).remoteStep(() => undefined)
    given.addStep(new LocalSagaStep<OrderContext>({ onExecute: (c) => c }))
    assert.deepEqual(paths(given.commit()), ['local-1', 'remote-2', 'local-3'])
  })

  it('get a number when they were read off twice', () => {
    const given = saga().localStep(pay).localStep(pay).remoteStep(bookRoom).remoteStep(bookRoom)
    assert.deepEqual(paths(given.commit()), ['pay', 'pay-2', 'hotel.book', 'hotel.book-2'])
  })

  it('are what the author says, and others give way', () => {
    const given = saga().localStep(pay).localStep(payBack, { name: 'pay' }).commit()
    assert.deepEqual(paths(given), ['pay-2', 'pay'])
  })

  it('that the author gives twice are refused', () => {
    const given = saga().localStep(pay, { name: 'pay' }).localStep(payBack, { name: 'pay' })
    assert.throws(() => given.commit(), { code: 'SAGA_STEP_NAME_DUPLICATE' })
  })

  it('have no slash, which parts paths', () => {
    const given = saga().remoteStep(requestType<OrderContext, null>('POST /rooms')).commit()
    assert.deepEqual(paths(given), ['POST .rooms'])
  })
})

describe('a compiled saga', () => {
  it('has the steps of its branches under their names', () => {
    const given = saga()
      .conditionalStep({ name: 'choice' })
      .ifThen(() => true, payment())
      .elseThen(saga('other').localStep(payBack).commit())
      .parallel([payment(), payment()])
      .conditionalStep()
      .elseThen(payment())
      .commit()
    assert.deepEqual(paths(given), [
      'choice',
      'choice/payment',
      'choice/payment/pay',
      'choice/other',
      'choice/other/payBack',
      'parallel-2',
      'parallel-2/payment',
      'parallel-2/payment/pay',
      'parallel-2/payment-2',
      'parallel-2/payment-2/pay',
      'conditional-3',
      'conditional-3/payment',
      'conditional-3/payment/pay',
    ])
    const bound = [...given[EXECUTABLE]().bindings.keys()]
    assert.deepEqual(bound.toSorted(), [
      'choice',
      'choice/other/payBack',
      'choice/payment/pay',
      'conditional-3',
      'conditional-3/payment/pay',
      'parallel-2/payment-2/pay',
      'parallel-2/payment/pay',
    ])
  })

  it('has a pivot, and runs forward behind it', () => {
    const given = saga().localStep(pay).localStep(pay).pivot().remoteStep(createOrder).commit()
    const modes = steps(given).map(({ mode, retry }) => [mode, retry])
    assert.deepEqual(modes, [
      ['compensatable', NO_RETRY],
      ['pivot', NO_RETRY],
      ['retriable', PATIENT_RETRY],
    ])
  })

  it('refuses branches with an undo behind the pivot', () => {
    const given = saga().localStep(pay).pivot().parallel([payment()])
    assert.throws(() => given.commit(), { code: 'SAGA_UNDO_AFTER_PIVOT' })
  })

  it('refuses a pivot or a deadline in a branch', () => {
    const withPivot = saga('branch').localStep(pay).pivot().commit()
    const code = 'SAGA_PIVOT_MISPLACED'
    assert.throws(() => saga().parallel([withPivot]).commit(), { code })
    const hurried = new Saga<OrderContext>('b', { deadlineMs: 5 }).localStep(pay).commit()
    const given = saga().conditionalStep().elseThen(hurried)
    assert.throws(() => given.commit(), { code: 'SAGA_OPTION_INVALID' })
  })

  it('has the options of its steps', () => {
    const options = {
      retry: 3,
      undoRetry: { maxAttempts: Infinity, jitter: 'none' },
      timeoutMs: 1,
      attemptTimeoutMs: 2,
      undoTimeoutMs: 3,
      abandonAfterMs: 4,
      atMostOnce: true,
    } as const
    const given = saga().localStep(pay, options).remoteStep(createOrder, options).commit()
    for (const step of steps(given)) {
      assert.deepEqual(step.retry, { ...PATIENT_RETRY, maxAttempts: 3 })
      const undoRetry = { ...PATIENT_RETRY, maxAttempts: Infinity, jitter: 'none' }
      assert.deepEqual(step.undoRetry, undoRetry)
      const { timeoutMs, attemptTimeoutMs, undoTimeoutMs, abandonAfterMs, atMostOnce } = step
      const times = [timeoutMs, attemptTimeoutMs, undoTimeoutMs, abandonAfterMs]
      assert.deepEqual([...times, atMostOnce], [1, 2, 3, 4, true])
    }
  })

  it('has the options of the saga', () => {
    const release = (): void => undefined
    const options = {
      deadlineMs: 5,
      version: '2',
      continueOnCompensationFailure: false,
      undos: { release },
    }
    const given = new Saga<OrderContext>('order', options).localStep(pay).commit()
    const { definition, undos } = given[EXECUTABLE]()
    const { deadlineMs, version, values, root } = definition
    assert.deepEqual([deadlineMs, version, values], [5, '2', 'context'])
    assert.equal(root.continueOnUndoFailure, false)
    assert.equal(undos.get('release'), release)
  })

  it('has the undos of its branches, each name once', () => {
    const release = (): void => undefined
    const branch = new Saga<OrderContext>('b', { undos: { release } }).localStep(pay).commit()
    const given = saga().parallel([branch, branch]).commit()
    assert.equal(given[EXECUTABLE]().undos.get('release'), release)
    const other = new Saga<OrderContext>('b', { undos: { release: pay as () => void } })
    const both = saga().parallel([branch, other.localStep(pay).commit()])
    assert.throws(() => both.commit(), { code: 'SAGA_OPTION_INVALID' })
  })

  it('says whether there is an undo, and what becomes of an unknown outcome', () => {
    const options = { probe: () => 'unknown' as const, undoUnknown: payBack }
    const given = saga()
      .localStep(pay)
      .localStep(pay, options)
      .onFailure(payBack)
      .localStep(pay, { needsNoUndo: true })
      .remoteStep(createOrder)
      .remoteStep(createOrder)
      .onFailure(createOrder)
      .commit()
    const undos = steps(given).map((step) => [step.undo, step.undoesUnknown, step.probes])
    assert.deepEqual(undos, [
      ['none', false, false],
      ['declared', true, true],
      ['none', true, false],
      ['none', false, false],
      ['declared', true, false],
    ])
  })

  it('refuses an undo of a step that needs none, and one for unknown outcomes alone', () => {
    const code = 'SAGA_OPTION_INVALID'
    const needless = saga().localStep(pay, { needsNoUndo: true }).onFailure(payBack)
    assert.throws(() => needless.commit(), { code })
    const alone = saga().localStep(pay, { undoUnknown: payBack })
    assert.throws(() => alone.commit(), { code })
  })

  it('waits for signals, and runs other sagas', () => {
    const given = saga()
      .waitFor('approved', (c) => c, { timeoutMs: 7 })
      .sagaStep(payment())
      .pivot()
      .sagaStep(payment(), { name: 'again' })
      .commit()
    const [signal, first, again] = steps(given)
    assert.equal(signal?.does, 'signal')
    assert.equal(signal.signal, 'approved')
    assert.equal(signal.timeoutMs, 7)
    assert.deepEqual(
      [first?.does, first?.definition, first?.undo],
      ['execution', 'payment', 'declared'],
    )
    assert.deepEqual([again?.path, again?.mode, again?.undo], ['again', 'retriable', 'none'])
  })

  it('refuses a saga with a pivot as a step that can be undone', () => {
    const child = saga('child').localStep(pay).pivot().commit()
    assert.throws(() => saga().sagaStep(child).commit(), { code: 'SAGA_PIVOT_MISPLACED' })
    saga().sagaStep(child).pivot().sagaStep(child).commit()
  })

  it('refuses to run or to branch into what is none', () => {
    const code = 'SAGA_OPTION_INVALID'
    assert.throws(() => saga().sagaStep({} as never), { code })
    assert.throws(() => saga().parallel([{} as never]), { code })
    assert.throws(() => saga().parallel('x' as never), { code })
    assert.throws(() => saga().parallel([payment()], { undo: 'never' as never }), { code })
    assert.throws(() => saga().waitFor('a/b'), { code: 'SAGA_STEP_NAME_INVALID' })
  })

  it('is the same for the same text', () => {
    const make = (): string =>
      fingerprintOf(saga().localStep(pay).onFailure(payBack).pivot().commit().describe())
    assert.equal(make(), make())
    const other = saga().localStep(pay).onFailure(payBack).commit().describe()
    assert.notEqual(make(), fingerprintOf(other))
  })
})

describe('a request that is made of a saga written statement by statement', () => {
  it('is bound like any other', async () => {
    const given = new Saga<{ amount: number; order?: unknown }>('statements')
    given
      .remoteStep()
      .onSuccess(async (context, response) => {
        context.order = await response.content()
      })
      .onExecute((context) => new SagaRequest('CreateOrder', context.amount))
      .onError(() => new Error('refused'))
    given
      .localStep()
      .onFailure((context) => context)
      .onExecute((context) => context)
    const committed = given.commit()
    const binding = committed[EXECUTABLE]().bindings.get('remote-1')
    assert.ok(binding?.kind === 'request')
    const info = { executionId: 'e-1', correlationId: 'c-1', path: 'remote-1' }
    const request = await binding.request({ amount: 3 }, info)
    assert.deepEqual(request, { target: 'CreateOrder', content: 3 })
  })
})
