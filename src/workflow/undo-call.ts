/** What an undo of a step calls, and what it is told. */
import type { Action } from '../machine/action.ts'
import type { ExecutionState } from '../machine/state.ts'
import type { Compiled, CompiledStep } from './compile.ts'
import type { CompensationInfo } from './compensation-step.ts'
import type { StepAttempt } from './step-attempt.ts'
import type { UndoFunction, WorkflowContext } from './workflow-context.ts'

/** What an undo of this action needs to know of its run. */
export type UndoFacts = {
  readonly compiled: Compiled
  readonly input: unknown
  readonly state: ExecutionState
  /** As logged. */
  reasonFor(step: CompiledStep): string
}

type UndoAction = Extract<Action, { readonly kind: 'undo' }>

/** The name under which functions are registered as undos. */
export const CLOSURE = '()'

/** The function to call; `undefined` when there is nothing to call. */
export function undoCall(
  step: CompiledStep,
  action: UndoAction,
  running: StepAttempt,
  facts: UndoFacts,
): ((context: WorkflowContext) => unknown) | undefined {
  const { undo } = action
  const info = new UndoInformation(step, action, running, facts)
  if (typeof undo === 'object') {
    const { name, data } = undo
    // Only a function is registered under this name.
    if (name === CLOSURE) return (context) => (data as UndoFunction)(context)
    const registered = facts.compiled.undos.get(name)
    return registered && ((context) => registered(data, context, info))
  }
  // Values fit: the types of the steps were checked where they were put together.
  if (undo === 'own') return ownUndo(step, action.value as never, info as never)
  const { undoUnknown, compensateWhenFailed } = step.planned
  const isOpen = facts.state.nodes.get(step.path)?.status === 'unknown'
  const call = isOpen ? (undoUnknown ?? compensateWhenFailed) : compensateWhenFailed
  return call && ((context) => call(action.input as never, context, info as never))
}

function ownUndo(
  { planned: { compensate } }: CompiledStep,
  output: never,
  info: CompensationInfo<never, never>,
): ((context: WorkflowContext) => unknown) | undefined {
  if (compensate === undefined) return undefined
  return typeof compensate === 'function'
    ? (context) => compensate(output, context, info)
    : (context) => compensate.execute(output, context)
}

class UndoInformation implements CompensationInfo<unknown, unknown> {
  readonly input: unknown
  readonly output: unknown
  readonly initialInput: unknown
  readonly error: unknown
  readonly failedStep: string | undefined
  readonly reason: string
  readonly stepName: string
  readonly stepIndex: number
  readonly attempt: number
  readonly #running: StepAttempt

  constructor(step: CompiledStep, action: UndoAction, running: StepAttempt, facts: UndoFacts) {
    const { failure } = facts.state
    this.input = action.input
    this.output = action.undo === 'own' ? action.value : undefined
    this.initialInput = facts.input
    this.error = failure !== undefined && 'error' in failure ? failure.error : failure
    this.failedStep = facts.compiled.steps.get(failure?.path ?? '')?.planned.name
    this.reason = facts.reasonFor(step)
    this.stepName = step.planned.name
    this.stepIndex = step.index
    this.attempt = action.attempt
    this.#running = running
  }

  get idempotencyKey(): string {
    return this.#running.idempotencyKey
  }
  get signal(): AbortSignal {
    return this.#running.signal
  }
}
