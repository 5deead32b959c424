/**
 * A definition as the machine sees it: plain data, a tree of nodes. What steps do is not here but in
 * the bindings (`bindings.ts`), under the same paths.
 *
 * 1. A node is named by its path, never by a counter: `reserve`, `fork/left/charge`.
 * 2. Values flow through a sequence: each node gets the current value and leaves the next one. The
 *    branches of a parallel group start from the same value, each with a copy of its own.
 * 3. In a `context` definition the value is a record that steps replace, and undos take and may
 *    replace the latest one. In an `output` definition a step's input is the output of the one
 *    before, and an undo takes the output of its own step.
 */

/** Where a node stands: names joined by `/`, without the name of the definition. */
export type Path = string

/** A whole definition. */
export type Definition = {
  readonly name: string
  /** What the author calls this version; part of the fingerprint. Default: ''. */
  readonly version: string
  readonly values: 'context' | 'output'
  readonly root: SequenceNode
  /** Milliseconds from the start after which the execution unwinds, unless it passed its pivot. */
  readonly deadlineMs?: number | undefined
}

/** One node of the tree. */
export type Node = StepNode | SequenceNode | ParallelNode | ConditionalNode

/** Nodes one after the other. */
export type SequenceNode = {
  readonly kind: 'sequence'
  readonly path: Path
  readonly nodes: readonly Node[]
  /** Whether a stuck undo lets the earlier undos of this sequence go on. */
  readonly continueOnUndoFailure: boolean
}

/** Branches side by side. All settle before anything is undone. */
export type ParallelNode = {
  readonly kind: 'parallel'
  readonly path: Path
  readonly branches: readonly SequenceNode[]
  /** Whether the undos of the branches run side by side, or the last branch first. */
  readonly undo: 'parallel' | 'in-order'
  /**
   * What the group leaves: the list of what the branches left, or the value it got with what each
   * branch changed of it. Two branches that change one key differently fail the group.
   */
  readonly join: 'list' | 'merge'
  /** Whether the first failure cancels the operations of the other branches. */
  readonly abortSiblings: boolean
}

/** One branch of several, chosen once; without a match the value stays as it is. */
export type ConditionalNode = {
  readonly kind: 'conditional'
  readonly path: Path
  readonly branches: readonly SequenceNode[]
  /** Taken when no condition holds. The conditions are those of the other branches, in order. */
  readonly otherwise?: SequenceNode | undefined
}

/** What one step does. */
export type StepNode = {
  readonly kind: 'step'
  readonly path: Path
  readonly name: string
  /**
   * Calls a function, sends a request and waits for its reply, waits for a signal from outside, or
   * runs another definition as an execution of its own.
   */
  readonly does: 'operation' | 'request' | 'signal' | 'execution'
  /** The pivot is the point of no return; what follows it runs forward until it succeeds. */
  readonly mode: StepMode
  /** Whether there is an undo. `none` is said explicitly by the author and shown. */
  readonly undo: 'declared' | 'none'
  /** Whether the undo, or another one, can do without an output, when the outcome is unknown. */
  readonly undoesUnknown: boolean
  /** Whether somebody can be asked if an attempt of unknown outcome happened. */
  readonly probes: boolean
  /** An attempt of unknown outcome is never repeated. */
  readonly atMostOnce: boolean
  /** Undo the step also when it fails; by default only steps that happened are undone. */
  readonly undoesOwnFailure: boolean
  readonly retry: RetryPolicy
  readonly undoRetry: RetryPolicy
  /** Milliseconds for one attempt; its expiry is an unknown outcome. */
  readonly attemptTimeoutMs?: number | undefined
  /**
   * Milliseconds for one attempt of the undo; then it is told to stop and tried again as its policy
   * says. Default: for operations what the runner sets (durably 5 minutes, in memory no bound),
   * `attemptTimeoutMs` for the replies to requests.
   */
  readonly undoTimeoutMs?: number | undefined
  /** Milliseconds for the step with all its attempts and pauses. */
  readonly timeoutMs?: number | undefined
  /**
   * Milliseconds after which an operation that does not heed its abort is given up: it may still be
   * running, and its outcome is unknown. Default: 30 s.
   */
  readonly abandonAfterMs?: number | undefined
  /** The signal a `signal` step waits for. */
  readonly signal?: string | undefined
  /** The definition an `execution` step runs. */
  readonly definition?: string | undefined
}

/** See {@link StepNode.mode}. */
export type StepMode = 'compensatable' | 'pivot' | 'retriable'

/** How often, and after what pauses, something is tried. */
export type RetryPolicy = {
  /** Attempts altogether; 1 is no retry, `Infinity` never gives up. */
  readonly maxAttempts: number
  /** The pause before the second attempt, in milliseconds. */
  readonly initialMs: number
  /** What each pause is longer than the one before it. */
  readonly factor: number
  /** No pause is longer, in milliseconds. */
  readonly maxMs: number
  /** `full` draws each pause between zero and its length. */
  readonly jitter: 'full' | 'none'
}

/** One attempt, no pause. */
export const NO_RETRY: RetryPolicy = Object.freeze({
  maxAttempts: 1,
  initialMs: 0,
  factor: 1,
  maxMs: 0,
  jitter: 'none',
})

/** How undos, and steps behind the pivot, are tried unless the author says otherwise. */
export const PATIENT_RETRY: RetryPolicy = Object.freeze({
  maxAttempts: 8,
  initialMs: 200,
  factor: 2,
  maxMs: 60_000,
  jitter: 'full',
})
