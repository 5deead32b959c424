/**
 * Steps with their undos, run one after the other; when one fails, those before it are undone in
 * reverse order. Document 003's CompensationPrimitive.
 *
 * 1. A step is undone only after it succeeded; its undo takes what it returned.
 * 2. Undos run one after the other, each awaited, and no cancellation stops them.
 * 3. The caller gets the very error that the step threw; `reportOf` tells what became of the rest.
 * 4. One object serves any number of runs at a time, in memory and, with a name, durably.
 */
import { type Executable, EXECUTABLE, type Runnable } from '../machine/bindings.ts'
import type { CompensatingOptions } from './compensation-options.ts'
import type { Steps } from './compensation-step.ts'
import { type Composition, noteComposition, type PlannedStep } from './composition.ts'
import { durableExecutable } from './durable-executable.ts'
import { type AnyStep, checkRetry, checkTime, plannedSteps } from './planned-steps.ts'
import { checkOperation, isOperation, type Operation, runOperation } from './primitive.ts'
import { type Execution, executeInMemory, executionInMemory } from './run-in-memory.ts'
import { checkStepName } from './step-names.ts'
import { WorkflowContext } from './workflow-context.ts'
import { WorkflowPrimitive } from './workflow-primitive.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** A compensating workflow from `I` to `O`. */
export interface CompensationPrimitive<I, O> extends WorkflowPrimitive<I, O>, Runnable<I, O> {
  readonly name: string
  /** The names of its steps, in order. */
  readonly steps: readonly string[]
  /**
   * Runs it. By the time it throws, everything that happened is undone, as far as that succeeded.
   *
   * @throws what the failing step threw; CodedError `ABORTED` when the signal of the context aborted,
   * `DEADLINE_EXCEEDED` when the workflow's time was up
   */
  execute(input: I, context?: WorkflowContext): Promise<O>
  /** Runs it and tells how it went, without throwing. A completed run can be undone later. */
  executeWithReport(input: I, context?: WorkflowContext): Promise<Execution<O>>
}

/**
 * Makes workflows. There is one signature for each form, so that a mistake is reported where it is;
 * positions that are left out take the type before them.
 */
export interface CompensationPrimitiveConstructor {
  readonly prototype: CompensationPrimitive<never, unknown>
  /** One operation and its undo, which takes the input and runs also when the operation fails. */
  new <I, O>(
    forward: Operation<I, O>,
    compensation: Operation<I, unknown>,
    options?: CompensatingOptions,
  ): CompensationPrimitive<I, O>
  /** The steps among the options, as document 003's keyword form. */
  new <I, A, B = A, C = B, D = C, E = D, F = E, G = F, H = G, J = H, K = J, L = K, M = L>(
    options: CompensatingOptions & {
      readonly primitives: Steps<I, A, B, C, D, E, F, G, H, J, K, L, M>
    },
  ): CompensationPrimitive<I, M>
  /** The steps first: pairs, step objects, or both. Twelve at most; `compensating` takes more. */
  new <I, A, B = A, C = B, D = C, E = D, F = E, G = F, H = G, J = H, K = J, L = K, M = L>(
    steps: Steps<I, A, B, C, D, E, F, G, H, J, K, L, M>,
    options?: CompensatingOptions,
  ): CompensationPrimitive<I, M>
  /** Steps of a list that is computed: nobody checks that neighbours fit together. */
  fromSteps<I, O>(
    steps: readonly AnyStep[],
    options?: CompensatingOptions,
  ): CompensationPrimitive<I, O>
}

class Compensating extends WorkflowPrimitive<unknown, unknown> {
  readonly #steps: readonly PlannedStep[]
  readonly #options: CompensatingOptions
  #executable: Executable | undefined
  readonly #composition: Composition

