/**
 * What the steps of one run share, and what they are told: identity, state, checkpoints,
 * cancellation, trace. TTA.dev's WorkflowContext, of which document 003 uses the correlation id.
 *
 * 1. `state`, `metadata`, `baggage` and `tags` are one object for all contexts of a run: what a step
 *    writes, later steps and compensations read. `isolated` gives a copy.
 * 2. The library never changes them.
 * 3. A child's checkpoints are kept by the root, under the path of the child.
 */
import { type Clock, type Nanoseconds, NANOSECONDS_PER_MS } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Random } from '../identity.ts'
import type { Awaitable } from '../awaitable.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Attributes, RemoteParent, Span } from '../telemetry/tracing.ts'
import { type Checkpoint, ContextRun, type WorkflowContextInit } from './context-run.ts'
import { parseTraceparent, traceparent } from '../telemetry/trace-parent.ts'
import { baggageHeader, parseBaggage } from './trace-headers.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** See the head of this file. */
export class WorkflowContext<S extends object = Record<string, unknown>> {
  readonly #own: Inherited<S>
  #signal: AbortSignal | undefined

  /** @throws CodedError `WORKFLOW_INVALID` for an id that is too long, or trace ids that are none */
  constructor(init?: WorkflowContextInit<S>)
  constructor(init: WorkflowContextInit<S> | Inherited<S> = NOTHING) {
    if (init instanceof Inherited) {
      this.#own = init
      this.#signal = init.signal
      return
    }
    const { signal } = init
    const run = new ContextRun(init)
    this.#own = new Inherited(run, '', undefined, remoteSpan(init), undefined, signal)
    this.#signal = signal
  }

  /** A new context for a run of this name. TTA.dev's `WorkflowContext.root`. */
  static root(workflowId: string): WorkflowContext {
    return new WorkflowContext({ workflowId })
  }

  /** The same for all steps of a run. */
  get correlationId(): string {
    return this.#own.run.correlationId
  }
  get workflowId(): string | undefined {
    return this.#own.run.init.workflowId
  }
  get sessionId(): string | undefined {
    return this.#own.run.init.sessionId
  }
  /** What caused this: of a child the span or path of its parent, of a root what it was given. */
  get causationId(): string | undefined {
    const { parent } = this.#own
    return parent === undefined
      ? this.#own.run.init.causationId
      : (parent.span?.spanId ?? (parent.path || undefined))
  }
  get state(): S {
    return this.#own.run.state
  }
  get metadata(): Record<string, unknown> {
    return this.#own.run.metadata
  }
  get baggage(): Record<string, string> {
    return this.#own.run.baggage
  }
  get tags(): Record<string, string> {
    return this.#own.run.tags
  }
  /** The names of the steps down to this context, joined by `/`; empty for the root. */
  get path(): string {
    return this.#own.path
  }
  /** Aborts when the run is cancelled, a sibling failed, or the time of this step is up. */
  get signal(): AbortSignal {
    this.#signal ??= this.#own.step?.signal ?? new AbortController().signal
    return this.#signal
  }
  /** The signal, where there is one that can abort. */
  get cancelSignal(): AbortSignal | undefined {
    return this.#signal ?? this.#own.step?.signal
  }
  /** Whether {@link signal} has aborted; costs nothing when there is none. */
  get isAborted(): boolean {
    return this.#signal?.aborted ?? this.#own.step?.isStopped ?? false
  }
  get traceId(): string | undefined {
    return this.#own.span?.traceId
  }
  get spanId(): string | undefined {
    return this.#own.span?.spanId
  }
  get parentSpanId(): string | undefined {
    return this.#own.parent?.span?.spanId
  }
  get traceFlags(): number {
    return this.#own.run.init.traceFlags ?? 1
  }
  /** Wall-clock time at which the root context was made, in nanoseconds. */
  get startedAt(): Nanoseconds {
    return this.clock.wall() - BigInt(Math.round(this.elapsedMs())) * NANOSECONDS_PER_MS
  }
  /** The reading of the monotonic clock at which the root context was made. */
  get startedMs(): number {
    return this.#own.run.startedMs
  }
  get clock(): Clock {
    return this.#own.run.clock
  }
  get random(): Random {
    return this.#own.run.random
  }
  get telemetry(): Telemetry {
    return this.#own.run.telemetry
  }
  /**
   * The same for every attempt of the step this context was given to; a service that keeps it can
   * tell a repetition from a second request. `undefined` outside of a compensating workflow.
   */
  get idempotencyKey(): string | undefined {
    return this.#own.step?.idempotencyKey
  }
  /** Which attempt of the step this is, counted from 1. */
  get attempt(): number {
    return this.#own.step?.attempt ?? 1
  }
  /** The span that is open around whoever has this context. */
  get span(): Span | RemoteParent | undefined {
    return this.#own.span
  }
  /** What a compensating workflow lends to its steps. */
  get step(): StepHandle | undefined {
    return this.#own.step
  }

