/**
 * One run in memory: the saga machine decides, this performs. What it decides goes nowhere else, so
 * that a process that dies takes the run with it.
 *
 * 1. There is no loop over steps or undos here: `decide` says what is to be done, each action is
 *    performed once, and its outcome is told to `decide`.
 * 2. The run has ended when nothing is open in its state. By then every operation has settled or is
 *    listed as abandoned, and no timer and no listener is left.
 * 3. Without an undo that does without an output, an attempt of unknown outcome counts as failed for
 *    the machine, which would wait for an operator; the report says that it may have happened.
 */
import { abortError } from '../abort.ts'
import type { Clock, Timer } from '../clock.ts'
import { LONGEST_TIMER_MS } from '../clock.ts'
import { CodedError, codedError } from '../errors.ts'
import { randomRoot } from '../identity.ts'
import type { Action } from '../machine/action.ts'
import type { Told } from '../machine/input.ts'
import type { Failure } from '../machine/journal.ts'
import { failureOfError } from '../machine/perform/outcome-of-error.ts'
import type { Moment } from '../machine/pause.ts'
import { ABANDON_AFTER_MS } from '../machine/perform/performing.ts'
import { type AttemptBounds, type Ending, runAttempt } from '../machine/perform/run-attempt.ts'
import { StopSignal } from '../machine/perform/stop-signal.ts'
import type { ExecutionState } from '../machine/state.ts'
import { StateInHand } from '../machine/state-in-hand.ts'
import type { Compiled, CompiledStep } from './compile.ts'
import { MemoryObserver } from './memory-observer.ts'
import { runOperation } from './primitive.ts'
import { type AttemptOwner, StepAttempt } from './step-attempt.ts'
import type { StepRecord } from './step-record.ts'
import { CLOSURE, undoCall, type UndoFacts } from './undo-call.ts'
import type { UndoFunction, WorkflowContext } from './workflow-context.ts'
import { WorkflowTimeoutError } from './workflow-timeout-error.ts'

type ActionOf<K extends Action['kind']> = Extract<Action, { readonly kind: K }>

/** See the head of this file. */
export class MemoryRun implements AttemptOwner, UndoFacts {
  readonly compiled: Compiled
  readonly context: WorkflowContext
  readonly input: unknown
  readonly observer: MemoryObserver
  readonly clock: Clock
  /** The reading at which the latest input was told; a decision takes no time. */
  nowMs: number
  readonly #isTimed: boolean
  /** Choices that are being made. */
  #choosing: Set<string> | undefined
  readonly #waiting: Told[] = []
  #isDeciding = false
  readonly #hand: StateInHand
  #id: string | undefined
  #wake: { readonly at: bigint; timer: Timer } | undefined
  #release: (() => void) | undefined
  #ended: (error: unknown, hasCrashed: boolean) => void = () => undefined

  /** @param startedMs a reading of the clock of the context */
  constructor(
    { compiled, isTimed }: { readonly compiled: Compiled; readonly isTimed: boolean },
    input: unknown,
    context: WorkflowContext,
    startedMs: number,
  ) {
    this.compiled = compiled
    this.context = context
    this.input = input
    this.clock = context.clock
    this.#isTimed = isTimed
    this.#hand = new StateInHand(compiled.definition)
    this.nowMs = startedMs
    this.observer = new MemoryObserver(compiled, context, this.nowMs)
  }

  /** Made when somebody asks for it. */
  get id(): string {
    return (this.#id ??= randomRoot(this.context.random))
  }

  /** The state, of a run that has begun. */
  get begun(): ExecutionState | undefined {
    return this.#hand.state
  }

  /** The state; only a run that has begun has one. */
  get state(): ExecutionState {
    const { state } = this.#hand
    if (state === undefined) throw codedError('EXECUTION_NOT_STARTED')
    return state
  }

  /** Runs to the end, then calls back once; a crash is an error of this library. */
  begin(ended: (error: unknown, hasCrashed: boolean) => void): void {
    this.#ended = ended
    this.observer.begins()
    const value = this.input
    this.#tell({ kind: 'start', id: '', fingerprint: '', correlationId: '', value })
    this.#followSignal()
  }

  /** Undoes a run that has completed; calls back when that has ended. */
  beginCompensation(reason: string, ended: (error: unknown, hasCrashed: boolean) => void): void {
    this.#ended = ended
    this.observer.reopen()
    this.#tell({ kind: 'compensate', reason })
  }

  addUndo(path: string, undo: string | UndoFunction, data: unknown): void {
    if (typeof undo === 'function')
      this.#tell({ kind: 'undo-added', path, name: CLOSURE, data: undo })
    else if (this.compiled.undos.has(undo))
      this.#tell({ kind: 'undo-added', path, name: undo, data })
    else {
      throw codedError('COMPENSATION_UNAVAILABLE', {
        details: { name: undo },
        hint: 'name one of the undos in the options of the workflow',
      })
    }
  }

  abandoned(name: string): void {
    this.observer.abandoned(name)
  }

  reasonFor(step: CompiledStep): string {
    return this.observer.reasonFor(step)
  }

  /** An error of this library, not of an author: the run ends with it. */
  #crash(error: unknown): void {
    this.#end(error, true)
  }

