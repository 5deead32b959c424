import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CodedError, errorTable } from '../../errors.ts'
import {
  AlreadyCommittedError,
  AlreadyOnSagaError,
  EmptySagaError,
  EmptySagaStepError,
  MultipleElseThenError,
  MultipleOnErrorError,
  MultipleOnExecuteError,
  MultipleOnFailureError,
  MultipleOnSuccessError,
  SagaNotCommittedError,
  SagaNotDefinedError,
  SagaStepError,
  UndefinedOnExecuteError,
} from './definition-errors.ts'
import * as exceptions from './exception-names.ts'
import {
  isSagaStepExecutionError,
  SagaExecutionAlreadyExecutedError,
  SagaExecutionError,
  SagaExecutionNotFoundError,
  SagaFailedExecutionError,
  SagaFailedExecutionStepError,
  SagaResponseError,
  SagaRollbackExecutionError,
  SagaRollbackExecutionStepError,
  SagaStepExecutionError,
} from './execution-errors.ts'
import { isSagaError, SagaError } from './saga-error.ts'

/** A class, the code it has, and what stands in its default message. */
type Row = readonly [new () => SagaError, keyof typeof errorTable, RegExp]

function isStepErrorWithDefault([kind, code, text]: Row): void {
  const error = new kind()
  assert.ok(error instanceof SagaStepError)
  assert.equal(error.code, code)
  assert.equal(error.name, kind.name)
  assert.equal(error.message, errorTable[code].message)
  assert.match(error.message, text)
  assert.equal(String(error), `${kind.name}: ${error.message}`)
}

describe('errors of sagas', () => {
  it('are coded errors of this library [minos-37]', () => {
    const error = new SagaError()
    assert.ok(error instanceof CodedError)
    assert.ok(isSagaError(error))
    assert.equal(isSagaError(new Error('other')), false)
  })

  it('take a message, details, a cause and a hint of their own', () => {
    const cause = new Error('below')
    const options = { cause, details: { saga: 'trip' }, hint: 'Add a step.' }
    const error = new EmptySagaError('nothing here', options)
    assert.equal(error.message, 'nothing here')
    assert.equal(error.code, 'SAGA_EMPTY')
    assert.equal(error.cause, cause)
    assert.deepEqual(error.details, { saga: 'trip' })
    assert.equal(error.hint, 'Add a step.')
  })

  it('of a whole definition have a default message', () => {
    for (const kind of [EmptySagaError, SagaNotCommittedError, AlreadyCommittedError]) {
      const error = new kind()
      assert.equal(error.message, errorTable[error.code].message)
      assert.ok(error instanceof SagaError)
      assert.ok(!(error instanceof SagaStepError))
    }
  })
})

describe('errors of steps', () => {
  it('are errors of sagas [minos-38]', () => {
    assert.ok(new SagaStepError() instanceof SagaError)
  })

  it('say by default that a step has no saga [minos-39, minos-40]', () => {
    isStepErrorWithDefault([SagaNotDefinedError, 'SAGA_STEP_DETACHED', /no saga/])
  })

  it('say by default that a step is empty [minos-41, minos-42]', () => {
    isStepErrorWithDefault([EmptySagaStepError, 'SAGA_STEP_EMPTY', /nothing/])
  })

  it('say by default that onExecute is there twice [minos-43, minos-44]', () => {
    isStepErrorWithDefault([MultipleOnExecuteError, 'SAGA_ON_EXECUTE_TWICE', /onExecute/])
  })

  it('say by default that onFailure is there twice [minos-45, minos-46]', () => {
    isStepErrorWithDefault([MultipleOnFailureError, 'SAGA_ON_FAILURE_TWICE', /onFailure/])
  })

  it('say by default that onSuccess is there twice [minos-47, minos-48]', () => {
    isStepErrorWithDefault([MultipleOnSuccessError, 'SAGA_ON_SUCCESS_TWICE', /onSuccess/])
  })

  it('say by default that onError is there twice [minos-49, minos-50]', () => {
    isStepErrorWithDefault([MultipleOnErrorError, 'SAGA_ON_ERROR_TWICE', /onError/])
  })

  it('say by default that elseThen is there twice', () => {
    isStepErrorWithDefault([MultipleElseThenError, 'SAGA_ELSE_THEN_TWICE', /elseThen/])
  })

  it('say by default that a step has a saga already [minos-51, minos-52]', () => {
    isStepErrorWithDefault([AlreadyOnSagaError, 'SAGA_STEP_ATTACHED', /already/])
  })

  it('say by default that onExecute is missing [minos-53, minos-54]', () => {
    isStepErrorWithDefault([UndefinedOnExecuteError, 'SAGA_STEP_NOT_BEGUN', /onExecute/])
  })
})

describe('errors of executions', () => {
  it('are errors of sagas, also for an execution that is not there [minos-55, minos-56]', () => {
    assert.ok(new SagaExecutionError() instanceof SagaError)
    const error = new SagaExecutionNotFoundError(undefined, { details: { id: 'order-1' } })
    assert.ok(error instanceof SagaExecutionError)
    assert.equal(error.grpcStatus, 'NOT_FOUND')
  })

  it('say that an execution could not be undone, or has ended [minos-57]', () => {
    assert.ok(new SagaRollbackExecutionError() instanceof SagaExecutionError)
    assert.ok(new SagaExecutionAlreadyExecutedError() instanceof SagaExecutionError)
  })

  it('of steps are errors of sagas and of executions [minos-58]', () => {
    const error = new SagaStepExecutionError()
    assert.ok(error instanceof SagaError)
    assert.ok(error instanceof SagaExecutionError)
  })

  it('of a failed step are of both families [minos-59]', () => {
    const error = new SagaFailedExecutionStepError(new Error('no room'))
    assert.ok(error instanceof SagaFailedExecutionError)
    assert.ok(error instanceof SagaStepExecutionError)
    assert.ok(isSagaStepExecutionError(error))
    assert.ok(!(new SagaFailedExecutionError('x') instanceof SagaStepExecutionError))
    assert.ok(!(error instanceof SagaRollbackExecutionStepError))
    assert.equal(isSagaStepExecutionError(new SagaRollbackExecutionError()), false)
  })

  it('that wrap an error show it in their message, and have it as cause [minos-60]', () => {
    const cause = new TypeError('no room')
    const step = new SagaFailedExecutionStepError(cause)
    assert.equal(step.message, 'a step of the saga failed: TypeError: no room')
    assert.equal(step.cause, cause)
    assert.equal(new SagaFailedExecutionError('gone').message, 'the saga failed: gone')
    assert.equal(new SagaFailedExecutionStepError(cause, 'told').message, 'told')
  })

  it('say that a step could not be undone [minos-63]', () => {
    const error = new SagaRollbackExecutionStepError()
    assert.ok(error instanceof SagaStepExecutionError)
    assert.ok(error instanceof SagaRollbackExecutionStepError)
  })

  it('say that a service failed', () => {
    assert.equal(new SagaResponseError().code, 'SAGA_RESPONSE_FAILED')
  })
})

describe('exception names', () => {
  it('are the errors under the names of the source system', () => {
    for (const [name, kind] of Object.entries(exceptions)) {
      assert.equal(kind.name, name.replace(/Exception$/, 'Error'))
      assert.match(name, /Exception$/)
    }
    assert.ok(Object.keys(exceptions).length >= 23)
  })
})
