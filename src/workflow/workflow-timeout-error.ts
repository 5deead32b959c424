/** An operation did not end within its time: whether it happened is not known. */
import { CodedError, errorTable } from '../errors.ts'

/** Code `WORKFLOW_TIMEOUT`. TTA.dev's TimeoutError. */
export class WorkflowTimeoutError extends CodedError<'WORKFLOW_TIMEOUT'> {
  /** The limit, in milliseconds. */
  readonly timeoutMs: number
  /** The name of the primitive that set it. */
  readonly primitive: string

  constructor(facts: {
    readonly timeoutMs: number
    readonly primitive: string
    readonly cause?: unknown
  }) {
    const { timeoutMs, primitive, cause } = facts
    super(errorTable.WORKFLOW_TIMEOUT.message, {
      code: 'WORKFLOW_TIMEOUT',
      details: { timeout_ms: timeoutMs, primitive },
      cause,
    })
    this.timeoutMs = timeoutMs
    this.primitive = primitive
  }
}
