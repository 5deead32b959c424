import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import { CreateOrderSchema } from '../../../test/fixtures/gen/orders_pb.ts'
import { EXECUTABLE } from '../../machine/bindings.ts'
import {
  AlreadyCommittedError,
  AlreadyOnSagaError,
  EmptySagaError,
  EmptySagaStepError,
  MultipleOnExecuteError,
  SagaNotCommittedError,
  UndefinedOnExecuteError,
} from '../errors/definition-errors.ts'
import { SagaError } from '../errors/saga-error.ts'
import { ConditionalSagaStep } from './conditional-saga-step.ts'
import { LocalSagaStep } from './local-saga-step.ts'
import { RemoteSagaStep } from './remote-saga-step.ts'
import { Saga } from './saga.ts'
import { SagaOperation } from './saga-operation.ts'
import { addOrder, createOrder, type OrderContext, pay, payment } from './sagas.test.support.ts'

const saga = (): Saga<OrderContext> => new Saga<OrderContext>('order')

describe('Saga', () => {
  it('is not committed at first [minos-73]', () => {
    assert.equal(saga().committed, false)
    assert.deepEqual(saga().steps, [])
  })

  it('is returned by commit, and committed then [minos-75]', () => {
    const given = addOrder()
    const committed: unknown = given.commit()
    assert.equal(committed, given)
    assert.equal(given.committed, true)
  })

  it('is committed once [minos-77]', () => {
    const given = addOrder()
    given.commit()
    assert.throws(() => given.commit(), AlreadyCommittedError)
  })

  it('runs when it is committed [minos-89]', () => {
    const executable = payment()[EXECUTABLE]()
    assert.equal(executable.definition.name, 'payment')
    assert.deepEqual([...executable.bindings.keys()], ['pay'])
  })

  it('is compiled once', () => {
    const committed = payment()
    assert.equal(committed[EXECUTABLE](), committed[EXECUTABLE]())
  })

  it('cannot run before it is committed', () => {
    const given: unknown = addOrder()
    const { [EXECUTABLE]: executable } = given as ReturnType<typeof payment>
    assert.throws(() => executable.call(given as ReturnType<typeof payment>), SagaNotCommittedError)
  })

  it('refuses a name that is missing or cannot be used', () => {
    for (const name of ['', 'a\nb', 'x'.repeat(129), 3 as unknown as string]) {
      assert.throws(() => new Saga(name), { code: 'SAGA_NAME_INVALID' })
    }
  })

  it('refuses options that are not valid, or that nobody knows', () => {
    const bad = [
      { deadlineMs: 0 },
      { deadlineMs: Infinity },
      { version: 3 },
      { continueOnCompensationFailure: 'yes' },
      { undos: { release: 'f' } },
      { input: 3 },
      { deadline: 3 },
      null,
    ]
    for (const options of bad) {
      assert.throws(() => new Saga('s', options as object), { code: 'SAGA_OPTION_INVALID' })
    }
    const undos = { 'a/b': () => undefined }
    assert.throws(() => new Saga('s', { undos }), { code: 'SAGA_STEP_NAME_INVALID' })
  })
})

describe('adding steps to a saga', () => {
  it('takes a step that was made by itself, and gives it back [minos-79]', () => {
    const given = saga()
    const local = new LocalSagaStep<OrderContext>({ onExecute: pay })
    const remote = new RemoteSagaStep<OrderContext>({ onExecute: createOrder })
    const conditional = new ConditionalSagaStep<OrderContext>()
    const returned: unknown[] = [given.localStep(local), given.remoteStep(remote)]
    returned.push(given.conditionalStep(conditional))
    assert.deepEqual(returned, [local, remote, conditional])
    for (const step of [local, remote, conditional]) assert.equal(step.saga, given)
  })

  it('takes an operation [minos-80]', () => {
    const given = saga()
    const operation = new SagaOperation(pay, { one: 1 })
    given.localStep(operation)
    const requests = new SagaOperation(createOrder)
    given.remoteStep(requests)
    const [local, remote] = given.steps
    assert.equal((local as LocalSagaStep).onExecuteOperation, operation)
    assert.equal((remote as RemoteSagaStep).onExecuteOperation, requests)
  })

  it('takes a callback [minos-81]', () => {
    const given = saga()
    given.localStep(pay, { parameters: { one: 1 } })
    given.remoteStep(createOrder)
    const [local, remote] = given.steps
    const operation = (local as LocalSagaStep).onExecuteOperation
    assert.equal(operation?.equals(new SagaOperation(pay, { one: 1 })), true)
    assert.equal((remote as RemoteSagaStep).onExecuteOperation?.callback, createOrder)
  })

  it('makes a new step of the kind asked for [minos-82]', () => {
    const given = saga()
    assert.ok((given.localStep() as unknown) instanceof LocalSagaStep)
    assert.ok((given.remoteStep() as unknown) instanceof RemoteSagaStep)
    assert.ok((given.conditionalStep() as unknown) instanceof ConditionalSagaStep)
    for (const step of given.steps) assert.equal(step.saga, given)
  })

  it('is refused by a committed saga [minos-83]', () => {
    const given = addOrder()
    given.commit()
    const adding = [
      () => given.localStep(pay),
      () => given.remoteStep(createOrder),
      () => given.conditionalStep(),
      () => given.parallel([payment()]),
      () => given.sagaStep(payment()),
      () => given.waitFor('paid'),
      () => given.addStep(new LocalSagaStep()),
    ]
    for (const add of adding) assert.throws(add, AlreadyCommittedError)
    assert.equal(given.steps.length, 3)
  })

  it('refuses a step of another kind [minos-84]', () => {
    const given = saga()
    const code = 'SAGA_STEP_KIND_INVALID'
    const remote = new RemoteSagaStep() as unknown as LocalSagaStep<OrderContext>
    const local = new LocalSagaStep() as unknown as RemoteSagaStep<OrderContext>
    assert.throws(() => given.localStep(remote), { code })
    assert.throws(() => given.remoteStep(local), { code })
    assert.throws(() => given.conditionalStep(local as never), { code })
    assert.throws(() => given.addStep({} as LocalSagaStep), { code })
    assert.equal(given.steps.length, 0)
  })

  it('refuses options beside a step that was made with its own', () => {
    const step = new LocalSagaStep<OrderContext>({ onExecute: pay })
    const given = saga() as unknown as { localStep(step: object, options: object): void }
    assert.throws(() => given.localStep(step, { name: 'x' }), { code: 'SAGA_OPTION_INVALID' })
  })

  it('shows a step that was added in its steps [minos-90]', () => {
    const step = new LocalSagaStep<OrderContext>({ onExecute: pay })
    const given = saga().addStep(step)
    assert.deepEqual(given.steps, [step])
  })

  it('refuses a step that belongs to a saga already [minos-91, minos-268]', () => {
    const step = new LocalSagaStep<OrderContext>({ onExecute: pay })
    saga().addStep(step)
    const other = saga()
    assert.throws(() => other.addStep(step), AlreadyOnSagaError)
    assert.deepEqual(other.steps, [])
  })
})

