/** Asserting what something is refused with. */
import assert from 'node:assert/strict'
import { CodedError } from '../../src/errors.ts'
import { dispositionOfError, GRPCError } from '../../src/errors/client-error.ts'

/** What a coded error says, as far as tests ask. */
export type Refusal = {
  readonly code: string
  readonly grpcStatus: string
  /** Whether it says that trying again may help. */
  readonly retryable: boolean
  readonly details: Readonly<Record<string, string>>
  readonly message: string
}

/** The coded error that something fails with; fails when it does not. */
export async function refusalOf(action: Promise<unknown> | (() => unknown)): Promise<Refusal> {
  try {
    await (typeof action === 'function' ? action() : action)
  } catch (error) {
    assert.ok(error instanceof CodedError, `not a coded error: ${String(error)}`)
    const { code, grpcStatus, details } = error
    // Over gRPC the text of the refusal travels as that of the status.
    const message = error instanceof GRPCError ? error.grpcDetails : error.message
    return { code, grpcStatus, details, message, retryable: dispositionOfError(error) === 'retry' }
  }
  assert.fail('nothing was refused')
}