  /** Milliseconds since the root context was made. */
  elapsedMs(): number {
    return this.#own.run.elapsedMs()
  }

  /** Notes that this moment was reached. */
  checkpoint(name: string): void {
    this.#own.run.note(this.#own.path === '' ? name : `${this.#own.path}/${name}`)
  }

  /** The same with a reading of the clock that has been taken already. */
  checkpointAt(name: string, nowMs: number): void {
    this.#own.run.noteAt(this.#own.path === '' ? name : `${this.#own.path}/${name}`, nowMs)
  }

  /** The checkpoints of the whole run, in the order they were reached; bounded, oldest kept. */
  get checkpoints(): readonly Checkpoint[] {
    return this.#own.run.checkpoints
  }

  /**
   * Registers something to be undone when the workflow fails later, before the undo of the step that
   * registers it; the last one registered runs first. By name and data it survives a crash, where
   * the name is one of the workflow's `undos`; a function does not, and durable runs refuse it.
   *
   * @throws CodedError `COMPENSATION_UNAVAILABLE` outside of a compensating workflow, after the step
   * has ended, or for a function in a durable run
   */
  addCompensation(undo: UndoFunction): Promise<void>
  addCompensation(name: string, data: unknown): Promise<void>
  async addCompensation(undo: string | UndoFunction, data?: unknown): Promise<void> {
    if (this.#own.step === undefined) {
      throw codedError('COMPENSATION_UNAVAILABLE', {
        hint: 'addCompensation belongs into an operation of a CompensationPrimitive',
      })
    }
    await this.#own.step.addCompensation(undo, data)
  }

  /** A context for a step: shares everything, has a path and perhaps a span of its own. */
  child(name: string, span?: Span | undefined): WorkflowContext<S> {
    const path = this.#own.path === '' ? name : `${this.#own.path}/${name}`
    return this.#derived(path, span, this.#own.step, this.#signal)
  }

  /** The same with another signal. */
  withSignal(signal: AbortSignal): WorkflowContext<S> {
    const { run, path, parent, span, step } = this.#own
    return madeOf(new Inherited(run, path, parent, span, step, signal))
  }