describe('validating a saga', () => {
  it('finds nothing wrong with one that is complete and committed [minos-95]', () => {
    const given = addOrder()
    given.commit()
    given.validate()
  })

  it('finds that it is empty, has an empty step, is not committed [minos-96]', () => {
    assert.throws(() => saga().validate(), EmptySagaError)
    const withEmptyStep = saga()
    withEmptyStep.localStep()
    assert.throws(() => withEmptyStep.validate(), EmptySagaStepError)
    assert.throws(() => addOrder().validate(), SagaNotCommittedError)
  })

  it('is done by commit, which changes nothing of a saga that is incomplete', () => {
    const given = saga()
    assert.throws(() => given.commit(), EmptySagaError)
    given.localStep(pay)
    given.commit()
    assert.equal(given.committed, true)
  })

  it('finds a step that is empty in a chain [minos-86]', () => {
    const step = saga().localStep() as unknown as LocalSagaStep
    assert.throws(() => step.commit(), SagaError)
    assert.throws(() => step.localStep(), SagaError)
  })

  it('finds a slot that is filled twice [minos-87]', () => {
    const step = saga().localStep(pay) as unknown as LocalSagaStep<OrderContext>
    assert.throws(() => step.onExecute(pay), MultipleOnExecuteError)
  })

  it('finds a step without onExecute when it is committed [minos-88]', () => {
    const given = saga()
    given.remoteStep().onFailure(createOrder)
    assert.throws(() => given.commit(), UndefinedOnExecuteError)
  })
})

describe('describing a saga', () => {
  it('gives its steps in order as plain data [minos-92]', () => {
    const { name, root } = addOrder().commit().describe()
    assert.equal(name, 'add-order')
    const steps = root.nodes.map(
      (node) => node.kind === 'step' && [node.path, node.does, node.undo],
    )
    assert.deepEqual(steps, [
      ['createOrder', 'request', 'declared'],
      ['pay', 'operation', 'declared'],
      ['remote-3', 'request', 'declared'],
    ])
    assert.deepEqual(JSON.parse(JSON.stringify(root.nodes[0])).name, 'createOrder')
  })
})

describe('what a saga starts with', () => {
  const admit = (definition: {
    [EXECUTABLE]: () => { admit?: unknown }
  }): ((input: unknown) => unknown) => definition[EXECUTABLE]().admit as (input: unknown) => unknown

  it('is a copy of a record; nothing is an empty one', () => {
    const check = admit(payment())
    const input = { list: [1] }
    const admitted = check(input)
    assert.deepEqual(admitted, input)
    assert.notEqual(admitted, input)
    assert.deepEqual(check(undefined), {})
  })

  it('is refused when it is no record, or holds what cannot be stored', () => {
    const check = admit(payment())
    for (const input of [3, 'text', [1], true]) {
      assert.throws(() => check(input), { code: 'SAGA_INPUT_INVALID' })
    }
    assert.throws(() => check({ f: pay }), { code: 'VALUE_NOT_STORABLE' })
  })

  it('is what its schema makes of it', () => {
    const input = v.object({ amount: v.pipe(v.string(), v.transform(Number)) })
    const check = admit(
      new Saga('s', { input }).localStep((c) => ({ ...c, twice: c.amount * 2 })).commit(),
    )
    assert.deepEqual(check({ amount: '3' }), { amount: 3 })
    assert.throws(() => check({ amount: 3 }), { code: 'SAGA_INPUT_INVALID' })
  })

  it('may be a protobuf message', () => {
    const committed = new Saga('s', { input: CreateOrderSchema })
      .localStep((c) => ({ id: c.orderId }))
      .commit()
    const admitted = admit(committed)({ orderId: 'A-1' }) as { orderId: string }
    assert.equal(admitted.orderId, 'A-1')
    assert.throws(() => admit(committed)({ nothing: 1 }), { code: 'SAGA_INPUT_INVALID' })
  })

  it('cannot be checked by a schema that answers later', () => {
    const input = v.pipeAsync(
      v.object({}),
      v.checkAsync(async () => Promise.resolve(false)),
    )
    const committed = new Saga('s', { input }).localStep((c) => c).commit()
    assert.throws(() => admit(committed)({}), { code: 'SAGA_INPUT_INVALID' })
  })
})
