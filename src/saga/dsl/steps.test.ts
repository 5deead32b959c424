import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import {
  AlreadyCommittedError,
  EmptySagaStepError,
  MultipleOnErrorError,
  MultipleOnExecuteError,
  MultipleOnFailureError,
  MultipleOnSuccessError,
  SagaNotDefinedError,
  UndefinedOnExecuteError,
} from '../errors/definition-errors.ts'
import { ConditionalSagaStep } from './conditional-saga-step.ts'
import { LocalSagaStep } from './local-saga-step.ts'
import { RemoteSagaStep } from './remote-saga-step.ts'
import { Saga } from './saga.ts'
import { SagaOperation } from './saga-operation.ts'
import type { SagaStep } from './saga-step.ts'
import {
  addOrder,
  createOrder,
  deleteOrder,
  keepOrder,
  type OrderContext,
  pay,
  payBack,
  payment,
} from './sagas.test.support.ts'

const local = (): LocalSagaStep<OrderContext> => new LocalSagaStep({ onExecute: pay })
const remote = (): RemoteSagaStep<OrderContext> => new RemoteSagaStep({ onExecute: createOrder })
const onSaga = (): { saga: Saga<OrderContext>; step: LocalSagaStep<OrderContext> } => {
  const step = local()
  return { saga: new Saga<OrderContext>('order').addStep(step), step }
}

describe('a step', () => {
  it('knows its saga [minos-100]', () => {
    const { saga, step } = onSaga()
    assert.equal(step.saga, saga)
    assert.equal(local().saga, undefined)
  })

  const goingOn: readonly [string, (step: SagaStep) => SagaStep, new () => SagaStep][] = [
    ['[minos-101]', (step) => step.conditionalStep(), ConditionalSagaStep],
    ['[minos-102]', (step) => step.localStep(pay), LocalSagaStep],
    ['[minos-103]', (step) => step.remoteStep(createOrder), RemoteSagaStep],
  ]
  for (const [id, go, kind] of goingOn) {
    it(`is validated once when the next ${kind.name} is asked for ${id}`, () => {
      const { step, saga } = onSaga()
      const validate = mock.method(step, 'validate')
      const next = go(step)
      assert.ok(next instanceof kind)
      assert.equal(validate.mock.callCount(), 1)
      assert.deepEqual(saga.steps, [step, next])
    })
  }

  const detached: readonly [string, string, (step: SagaStep) => unknown][] = [
    ['conditionalStep', '[minos-104]', (step) => step.conditionalStep()],
    ['localStep', '[minos-105]', (step) => step.localStep(pay)],
    ['remoteStep', '[minos-106]', (step) => step.remoteStep(createOrder)],
    ['commit', '[minos-110]', (step) => step.commit()],
    ['parallel', '', (step) => step.parallel([payment()] as never)],
    ['sagaStep', '', (step) => step.sagaStep(payment() as never)],
    ['waitFor', '', (step) => step.waitFor('paid')],
  ]
  for (const [name, id, go] of detached) {
    it(`without a saga refuses ${name} ${id}`.trim(), () => {
      assert.throws(() => go(local()), SagaNotDefinedError)
    })
  }

  it('commits its saga, and gives it [minos-108]', () => {
    const { step, saga } = onSaga()
    assert.equal(step.commit(), saga)
    assert.equal(saga.committed, true)
  })

  it('is validated once by commit [minos-109]', () => {
    const { step } = onSaga()
    const validate = mock.method(step, 'validate')
    step.commit()
    assert.equal(validate.mock.callCount(), 1)
  })

  it('goes on in every way that its saga has', () => {
    const saga = new Saga<OrderContext>('order')
    const step = saga.localStep(pay) as unknown as LocalSagaStep
    const kinds = step
      .parallel([payment()] as never)
      .sagaStep(payment() as never)
      .waitFor('paid')
      .commit()
      .steps.map((each) => each.kind)
    assert.deepEqual(kinds, ['local', 'parallel', 'saga', 'signal'])
  })

  it('of a committed saga cannot be changed', () => {
    const { step, saga } = onSaga()
    const other = remote()
    saga.addStep(other)
    saga.commit()
    assert.throws(() => step.onFailure(payBack), AlreadyCommittedError)
    assert.throws(() => step.pivot(), AlreadyCommittedError)
    assert.throws(() => other.onSuccess(keepOrder), AlreadyCommittedError)
    assert.throws(() => other.onError(keepOrder), AlreadyCommittedError)
  })
})

