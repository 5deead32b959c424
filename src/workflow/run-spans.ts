/**
 * The spans of a run in memory.
 *
 * 1. `compensation_workflow.execute` is the root; the steps and undos of a workflow are siblings
 *    right below it.
 * 2. A workflow inside another one has a root of its own, below the step of the outer one.
 */
import type { ExecutionState } from '../machine/state.ts'
import type { Attributes, Span, SpanError, Tracer } from '../telemetry/tracing.ts'
import type { Compiled, CompiledStep, Scope } from './compile.ts'
import type { StepRecord } from './step-record.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** See the head of this file. */
export class RunSpans {
  readonly #tracer: Tracer
  readonly #compiled: Compiled
  readonly #context: WorkflowContext
  readonly #scopes = new Map<string, OpenScope>()

  constructor(tracer: Tracer, compiled: Compiled, context: WorkflowContext) {
    this.#tracer = tracer
    this.#compiled = compiled
    this.#context = context
  }

  /** Opens the root, again when a run that has ended goes on. */
  begin(): void {
    this.#scopes.clear()
    this.#scope(this.#compiled.scope)
  }

  open(step: CompiledStep, name: string, more: Attributes): Span {
    const { scope, planned, index } = step
    return this.#tracer.start(name, this.#scope(scope).span, {
      'compensation.primitive': scope.primitive,
      'compensation.step': planned.name,
      'compensation.step_index': index,
      'compensation.total_steps': scope.size,
      ...more,
    })
  }

  /** Ends the span of a step, and of workflows inside that have nothing to do any more. */
  close({ span }: StepRecord, isGood: boolean, state: ExecutionState | undefined): void {
    span?.set({ 'compensation.status': isGood ? 'success' : 'error' })
    span?.end()
    if (this.#scopes.size < 2 || state === undefined || state.unwinding) return
    for (const [path, scope] of this.#scopes) {
      const isBusy = path === '' || state.open.some((open) => open.startsWith(`${path}/`))
      if (!isBusy) scope.end()
    }
  }

  /** Ends what is open: as failed where the failure came from below. */
  end(failedPath: string | undefined, error: SpanError | undefined): void {
    for (const [path, scope] of this.#scopes) {
      const isIn = path === '' || failedPath?.startsWith(`${path}/`) === true
      if (isIn && error !== undefined) scope.fail(error)
      scope.end()
    }
  }

  /** The context inside the root span of a workflow. */
  contextOf(scope: Scope): WorkflowContext {
    return this.#scope(scope).context
  }

  #scope(scope: Scope): OpenScope {
    const key = scope.outer === undefined ? '' : scope.path
    const known = this.#scopes.get(key)
    if (known !== undefined) return known
    const outer = scope.outer === undefined ? undefined : this.#scope(scope.outer)
    const spans: Span[] = []
    for (const name of scope.spans) {
      const parent = spans.at(-1) ?? outer?.span ?? this.#context.span
      spans.push(this.#tracer.start(name, parent, this.#attributes(scope)))
    }
    const opened = new OpenScope(spans, this.#context)
    this.#scopes.set(key, opened)
    return opened
  }

  #attributes(scope: Scope): Attributes {
    return {
      'compensation.primitive': scope.primitive,
      'compensation.total_steps': scope.size,
      'workflow.id': this.#context.workflowId ?? 'unknown',
      'workflow.correlation_id': this.#context.correlationId,
    }
  }
}

/** The spans around the steps of one workflow, the outermost first. */
class OpenScope {
  readonly #spans: readonly Span[]
  readonly span: Span | undefined
  readonly context: WorkflowContext

  constructor(spans: readonly Span[], context: WorkflowContext) {
    this.#spans = spans
    this.span = spans.at(-1)
    this.context = this.span === undefined ? context : context.withSpan(this.span)
  }

  fail(error: SpanError): void {
    for (const span of this.#spans) span.fail(error)
  }

  end(): void {
    for (const span of this.#spans.toReversed()) span.end()
  }
}
