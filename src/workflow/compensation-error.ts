/** A step failed, and undos failed after it: thrown by workflows that ask for it. */

/** Code `COMPENSATION_FAILED`. `cause` is the error of the step, `errors` those of the undos. */
export class CompensationError extends AggregateError {
  readonly code = 'COMPENSATION_FAILED'
  /** The name of the workflow. */
  readonly primitive: string

  constructor(facts: {
    readonly primitive: string
    readonly cause: unknown
    readonly errors: readonly unknown[]
  }) {
    super(facts.errors, 'a step failed, and not everything before it could be undone', {
      cause: facts.cause,
    })
    this.name = 'CompensationError'
    this.primitive = facts.primitive
  }
}
