/**
 * A compensating workflow as the durable manager runs it: the same compiled definition, with
 * bindings that give each operation a context made of what the manager tells.
 *
 * 1. What must survive a crash belongs into the data that flows from step to step: the `state` of a
 *    context is one attempt's own.
 * 2. A function cannot be journalled: `addCompensation` takes a name here.
 */
import { codedError } from '../errors.ts'
import type {
  AttemptInfo,
  Binding,
  CallInfo,
  Executable,
  NamedUndo,
  RunEnd,
  UndoInfo,
} from '../machine/bindings.ts'
import type { Path } from '../machine/definition.ts'
import { type Compiled, compile, type CompiledStep, type Scope } from './compile.ts'
import type { CompensationInfo } from './compensation-step.ts'
import type { Composition } from './composition.ts'
import type { Span } from '../telemetry/tracing.ts'
import { executionSeries } from './execution-metrics.ts'
import { observedStep, observedUndo, spanAround } from './durable-observer.ts'
import { runOperation } from './primitive.ts'
import { type StepHandle, type UndoFunction, WorkflowContext } from './workflow-context.ts'

/** Compiles and binds. @throws CodedError `WORKFLOW_INVALID` for a hidden compensation */
export function durableExecutable(composition: Composition): Executable {
  const compiled = compile(composition, 'durable')
  const bindings = new Map<Path, Binding>()
  for (const step of compiled.steps.values()) bindings.set(step.path, operation(compiled, step))
  for (const [path, { condition }] of compiled.choices) {
    const holds = async (value: unknown, info: CallInfo): Promise<boolean> =>
      Boolean(await condition(value as never, choiceContext(info)))
    bindings.set(path, { kind: 'choice', conditions: [holds] })
  }
  const undos = new Map<string, NamedUndo>()
  for (const [name, undo] of compiled.undos) {
    undos.set(name, (data, info) =>
      undo(data, contextOf(compiled.steps.get(info.path)?.scope ?? compiled.scope, info), {
        stepName: compiled.steps.get(info.path)?.planned.name ?? info.path,
        attempt: info.attempt,
        idempotencyKey: info.idempotencyKey,
        signal: info.signal,
      }),
    )
  }
  const { primitive, size, spans: names } = compiled.scope
  const attributes = { 'compensation.primitive': primitive, 'compensation.total_steps': size }
  const ended = ({ hasCompleted, seconds, telemetry }: RunEnd): void => {
    const series = executionSeries(telemetry.metrics, compiled.definition.name)
    series[hasCompleted ? 'completed' : 'failed'].add()
    series.seconds.observe(seconds)
  }
  const spans = { names, attributes }
  return { definition: compiled.definition, bindings, undos, spans, ended }
}

// Values fit: the types of the steps were checked where they were put together.
function operation(compiled: Compiled, step: CompiledStep): Binding {
  const { run, compensate, undoUnknown, compensateWhenFailed } = step.planned
  const withoutOutput = undoUnknown ?? compensateWhenFailed
  return {
    kind: 'operation',
    run: (value, info) =>
      observedStep(step, info, (span) =>
        runOperation(run, value as never, contextOf(step.scope, info, span, info)),
      ),
    undo: async (output, info) => {
      if (compensate === undefined) return
      const facts = told(compiled, step, info, output)
      await observedUndo(step, info, facts.reason, (span) => {
        const context = contextOf(step.scope, info, span)
        return typeof compensate === 'function'
          ? compensate(output as never, context, facts as never)
          : compensate.execute(output as never, context)
      })
    },
    undoUnknown:
      withoutOutput === undefined
        ? undefined
        : async (input, info) => {
            const facts = told(compiled, step, info)
            await observedUndo(step, info, facts.reason, (span) =>
              withoutOutput(input as never, contextOf(step.scope, info, span), facts as never),
            )
          },
  }
}

function contextOf(
  scope: Scope,
  info: AttemptInfo | UndoInfo,
  span?: Span | undefined,
  running?: AttemptInfo | undefined,
): WorkflowContext {
  const { executionId: workflowId, watching } = info
  // A correlation id is what the manager took; one it left out is made here.
  const correlationId = info.correlationId === '' ? undefined : info.correlationId
  const { telemetry, clock } = watching ?? {}
  const context = new WorkflowContext({ workflowId, correlationId, telemetry, clock })
  const around = spanAround(scope, info)
  const inside = around === undefined ? context : context.withSpan(around)
  return inside.forStep(info.path, span, new DurableHandle(info, running))
}

function choiceContext({ executionId, correlationId: id, watching }: CallInfo): WorkflowContext {
  const correlationId = id === '' ? undefined : id
  const { telemetry, clock } = watching ?? {}
  return new WorkflowContext({ workflowId: executionId, correlationId, telemetry, clock })
}

class DurableHandle implements StepHandle {
  readonly idempotencyKey: string
  readonly attempt: number
  readonly undoesInner = false
  readonly #info: AttemptInfo | UndoInfo
  readonly #running: AttemptInfo | undefined

  constructor(info: AttemptInfo | UndoInfo, running: AttemptInfo | undefined) {
    this.idempotencyKey = info.idempotencyKey
    this.attempt = info.attempt
    this.#info = info
    this.#running = running
  }

  get signal(): AbortSignal {
    return this.#info.signal
  }

  get isStopped(): boolean {
    return this.#info.signal.aborted
  }

  async addCompensation(undo: string | UndoFunction, data: unknown): Promise<void> {
    if (this.#running === undefined || typeof undo === 'function') {
      throw codedError('COMPENSATION_UNAVAILABLE', {
        details: { step: this.#info.path },
        hint: 'a durable run registers undos by name and data, while an operation runs',
      })
    }
    await this.#running.addCompensation(undo, data)
  }

  abandon(): void {
    // The journal tells of operations that were left behind.
  }
}

function told(
  compiled: Compiled,
  step: CompiledStep,
  info: UndoInfo,
  output?: unknown,
): CompensationInfo<unknown, unknown> {
  const { failure } = info
  const failedStep = compiled.steps.get(failure?.path ?? '')?.planned.name
  const error = failure !== undefined && 'error' in failure ? failure.error : failure
  const reason = step.scope.options.reason?.(error, failedStep)
  return {
    input: info.input,
    output,
    initialInput: undefined,
    error,
    failedStep,
    reason: reason ?? reasonOf(failure, failedStep),
    stepName: step.planned.name,
    stepIndex: step.index,
    attempt: info.attempt,
    idempotencyKey: info.idempotencyKey,
    signal: info.signal,
  }
}

function reasonOf(failure: UndoInfo['failure'], failedStep: string | undefined): string {
  if (failure === undefined) return 'compensation_requested'
  if (failedStep !== undefined) return `${failedStep}_failed`
  return failure.code === 'EXECUTION_DEADLINE_PASSED' ? 'deadline_passed' : 'cancelled'
}