  /** The same inside a span. */
  withSpan(span: Span): WorkflowContext<S> {
    const { run, path, parent, step } = this.#own
    return madeOf(new Inherited(run, path, parent, span, step, this.#signal))
  }

  /** A context for a step of a compensating workflow, with what that lends to it. */
  forStep(name: string, span: Span | undefined, step: StepHandle): WorkflowContext<S> {
    const path = this.#own.path === '' ? name : `${this.#own.path}/${name}`
    return this.#derived(path, span, step, undefined)
  }

  /** A child with shallow copies of state, metadata, baggage and tags. */
  isolated(name: string): WorkflowContext<S> {
    const path = this.#own.path === '' ? name : `${this.#own.path}/${name}`
    const { run, span, step } = this.#own
    return madeOf(new Inherited(run.copy(), path, this.#own, span, step, this.#signal))
  }

  /** What travels: ids, maps, checkpoints. Clock, signal and telemetry stay. */
  toJSON(): SerializedContext {
    return {
      correlationId: this.correlationId,
      ...(this.workflowId === undefined ? {} : { workflowId: this.workflowId }),
      ...(this.sessionId === undefined ? {} : { sessionId: this.sessionId }),
      ...(this.causationId === undefined ? {} : { causationId: this.causationId }),
      ...(this.traceId === undefined ? {} : { traceId: this.traceId }),
      ...(this.spanId === undefined ? {} : { spanId: this.spanId }),
      traceFlags: this.traceFlags,
      state: Object.fromEntries(Object.entries(this.state)),
      metadata: { ...this.metadata },
      baggage: { ...this.baggage },
      tags: { ...this.tags },
      checkpoints: [...this.checkpoints],
    }
  }

  /**
   * A root context from what `toJSON` gave, here or elsewhere. Its time starts anew; the checkpoints
   * it brought stay first.
   *
   * @throws CodedError `WORKFLOW_INVALID` as the constructor
   */
  static fromJSON(
    from: SerializedContext,
    init: Pick<WorkflowContextInit, 'signal' | 'clock' | 'random' | 'telemetry'> = {},
  ): WorkflowContext {
    const { checkpoints, ...rest } = from
    const context = new WorkflowContext({ ...rest, ...init })
    context.#own.run.checkpoints.push(...(checkpoints ?? []).map((each) => ({ ...each, atMs: 0 })))
    return context
  }

  /** The W3C header that names the open span; `undefined` without one. */
  toTraceparent(): string | undefined {
    const { traceId, spanId } = this
    return traceId === undefined || spanId === undefined
      ? undefined
      : traceparent({ traceId, spanId, traceFlags: this.traceFlags })
  }

  /** The W3C header that carries {@link baggage}; empty without any. */
  toBaggageHeader(): string {
    return baggageHeader(this.baggage)
  }

  /**
   * A root context whose spans are children of the caller's. A header that cannot be read is ignored,
   * as the W3C asks.
   */
  static fromTraceparent(
    header: string | undefined,
    init: WorkflowContextInit & { readonly baggageHeader?: string | undefined } = {},
  ): WorkflowContext {
    const parent = header === undefined ? undefined : parseTraceparent(header)
    const baggage = { ...parseBaggage(init.baggageHeader ?? ''), ...init.baggage }
    return new WorkflowContext({ ...init, ...parent, baggage })
  }

  /** The ids as attributes of a span; what is missing reads `unknown`. */
  toOtelAttributes(): Attributes {
    return {
      'workflow.id': this.workflowId ?? UNKNOWN,
      'workflow.session_id': this.sessionId ?? UNKNOWN,
      'workflow.correlation_id': this.correlationId,
      'workflow.causation_id': this.causationId ?? UNKNOWN,
      'workflow.elapsed_ms': this.elapsedMs(),
      'workflow.span_id': this.spanId ?? UNKNOWN,
      'workflow.parent_span_id': this.parentSpanId ?? UNKNOWN,
    }
  }

  #derived(
    path: string,
    span: Span | undefined,
    step: StepHandle | undefined,
    signal: AbortSignal | undefined,
  ): WorkflowContext<S> {
    return madeOf(
      new Inherited(this.#own.run, path, this.#own, span ?? this.#own.span, step, signal),
    )
  }
}

/** What derived contexts are made of is no part of the declared constructor: nobody outside has it. */
function madeOf<S extends object>(own: Inherited<S>): WorkflowContext<S> {
  return new WorkflowContext<S>(own as never)
}

/** What `toJSON` gives. */
export type SerializedContext = {
  readonly correlationId?: string | undefined
  readonly workflowId?: string | undefined
  readonly sessionId?: string | undefined
  readonly causationId?: string | undefined
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  readonly traceFlags?: number | undefined
  readonly state?: Record<string, unknown> | undefined
  readonly metadata?: Record<string, unknown> | undefined
  readonly baggage?: Record<string, string> | undefined
  readonly tags?: Record<string, string> | undefined
  readonly checkpoints?: readonly Checkpoint[] | undefined
}

/** An undo registered while an operation runs. */
export type UndoFunction = (context: WorkflowContext) => Awaitable<unknown>

/** One attempt of a step, as its context sees it. */
export interface StepHandle {
  readonly idempotencyKey: string
  readonly attempt: number
  /** Whether the steps of workflows that complete in here are undone with this one. */
  readonly undoesInner: boolean
  /** The signal of this attempt; made when it is asked for. */
  readonly signal: AbortSignal
  readonly isStopped: boolean
  /** See `WorkflowContext.addCompensation`. */
  addCompensation(undo: string | UndoFunction, data: unknown): Awaitable<void>
  /** An operation that ignored its signal was left behind. */
  abandon(name: string): void
}

const NOTHING: WorkflowContextInit<never> = Object.freeze({})
const UNKNOWN = 'unknown'
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/

/** What a derived context is made of. */
class Inherited<S extends object> {
  readonly run: ContextRun<S>
  readonly path: string
  /** What the parent is made of; of a root `undefined`. */
  readonly parent: Inherited<S> | undefined
  readonly span: Span | RemoteParent | undefined
  readonly step: StepHandle | undefined
  readonly signal: AbortSignal | undefined

  constructor(
    run: ContextRun<S>,
    path: string,
    parent: Inherited<S> | undefined,
    span: Span | RemoteParent | undefined,
    step: StepHandle | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.run = run
    this.path = path
    this.parent = parent
    this.span = span
    this.step = step
    this.signal = signal
  }
}

function remoteSpan(
  init: Pick<WorkflowContextInit, 'traceId' | 'spanId' | 'traceFlags'>,
): RemoteParent | undefined {
  const { traceId, spanId, traceFlags } = init
  if (traceId === undefined && spanId === undefined) return undefined
  if (traceId === undefined || !TRACE_ID.test(traceId)) {
    throw workflowInvalid('traceId', '32 hexadecimal digits, not all zero', traceId)
  }
  if (spanId === undefined || !SPAN_ID.test(spanId)) {
    throw workflowInvalid('spanId', '16 hexadecimal digits, not all zero', spanId)
  }
  return { traceId, spanId, traceFlags: traceFlags ?? 1 }
}