describe('a local or remote step', () => {
  it('takes onExecute when it is made [minos-111]', () => {
    assert.ok(local().onExecuteOperation?.equals(new SagaOperation(pay)))
    assert.ok(remote().onExecuteOperation?.equals(new SagaOperation(createOrder)))
  })

  it('takes onExecute by its method, with parameters [minos-112]', () => {
    const parameters = { one: 1 }
    const step = new LocalSagaStep<OrderContext>()
    assert.equal(step.onExecute(pay, { parameters }), step)
    assert.ok(step.onExecuteOperation?.equals(new SagaOperation(pay, parameters)))
    const other = new RemoteSagaStep<OrderContext>().onExecute(createOrder, { parameters })
    assert.ok(other.onExecuteOperation?.equals(new SagaOperation(createOrder, parameters)))
  })

  it('takes onExecute once [minos-113]', () => {
    assert.throws(() => local().onExecute(pay), MultipleOnExecuteError)
    assert.throws(() => remote().onExecute(createOrder), MultipleOnExecuteError)
  })

  it('takes onFailure when it is made [minos-114]', () => {
    const step = new LocalSagaStep<OrderContext>({ onFailure: payBack })
    assert.ok(step.onFailureOperation?.equals(new SagaOperation(payBack)))
    const other = new RemoteSagaStep<OrderContext>({ onFailure: deleteOrder })
    assert.ok(other.onFailureOperation?.equals(new SagaOperation(deleteOrder)))
  })

  it('takes onFailure by its method [minos-115]', () => {
    assert.ok(local().onFailure(payBack).onFailureOperation?.equals(new SagaOperation(payBack)))
    const { onFailureOperation } = remote().onFailure(deleteOrder)
    assert.ok(onFailureOperation?.equals(new SagaOperation(deleteOrder)))
  })

  it('takes onFailure once [minos-116]', () => {
    const step = local().onFailure(payBack)
    assert.throws(() => step.onFailure(payBack), MultipleOnFailureError)
    const other = remote().onFailure(deleteOrder)
    assert.throws(() => other.onFailure(deleteOrder), MultipleOnFailureError)
  })

  it('without anything to do is empty [minos-123]', () => {
    assert.throws(() => new LocalSagaStep().validate(), EmptySagaStepError)
    assert.throws(() => new RemoteSagaStep().validate(), EmptySagaStepError)
  })

  it('with nothing but onFailure does not begin [minos-124]', () => {
    const step = new LocalSagaStep({ onFailure: payBack })
    assert.throws(() => step.validate(), UndefinedOnExecuteError)
    const other = new RemoteSagaStep({ onFailure: deleteOrder })
    assert.throws(() => other.validate(), UndefinedOnExecuteError)
  })

  it('equals one of its kind with the same in each slot [minos-128]', () => {
    const full = { onExecute: createOrder, onSuccess: keepOrder, onError: keepOrder }
    const all = new RemoteSagaStep({ ...full, onFailure: deleteOrder })
    assert.ok(all.equals(new RemoteSagaStep({ ...full, onFailure: deleteOrder })))
    const others = [
      new RemoteSagaStep({ ...full }),
      new RemoteSagaStep({ ...full, onFailure: createOrder }),
      new RemoteSagaStep({ ...full, onFailure: deleteOrder, onExecute: deleteOrder }),
      new RemoteSagaStep({ ...full, onFailure: deleteOrder, onSuccess: () => undefined }),
      new RemoteSagaStep({ ...full, onFailure: deleteOrder, onError: () => undefined }),
      local(),
    ]
    for (const other of others) assert.equal(all.equals(other), false)
    const step = new LocalSagaStep({ onExecute: pay, onFailure: payBack })
    assert.ok(step.equals(new LocalSagaStep({ onExecute: pay, onFailure: payBack })))
    assert.equal(step.equals(local()), false)
    assert.equal(step.equals(new LocalSagaStep({ onExecute: payBack, onFailure: payBack })), false)
  })
})

