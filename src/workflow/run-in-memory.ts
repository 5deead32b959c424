/** Runs of compiled primitives in memory, from the input to the output or the error. */
import { abortError } from '../abort.ts'
import { codedError } from '../errors.ts'
import type { ExecutionState } from '../machine/state.ts'
import type { MetricsRegistry } from '../telemetry/metrics-registry.ts'
import { type Compiled, compile } from './compile.ts'
import { CompensationError } from './compensation-error.ts'
import { attachReport, type CompensationReport, reportOf } from './compensation-report.ts'
import { compositionOf } from './composition.ts'
import { type ExecutionSeries, executionSeries } from './execution-metrics.ts'
import { makeReport, skippedSteps } from './memory-report.ts'
import { MemoryRun } from './memory-run.ts'
import { WorkflowContext } from './workflow-context.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** How a run went. */
export type Execution<O> =
  | {
      readonly status: 'completed'
      readonly value: O
      readonly report: CompensationReport
      /**
       * Undoes the run after all, the last step first; asked again it tells the same. It tells what
       * could not be undone and does not throw.
       *
       * @throws CodedError `COMPENSATION_UNAVAILABLE` behind the point of no return
       */
      compensate(): Promise<CompensationReport>
    }
  | { readonly status: 'failed'; readonly error: unknown; readonly report: CompensationReport }

/** Runs a composition, in a new context by default; throws what the failing step threw. */
export function executeInMemory<I, O>(
  primitive: object,
  input: I,
  given: WorkflowContext | undefined,
): Promise<O> {
  const program = programOf(primitive)
  const context = given ?? new WorkflowContext()
  // A context that is made here begins with its run: one reading of the clock is enough.
  const startedMs = given === undefined ? context.startedMs : undefined
  return new Promise<O>((resolve, reject) => {
    if (context.isAborted) return reject(abortError(context.signal))
    const { run, finish } = beginRun(program, input, context, startedMs)
    run.begin((error, hasCrashed) => {
      // A run that completed has the output of the last step: an O.
      if (finish(hasCrashed)) resolve(outputOf(run.state) as O)
      else reject(hasCrashed ? error : errorOfRun(run))
    })
  })
}

/** Runs a composition and tells how it went. */
export function executionInMemory<I, O>(
  primitive: object,
  input: I,
  context: WorkflowContext,
): Promise<Execution<O>> {
  const program = programOf(primitive)
  return new Promise((resolve, reject) => {
    const { run, finish } = beginRun(program, input, context)
    if (context.isAborted) {
      const error = abortError(context.signal)
      return resolve({ status: 'failed', error, report: makeReport(run) })
    }
    run.begin((crash, hasCrashed) => {
      if (hasCrashed) return reject(crash)
      if (!finish(false)) {
        const error = errorOfRun(run)
        return resolve({ status: 'failed', error, report: makeReport(run) })
      }
      let undoing: Promise<CompensationReport> | undefined
      resolve({
        status: 'completed',
        // A run that completed has the output of the last step: an O.
        value: outputOf(run.state) as O,
        report: makeReport(run),
        compensate: () => (undoing ??= compensateRun(run)),
      })
    })
  })
}

/** What is compiled once per primitive. */
type Program = {
  readonly compiled: Compiled
  /** Whether anything in it depends on time. */
  readonly isTimed: boolean
  series:
    | {
        readonly metrics: MetricsRegistry
        readonly generation: number
        readonly of: ExecutionSeries
      }
    | undefined
}

const programs = new WeakMap<object, Program>()

function programOf(primitive: object): Program {
  const known = programs.get(primitive)
  if (known !== undefined) return known
  const composition = compositionOf(primitive)
  if (composition === undefined) throw workflowInvalid('workflow', 'a composition')
  const compiled = compile(composition, 'memory')
  const program = { compiled, isTimed: isTimed(compiled), series: undefined }
  programs.set(primitive, program)
  return program
}