  /** Inputs that come while one is decided wait their turn. */
  #tell(told: Told): void {
    if (this.#isDeciding) {
      this.#waiting.push(told)
      return
    }
    this.#isDeciding = true
    try {
      let next: Told | undefined = told
      while (next !== undefined) {
        this.#decide(next)
        next = this.#waiting.length === 0 ? undefined : this.#waiting.shift()
      }
    } catch (error) {
      this.#crash(error)
    } finally {
      this.#isDeciding = false
    }
  }

  #decide(told: Told): void {
    // A run begins at the moment it was made.
    if (told.kind !== 'start') this.nowMs = this.clock.monotonicMs()
    const decision = this.#hand.decide(told, this.#isTimed ? this.#moment() : TIMELESS)
    this.observer.decided(told, decision.state, this.nowMs)
    if (decision.state.open.length === 0 && this.#waiting.length === 0) {
      this.#end(undefined, false)
      return
    }
    for (const action of decision.actions) {
      this.#carryOut(action)
    }
  }

  #moment(): Moment {
    const at = BigInt(Math.round(this.nowMs * 1e6))
    return { at, random: this.context.random.fraction() }
  }

  /** What is listed is open; what has begun already goes on by itself. */
  #carryOut(action: Action): void {
    switch (action.kind) {
      case 'run': {
        const record = this.observer.recordOf(this.#step(action.path))
        if (record.forwardAttempt >= action.attempt) return
        record.forwardAttempt = action.attempt
        return this.#run(action, record)
      }
      case 'undo': {
        const record = this.observer.recordOf(this.#step(action.path))
        if (record.backwardAttempt >= action.attempt) return
        record.backwardAttempt = action.attempt
        return this.#undo(action, record)
      }
      case 'choose':
        this.#choosing ??= new Set()
        if (this.#choosing.has(action.path)) return
        this.#choosing.add(action.path)
        return this.#choose(action)
      case 'abort':
        return this.#abort(action)
      case 'wake':
        return this.#wakeAt(action.at)
      default:
        // Workflows are made of operations: they have no requests, signals, probes or children.
        throw codedError('CONFIGURATION_INVALID', { details: { action: action.kind } })
    }
  }

  #run(action: ActionOf<'run'>, record: StepRecord): void {
    const { step } = record
    const running = new StepAttempt(this, step, action, this.nowMs)
    const context = this.observer.forwardBegins(record, running)
    // Values fit: the types of the steps were checked where they were put together.
    const call = (): unknown => runOperation(step.planned.run, action.value as never, context)
    this.#perform(record, running, call, step.planned.timeoutMs)
  }

  #undo(action: ActionOf<'undo'>, record: StepRecord): void {
    const { path, attempt } = action
    const { step } = record
    const running = new StepAttempt(this, step, action, this.nowMs)
    const undo = undoCall(step, action, running, this)
    if (undo === undefined) return this.#tell({ kind: 'undone', path, attempt })
    const context = this.observer.backwardBegins(record, running, action)
    const limitMs = step.planned.compensationTimeoutMs ?? step.scope.options.compensationTimeoutMs
    this.#perform(record, running, () => undo(context), limitMs)
  }

  /** Calls, and tells how it ended: always later, so that no author's code runs inside a decision. */
  #perform(
    record: StepRecord,
    running: StepAttempt,
    call: () => unknown,
    timeoutMs: number | undefined,
  ): void {
    const attempt = record.span === undefined ? call : () => this.observer.inSpan(record, call)
    if (timeoutMs === undefined) this.#performUntimed(record, running, attempt)
    else {
      const bounds = this.#boundsOf(running, timeoutMs)
      this.#settle(runAttempt(attempt, bounds), (ending) => this.#settled(record, running, ending))
    }
  }

  /** Most attempts settle before anybody stops them: only those that are stopped need bounds. */
  #performUntimed(record: StepRecord, running: StepAttempt, call: () => unknown): void {
    let pending: Promise<unknown>
    try {
      pending = Promise.resolve(call())
    } catch (error) {
      pending = Promise.reject(error)
    }
    running.pending = pending
    pending.then(
      (value) => this.#settled(record, running, { kind: 'returned', value }),
      (error: unknown) =>
        this.#settled(
          record,
          running,
          running.isStopped
            ? { kind: 'stopped', why: running.reason, error }
            : { kind: 'threw', error },
        ),
    )
  }

  #settled(record: StepRecord, running: StepAttempt, ending: Ending): void {
    if (running.hasEnded) return
    running.hasEnded = true
    const { path, attempt, isUndo } = running
    if (ending.kind === 'returned') {
      const { value } = ending
      this.#tell(
        isUndo ? { kind: 'undone', path, attempt } : { kind: 'succeeded', path, attempt, value },
      )
      return
    }
    if (ending.kind === 'abandoned') this.observer.leftBehind(record.step, isUndo)
    const failure = this.#failure(record, running, ending)
    this.#tell({ kind: isUndo ? 'undo-failed' : 'failed', path, attempt, failure })
  }

  #boundsOf(running: StepAttempt, timeoutMs: number | undefined): AttemptBounds {
    const { abandonAfterMs } = running.step
    return { clock: this.clock, stop: running, timeoutMs, abandonAfterMs }
  }

  #settle(ending: Ending | Promise<Ending>, settled: (ending: Ending) => void): void {
    if (ending instanceof Promise) ending.then(settled, (error) => this.#crash(error))
    else queueMicrotask(() => settled(ending))
  }

  #choose({ path, value }: ActionOf<'choose'>): void {
    const choice = this.compiled.choices.get(path)
    const otherwise = choice?.hasElse === true ? 1 : -1
    const settled = (ending: Ending): void => {
      if (ending.kind === 'returned') {
        this.#tell({ kind: 'chosen', path, branch: ending.value ? 0 : otherwise })
        return
      }
      const error = ending.kind === 'abandoned' ? ending.why : ending.error
      this.#tell({ kind: 'choice-failed', path, failure: failureOfError(path, error, 'failed') })
    }
    const bounds = { clock: this.clock, stop: new StopSignal(), abandonAfterMs: ABANDON_AFTER_MS }
    this.#settle(
      runAttempt(() => choice?.condition(value as never, this.context), bounds),
      settled,
    )
  }

  #abort({ path, why }: ActionOf<'abort'>): void {
    const record = this.observer.recordOf(this.#step(path))
    const { running } = record
    if (running === undefined || running.hasEnded) return
    this.#bound(record, running)
    const cause = this.begun?.failure?.error
    const signal = this.context.cancelSignal
    if (why === 'cancelled' && signal?.aborted === true) running.stop(abortError(signal))
    else if (why === 'sibling-failed') running.stop(codedError('ABORTED', { cause }))
    else running.stop(codedError('DEADLINE_EXCEEDED'))
  }

  /** From here on it has only so much time to end. */
  #bound(record: StepRecord, running: StepAttempt): void {
    const { pending } = running
    if (pending === undefined || running.isStopped) return
    const ending = runAttempt(() => pending, this.#boundsOf(running, undefined))
    this.#settle(ending, (each) => this.#settled(record, running, each))
  }

  #failure(record: StepRecord, running: StepAttempt, ending: Ending): Failure {
    const { step } = record
    const error = errorOf(step, ending)
    const failure = failureOfError(step.path, error)
    const isOpen =
      failure.outcome !== 'refused' && (running.isStopped || failure.outcome === 'unknown')
    this.observer.failed(record, running, error, isOpen)
    if (failure.outcome === 'refused') return failure
    const { node } = step
    const outcome = isOpen && (node.undoesUnknown || node.atMostOnce) ? 'unknown' : 'failed'
    return { ...failure, outcome }
  }

  #wakeAt(at: bigint): void {
    if (this.#wake?.at === at) return
    this.#wake?.timer.cancel()
    const delayMs = Number(at) / 1e6 - this.clock.monotonicMs()
    const timer = this.clock.after(Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS), () => {
      this.#wake = undefined
      this.#tell({ kind: 'time' })
    })
    this.#wake = { at, timer }
  }

  #followSignal(): void {
    const signal = this.context.cancelSignal
    if (signal === undefined) return
    const cancel = (): void => this.#tell({ kind: 'cancel', reason: 'the signal aborted' })
    if (signal.aborted) return cancel()
    signal.addEventListener('abort', cancel, { once: true })
    this.#release = () => signal.removeEventListener('abort', cancel)
  }

  #end(error: unknown, hasCrashed: boolean): void {
    this.#wake?.timer.cancel()
    this.#wake = undefined
    this.#release?.()
    this.#release = undefined
    this.observer.ended(this.begun, this.nowMs)
    const ended = this.#ended
    this.#ended = () => undefined
    ended(error, hasCrashed)
  }

  #step(path: string): CompiledStep {
    const step = this.compiled.steps.get(path)
    if (step === undefined) throw codedError('CONFIGURATION_INVALID', { details: { path } })
    return step
  }
}

/** The moment of every decision of a run in which nothing depends on time. */
const TIMELESS: Moment = Object.freeze({ at: 0n, random: 0 })

/** What is thrown because the time was up says less than that it was. */
function errorOf({ planned }: CompiledStep, ending: Ending): unknown {
  if (ending.kind === 'returned') return ending.value
  if (ending.kind === 'threw') return ending.error
  const { why } = ending
  const cause = ending.kind === 'stopped' ? ending.error : why
  if (why instanceof CodedError && why.code === 'ATTEMPT_TIMED_OUT') {
    const timeoutMs = Number(why.details['timeout_ms'])
    return new WorkflowTimeoutError({ timeoutMs, primitive: planned.name, cause })
  }
  return cause
}
