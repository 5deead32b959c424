/** The forms a step of a compensating workflow is written in, and what its undo is told. */
import type { RetryPolicy } from '../machine/definition.ts'
import type { Operation, Primitive } from './primitive.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** What an undo is told beside the output of its operation. */
export type CompensationInfo<I, O> = {
  /** What the operation got. */
  readonly input: I
  /** What the operation returned. */
  readonly output: O
  /** What the workflow began with. */
  readonly initialInput: unknown
  /** Why it is undone: the error of the step that failed; in a durable run what is known of it. */
  readonly error: unknown
  /** The name of the step that failed; `undefined` when the workflow was cancelled. */
  readonly failedStep: string | undefined
  /** As in the log: `<failed step>_failed`, unless the workflow says otherwise. */
  readonly reason: string
  readonly stepName: string
  /** Counts from 1. */
  readonly stepIndex: number
  /** Attempts of this undo, counted from 1. */
  readonly attempt: number
  /** The same for every attempt of this undo, in this process and the next one. */
  readonly idempotencyKey: string
  /** Aborts when the time of this undo is up, never because the workflow was cancelled. */
  readonly signal: AbortSignal
}

/** An undo as a function. Its result is ignored. */
export type CompensationFunction<I, O> = (
  output: O,
  context: WorkflowContext,
  info: CompensationInfo<I, O>,
) => unknown

/** What undoes a step. */
export type Compensator<I, O> = CompensationFunction<I, O> | Primitive<O, unknown>

/** What an undo of a step without an output is told. */
export type FailedStepInfo<I> = Omit<CompensationInfo<I, never>, 'output'>

/** Undoes a step that failed, or may have happened: there is no output, so it takes the input. */
export type FailedStepUndo<I> = (
  input: I,
  context: WorkflowContext,
  info: FailedStepInfo<I>,
) => unknown

/** A step as document 003 writes it. Without a compensation there is nothing to undo. */
export type StepPair<I, O> = readonly [
  operation: Operation<I, O>,
  compensation?: Compensator<I, NoInfer<O>> | null | undefined,
]

/** A step with a name and settings of its own. */
export type StepObject<I, O> = {
  /** In metrics, logs and reports. Default: the name of the function, else `step_<n>`. */
  readonly name?: string | undefined
  readonly run: Operation<I, O>
  readonly compensate?: Compensator<I, NoInfer<O>> | null | undefined
  /**
   * Runs when the step ended in a way that leaves open whether it happened: a timeout, an abort, a
   * lost connection, a crash.
   */
  readonly undoUnknown?: FailedStepUndo<I> | undefined
  /** Runs whenever the step itself failed, whatever is known of it. */
  readonly compensateWhenFailed?: FailedStepUndo<I> | undefined
  /**
   * `pivot` is the point of no return: once it succeeded, nothing before it is undone any more, and
   * what follows must be `retriable`. Default: `compensatable`.
   */
  readonly mode?: 'compensatable' | 'pivot' | 'retriable' | undefined
  /** An attempt of unknown outcome is never repeated. Default: false. */
  readonly atMostOnce?: boolean | undefined
  /** Default: one attempt. */
  readonly retry?: StepRetry | undefined
  /** Milliseconds for one attempt; whether it happened is unknown then. Default: no limit. */
  readonly timeoutMs?: number | undefined
  /** Default: the workflow's. */
  readonly compensationRetry?: StepRetry | undefined
  /** Milliseconds for one attempt of the undo. Default: the workflow's. */
  readonly compensationTimeoutMs?: number | undefined
}

/** How a step, or its undo, is repeated. */
export type StepRetry = {
  /** Attempts beyond the first. Default: 3. `Infinity` never gives up. */
  readonly maxRetries?: number | undefined
  /** Milliseconds before the second attempt. Default: 200. */
  readonly initialDelayMs?: number | undefined
  /** What each pause is longer than the one before. Default: 2. */
  readonly factor?: number | undefined
  /** No pause is longer. Default: 60,000. */
  readonly maxDelayMs?: number | undefined
  /** Draws each pause between zero and its length. Default: true. */
  readonly jitter?: boolean | undefined
}

/** A step in either form. */
export type Step<I, O> = StepPair<I, O> | StepObject<I, O>

/** One to twelve steps, each taking what the one before it returns. */
export type Steps<I, A, B, C, D, E, F, G, H, J, K, L, M> = readonly [
  Step<I, A>,
  Step<NoInfer<A>, B>?,
  Step<NoInfer<B>, C>?,
  Step<NoInfer<C>, D>?,
  Step<NoInfer<D>, E>?,
  Step<NoInfer<E>, F>?,
  Step<NoInfer<F>, G>?,
  Step<NoInfer<G>, H>?,
  Step<NoInfer<H>, J>?,
  Step<NoInfer<J>, K>?,
  Step<NoInfer<K>, L>?,
  Step<NoInfer<L>, M>?,
]

/** The machine's policy of a step's. */
export function retryPolicy(retry: StepRetry): RetryPolicy {
  return {
    maxAttempts: (retry.maxRetries ?? 3) + 1,
    initialMs: retry.initialDelayMs ?? 200,
    factor: retry.factor ?? 2,
    maxMs: retry.maxDelayMs ?? 60_000,
    jitter: retry.jitter === false ? 'none' : 'full',
  }
}