function isTimed({ definition, steps }: Compiled): boolean {
  if (definition.deadlineMs !== undefined) return true
  return [...steps.values()].some(
    ({ node }) => node.retry.maxAttempts > 1 || node.undoRetry.maxAttempts > 1,
  )
}

type Begun = {
  readonly run: MemoryRun
  /** Counts how it ended; whether it completed. */
  readonly finish: (hasCrashed: boolean) => boolean
}

function beginRun(
  program: Program,
  input: unknown,
  context: WorkflowContext,
  startedMs: number = context.clock.monotonicMs(),
): Begun {
  const { metrics } = context.telemetry
  const { series: known } = program
  if (known?.metrics !== metrics || known.generation !== metrics.generation) {
    const { name } = program.compiled.definition
    const { generation } = metrics
    program.series = { metrics, generation, of: executionSeries(metrics, name) }
  }
  const series = program.series?.of ?? executionSeries(metrics, program.compiled.definition.name)
  const run = new MemoryRun(program, input, context, startedMs)
  const finish = (hasCrashed: boolean): boolean => {
    const isGood = !hasCrashed && hasCompleted(run.state)
    series[isGood ? 'completed' : 'failed'].add()
    series.seconds.observe(((run.observer.endedMs ?? 0) - run.observer.startedMs) / 1_000)
    if (isGood) undoWithOuter(run, context)
    else if (run.observer.undoErrors.length > 0)
      skippedSteps(run).forEach((step) => run.observer.skipped(step))
    return isGood
  }
  return { run, finish }
}

function hasCompleted({ forward, unwinding }: ExecutionState): boolean {
  return forward === 'completed' && !unwinding
}

function outputOf(state: ExecutionState): unknown {
  return state.values.get('')
}

/** A run inside the step of another one, which hides it: it is undone when that one is unwound. */
function undoWithOuter(run: MemoryRun, context: WorkflowContext): void {
  const { step } = context
  if (step === undefined || !step.undoesInner) return
  try {
    void step.addCompensation(async () => {
      const { undoErrors } = await compensateRun(run)
      if (undoErrors.length > 0) throw undoErrors[0]
    }, undefined)
  } catch {
    // The step did not wait for this run and has ended: nobody is left to undo it with.
  }
}

function compensateRun(run: MemoryRun): Promise<CompensationReport> {
  return new Promise((resolve, reject) => {
    run.beginCompensation('requested', (crash, hasCrashed) => {
      if (hasCrashed) return reject(crash)
      if (run.state.unwinding) return resolve(makeReport(run))
      reject(
        codedError('COMPENSATION_UNAVAILABLE', { hint: 'its point of no return has been passed' }),
      )
    })
  })
}

/** What the caller gets: the error of the step, or of the way the run ended, with its report. */
function errorOfRun(run: MemoryRun): unknown {
  const error = thrownBy(run)
  const inner = reportOf(error)
  attachReport(error, () => makeReport(run, inner))
  return error
}

function thrownBy(run: MemoryRun): unknown {
  const { compiled, context, observer, state } = run
  const error = causeOf(run, state.failure, context.cancelSignal)
  const { errorMode, name } = compiled.scope.options
  if (errorMode !== 'aggregate' || observer.undoErrors.length === 0) return error
  return new CompensationError({ primitive: name ?? '', cause: error, errors: observer.undoErrors })
}

function causeOf(
  { observer, state }: MemoryRun,
  failure: ExecutionState['failure'],
  cancelSignal: AbortSignal | undefined,
): unknown {
  if (failure !== undefined && 'error' in failure) return failure.error
  // Behind its pivot a step was tried as often as it may be.
  if (state.forward === 'running') return observer.lastReached?.error
  if (failure?.code === 'EXECUTION_DEADLINE_PASSED') return codedError('EXECUTION_DEADLINE_PASSED')
  return cancelSignal?.aborted === true
    ? abortError(cancelSignal)
    : codedError('EXECUTION_CANCELLED')
}
