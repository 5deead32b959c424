// Checks of coded errors, for assert.throws and assert.rejects.
import { strict as assert } from 'node:assert'
import { CodedError } from '../../src/errors.ts'
import { DispatchError } from '../../src/component/errors.ts'

/** A coded error with exactly this code and these details. */
export function coded(code: string, details?: Readonly<Record<string, string>>) {
  return (error: unknown): true => {
    assert.ok(error instanceof CodedError, String(error))
    assert.equal(error.code, code)
    if (details !== undefined) assert.deepEqual({ ...error.details }, details)
    return true
  }
}

/** A dispatch error with exactly this code, these extras and this gRPC status. */
export function dispatch(
  code: string,
  grpcCode: string,
  extras: Readonly<Record<string, string>> = {},
) {
  return (error: unknown): true => {
    assert.ok(error instanceof DispatchError, String(error))
    assert.deepEqual([error.errorCode, error.grpcCode], [code, grpcCode])
    assert.deepEqual({ ...error.extras }, extras)
    return true
  }
}
