import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import {
  EmptySagaError,
  EmptySagaStepError,
  MultipleElseThenError,
  SagaNotCommittedError,
} from '../errors/definition-errors.ts'
import { ElseThenAlternative, IfThenAlternative } from './alternative.ts'
import { ConditionalSagaStep } from './conditional-saga-step.ts'
import { Saga } from './saga.ts'
import { SagaOperation } from './saga-operation.ts'
import { addOrder, type OrderContext, payment } from './sagas.test.support.ts'

const isPaid = ({ payment: paid }: OrderContext): boolean => paid !== undefined
const isOrdered = ({ order }: OrderContext): boolean => order !== undefined
const branch = payment()
const other = payment()

describe('ConditionalSagaStep', () => {
  it('takes one alternative, or a list of them [minos-129]', () => {
    const alternative = new IfThenAlternative<OrderContext>(isPaid, branch)
    const one = new ConditionalSagaStep({ ifThen: alternative })
    assert.deepEqual(one.ifThenAlternatives, [alternative])
    const list = new ConditionalSagaStep({ ifThen: [alternative] })
    assert.deepEqual(list.ifThenAlternatives, [alternative])
  })

  it('keeps its alternatives in order [minos-130]', () => {
    const ready = new IfThenAlternative<OrderContext>(isPaid, other)
    const step = new ConditionalSagaStep<OrderContext>().ifThen(isPaid, branch)
    step.ifThen(isOrdered, other).ifThen(ready)
    const [first, second, third] = step.ifThenAlternatives
    assert.deepEqual([first?.condition.callback, first?.saga], [isPaid, branch])
    assert.deepEqual([second?.condition.callback, second?.saga], [isOrdered, other])
    assert.equal(third, ready)
  })

  it('takes elseThen, a saga or a ready alternative [minos-131]', () => {
    assert.equal(new ConditionalSagaStep().elseThen(branch).elseThenAlternative?.saga, branch)
    const ready = new ElseThenAlternative(other)
    assert.equal(new ConditionalSagaStep().elseThen(ready).elseThenAlternative, ready)
    assert.equal(new ConditionalSagaStep({ elseThen: ready }).elseThenAlternative, ready)
  })

  it('takes elseThen once [minos-132]', () => {
    const step = new ConditionalSagaStep().elseThen(branch)
    assert.throws(() => step.elseThen(other), MultipleElseThenError)
  })

  it('validates each alternative once, and the other one [minos-133]', () => {
    const ifThen = [isPaid, isOrdered].map(
      (each) => new IfThenAlternative<OrderContext>(each, branch),
    )
    const elseThen = new ElseThenAlternative(other)
    const mocks = [...ifThen, elseThen].map((each) => mock.method(each, 'validate'))
    new ConditionalSagaStep({ ifThen, elseThen }).validate()
    assert.deepEqual(
      mocks.map((each) => each.mock.callCount()),
      [1, 1, 1],
    )
  })

  it('without any alternative is empty [minos-134]', () => {
    assert.throws(() => new ConditionalSagaStep().validate(), EmptySagaStepError)
    new ConditionalSagaStep().elseThen(branch).validate()
  })

  it('equals one with equal alternatives in order, and an equal other one [minos-139]', () => {
    const make = (): ConditionalSagaStep<OrderContext> =>
      new ConditionalSagaStep<OrderContext>().ifThen(isPaid, branch)
    assert.ok(make().elseThen(other).equals(make().elseThen(other)))
    assert.ok(make().equals(make()))
    assert.equal(make().equals(make().elseThen(other)), false)
    assert.equal(make().elseThen(other).equals(make()), false)
    assert.equal(make().elseThen(other).equals(make().elseThen(branch)), false)
    assert.equal(make().equals(make().ifThen(isOrdered, other)), false)
    assert.equal(make().equals(new ConditionalSagaStep()), false)
  })

  it('takes branches that are complete and committed', () => {
    const uncommitted = new Saga<OrderContext>('order').conditionalStep()
    const given = addOrder() as unknown as typeof branch
    assert.throws(() => uncommitted.ifThen(isPaid, given).commit(), SagaNotCommittedError)
    const empty = new ConditionalSagaStep().elseThen(new Saga('empty'))
    assert.throws(() => empty.validate(), EmptySagaError)
  })

  it('refuses a branch that is no saga, and a condition that is no function', () => {
    const code = 'SAGA_OPTION_INVALID'
    assert.throws(() => new ConditionalSagaStep().elseThen({}), { code })
    assert.throws(() => new ConditionalSagaStep().ifThen(isPaid as never), { code })
    assert.throws(() => new IfThenAlternative('x' as never, branch), { code })
  })
})

describe('IfThenAlternative', () => {
  it('has its condition as an operation [minos-140]', () => {
    const parameters = { one: 1 }
    const { condition } = new IfThenAlternative<OrderContext>(isPaid, branch, { parameters })
    assert.ok(condition.equals(new SagaOperation(isPaid, parameters)))
    const operation = new SagaOperation(isPaid)
    assert.equal(new IfThenAlternative(operation, branch).condition, operation)
  })

  it('has its saga [minos-141]', () => {
    assert.equal(new IfThenAlternative<OrderContext>(isPaid, branch).saga, branch)
  })

  it('validates its saga once [minos-142]', (t) => {
    const validate = t.mock.method(branch, 'validate')
    new IfThenAlternative<OrderContext>(isPaid, branch).validate()
    assert.equal(validate.mock.callCount(), 1)
  })

  it('equals one with an equal condition and the same saga [minos-146]', () => {
    const make = (condition: typeof isPaid, saga: object): IfThenAlternative<OrderContext> =>
      new IfThenAlternative<OrderContext>(condition, saga)
    assert.ok(make(isPaid, branch).equals(make(isPaid, branch)))
    assert.equal(make(isPaid, branch).equals(make(isOrdered, branch)), false)
    assert.equal(make(isPaid, branch).equals(make(isPaid, other)), false)
  })
})

describe('ElseThenAlternative', () => {
  it('has its saga [minos-147]', () => {
    assert.equal(new ElseThenAlternative(branch).saga, branch)
  })

  it('validates its saga once [minos-148]', (t) => {
    const validate = t.mock.method(branch, 'validate')
    new ElseThenAlternative(branch).validate()
    assert.equal(validate.mock.callCount(), 1)
  })

  it('equals one with the same saga [minos-152]', () => {
    assert.ok(new ElseThenAlternative(branch).equals(new ElseThenAlternative(branch)))
    assert.equal(new ElseThenAlternative(branch).equals(new ElseThenAlternative(other)), false)
  })
})