  constructor(first: unknown, second?: unknown, third?: CompensatingOptions) {
    const { steps, options } = formOf(first, second, third)
    checkOptions(options)
    super(options.name ?? 'CompensationPrimitive')
    this.#options = options
    this.#steps = plannedSteps(steps)
    const { name } = this
    this.#composition = { kind: 'compensating', name, steps: this.#steps, options }
    noteComposition(this, this.#composition)
  }

  static fromSteps(steps: readonly AnyStep[], options?: CompensatingOptions): Compensating {
    return new this(steps, options)
  }

  get steps(): readonly string[] {
    return this.#steps.map(({ name }) => name)
  }

  override execute(input: unknown, context?: WorkflowContext): Promise<unknown> {
    return executeInMemory(this, input, context)
  }

  executeWithReport(
    input: unknown,
    context: WorkflowContext = new WorkflowContext(),
  ): Promise<Execution<unknown>> {
    return executionInMemory(this, input, context)
  }

  [EXECUTABLE](): Executable {
    if (this.#options.name === undefined) {
      throw workflowInvalid('name', 'given: a durable run is found again by it')
    }
    this.#executable ??= durableExecutable(this.#composition)
    return this.#executable
  }
}

/** See {@link CompensationPrimitiveConstructor}. */
// The class is untyped inside; the constructor's type threads the steps.
export const CompensationPrimitive: CompensationPrimitiveConstructor =
  Compensating as unknown as CompensationPrimitiveConstructor

type Form = { readonly steps: unknown; readonly options: CompensatingOptions }

function formOf(first: unknown, second: unknown, third: CompensatingOptions | undefined): Form {
  // What the options hold is checked next.
  if (Array.isArray(first)) return { steps: first, options: (second ?? {}) as CompensatingOptions }
  if (isOperation(first)) {
    checkOperation('compensation', second)
    return { steps: [pairOf(first, second as Operation<never, unknown>)], options: third ?? {} }
  }
  if (typeof first === 'object' && first !== null && 'primitives' in first) {
    const { primitives, ...options } = first
    return { steps: primitives, options }
  }
  throw workflowInvalid('primitives', 'a list of steps', first)
}

/** The undo of the two-argument form takes the input, since a failed operation has no output. */
function pairOf(
  forward: Operation<never, unknown>,
  compensation: Operation<never, unknown>,
): AnyStep {
  return {
    run: forward,
    compensate: (_output: never, context: WorkflowContext, info: { readonly input: unknown }) =>
      runOperation(compensation, info.input as never, context),
    compensateWhenFailed: (input: never, context: WorkflowContext) =>
      runOperation(compensation, input, context),
  }
}

const OPTIONS: ReadonlySet<string> = new Set([
  'name',
  'version',
  'continueOnCompensationFailure',
  'logCompensations',
  'compensationRetry',
  'compensationTimeoutMs',
  'deadlineMs',
  'reason',
  'undos',
  'errorMode',
  'onCompensationFailure',
  'abandonAfterMs',
])

function checkOptions(options: CompensatingOptions): void {
  if (typeof options !== 'object') throw workflowInvalid('options', 'an object', options)
  for (const key of Object.keys(options)) {
    if (!OPTIONS.has(key)) throw workflowInvalid(key, 'an option of CompensationPrimitive', key)
  }
  if (options.name !== undefined) checkStepName('name', options.name)
  const { errorMode = 'original' } = options
  if (errorMode !== 'original' && errorMode !== 'aggregate') {
    throw workflowInvalid('errorMode', 'original or aggregate', errorMode)
  }
  checkRetry('compensationRetry', options.compensationRetry)
  checkTime('compensationTimeoutMs', options.compensationTimeoutMs)
  checkTime('deadlineMs', options.deadlineMs)
  for (const [name, undo] of Object.entries(options.undos ?? {})) {
    checkStepName(`undos.${name}`, name)
    if (typeof undo !== 'function') throw workflowInvalid(`undos.${name}`, 'a function', undo)
  }
}