describe('a remote step', () => {
  it('takes onSuccess when it is made [minos-117]', () => {
    const step = new RemoteSagaStep<OrderContext>({ onSuccess: keepOrder })
    assert.ok(step.onSuccessOperation?.equals(new SagaOperation(keepOrder)))
  })

  it('takes onSuccess by its method [minos-118]', () => {
    const { onSuccessOperation } = remote().onSuccess(keepOrder)
    assert.ok(onSuccessOperation?.equals(new SagaOperation(keepOrder)))
  })

  it('takes onSuccess once [minos-119]', () => {
    const step = remote().onSuccess(keepOrder)
    assert.throws(() => step.onSuccess(keepOrder), MultipleOnSuccessError)
  })

  it('takes onError when it is made [minos-120]', () => {
    const step = new RemoteSagaStep<OrderContext>({ onError: keepOrder })
    assert.ok(step.onErrorOperation?.equals(new SagaOperation(keepOrder)))
  })

  it('takes onError by its method [minos-121]', () => {
    const { onErrorOperation } = remote().onError(keepOrder)
    assert.ok(onErrorOperation?.equals(new SagaOperation(keepOrder)))
  })

  it('takes onError once [minos-122]', () => {
    const step = remote().onError(keepOrder)
    assert.throws(() => step.onError(keepOrder), MultipleOnErrorError)
  })
})

describe('the pivot', () => {
  it('is one step of a saga', () => {
    const saga = new Saga<OrderContext>('order')
    saga.localStep(pay).pivot()
    const second = saga.localStep(pay) as unknown as LocalSagaStep
    assert.throws(() => second.pivot(), { code: 'SAGA_PIVOT_TWICE' })
  })

  it('cannot be a step that takes branches', () => {
    const code = 'SAGA_PIVOT_MISPLACED'
    assert.throws(() => new ConditionalSagaStep().pivot(), { code })
  })

  it('has no undo behind it', () => {
    const code = 'SAGA_UNDO_AFTER_PIVOT'
    const saga = new Saga<OrderContext>('order')
    saga.localStep(pay).pivot()
    const behind = saga.localStep(pay) as unknown as LocalSagaStep<OrderContext>
    assert.throws(() => behind.onFailure(payBack), { code })
    const ready = new LocalSagaStep({ onExecute: pay, onFailure: payBack })
    assert.throws(() => saga.addStep(ready), { code })
    assert.equal(ready.saga, undefined)
    assert.throws(() => saga.localStep(pay, { undoUnknown: payBack }), { code })
  })

  it('cannot be put before a step that has an undo', () => {
    const saga = addOrder()
    const [first] = saga.steps
    assert.throws(() => first?.pivot(), { code: 'SAGA_UNDO_AFTER_PIVOT' })
  })
})

describe('options of steps', () => {
  const bad: readonly object[] = [
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { attemptTimeoutMs: -1 },
    { retry: 0 },
    { retry: 1.5 },
    { retry: { maxAttempts: 3, pauseMs: 3 } },
    { retry: { initialMs: -1 } },
    { retry: { factor: 0.5 } },
    { retry: { maxMs: Infinity } },
    { retry: { jitter: 'some' } },
    { undoRetry: 0 },
    { atMostOnce: 1 },
    { needsNoUndo: 'yes' },
    { misspelt: true },
  ]
  for (const options of bad) {
    it(`are refused when they are not valid: ${JSON.stringify(options)}`, () => {
      const saga = new Saga<OrderContext>('order')
      const code = 'SAGA_OPTION_INVALID'
      assert.throws(() => saga.localStep(pay, options), { code })
      assert.throws(() => saga.remoteStep(createOrder, options), { code })
      assert.deepEqual(saga.steps, [])
    })
  }

  it('name steps with what can be a part of a path', () => {
    const saga = new Saga<OrderContext>('order')
    for (const name of ['', 'a/b', 'a\n', 'x'.repeat(129), 3 as unknown as string]) {
      assert.throws(() => saga.localStep(pay, { name }), { code: 'SAGA_STEP_NAME_INVALID' })
    }
  })
})
