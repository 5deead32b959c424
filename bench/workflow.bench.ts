/**
 * Compensating workflows in memory, beside the same functions awaited one after the other: three
 * steps that succeed, three of which the last one fails so that two undos run, and a thousand.
 * Everything is at its default: metrics are counted, a rollback makes its lines of JSON. Only that they
 * are not written anywhere, and no tracer is there.
 *
 * The steps do nothing, so that what is measured is the price of the workflow, not its work; in a
 * program it is paid once beside operations that take milliseconds. Where it goes is measured line by
 * line: the loop that calls and is told, the machine's decisions, the contexts, the spans that a tracer
 * would take, the metrics and the log lines of a rollback, each alone beside a whole run; and a run with
 * spans and log events that somebody takes.
 *
 * Not measured: parallel groups, retries, timeouts, nested workflows.
 */
import type { Told } from '../src/machine/input.ts'
import { StateInHand } from '../src/machine/state-in-hand.ts'
import { compile, type Compiled } from '../src/workflow/compile.ts'
import { compensationMetrics } from '../src/workflow/compensation-metrics.ts'
import { CompensationPrimitive } from '../src/workflow/compensation-primitive.ts'
import { compositionOf } from '../src/workflow/composition.ts'
import { type LogEvent, logLine } from '../src/telemetry/log-event.ts'
import { createTelemetry, type Telemetry } from '../src/telemetry/telemetry.ts'
import type { Span } from '../src/telemetry/tracing.ts'
import { RunSpans } from '../src/workflow/run-spans.ts'
import { newRecord } from '../src/workflow/step-record.ts'
import { WorkflowContext } from '../src/workflow/workflow-context.ts'
import { openSagaManager } from '../src/saga/manager/open-saga-manager.ts'
import { keepInFlight } from './in-flight.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'

/** Turns that ours and the baseline take, and milliseconds of each. */
const TURNS = 200
const TURN_MS = 8
const WARM_UP_MS = 500
const MANY = 1_000

const UNIT = 'runs/s'

/** Runs per second of workflows and of the bare functions, and of the parts of a run. */
export async function measureWorkflow(): Promise<readonly Measurement[]> {
  const three = 'the same three functions, awaited one after the other'
  const caught = 'three awaited functions that throw a new Error; a catch awaits two undos'
  const many = 'the same thousand functions, awaited one after the other'
  return [
    await compared('workflow.succeeding', succeed, bareSucceed, three),
    await compared('workflow.failing', fail, bareFail, caught),
    await compared('workflow.1000-steps', succeedMany, bareMany, many),
    ...(await parts()),
    ...(await durable()),
  ]
}

/** What of a run is left when others do the rest: the whole run is ours, the part its baseline. */
async function parts(): Promise<readonly Measurement[]> {
  const whole = 'of the time of a whole run'
  return [
    await compared(
      'workflow.machine-succeeding',
      succeed,
      machineSucceeds,
      `the machine: ${whole}`,
    ),
    await compared('workflow.machine-failing', fail, machineFails, `the machine: ${whole}`),
    await compared('workflow.loop', succeed, loopAlone, `calling three steps, told each: ${whole}`),
    await compared('workflow.context', succeed, contexts, `a context for each step: ${whole}`),
    await compared('workflow.spans', succeedSeen, spansAlone, `root and step spans: ${whole}`),
    await compared('workflow.metrics', fail, metricsAlone, `metrics of two undos: ${whole}`),
    await compared('workflow.logs', fail, logsAlone, `log lines of two undos: ${whole}`),
    await compared('workflow.observed-succeeding', succeedSeen, succeed, 'a run nobody looks at'),
    await compared('workflow.observed-failing', failSeen, fail, 'a run nobody looks at'),
  ]
}

/** The same workflow through a saga manager: each step on disk before the next one begins. */
async function durable(): Promise<readonly Measurement[]> {
  return await withScratch(async (ledger) => {
    await using sagas = await openSagaManager({ ledger, definitions: [named] })
    const baseline = await during(WARM_UP_MS, () => named.execute(1))
    const measured: Measurement[] = []
    for (const inFlight of [1, 64]) {
      const call = (): Promise<unknown> => sagas.run(named, 1)
      await keepInFlight({ inFlight, seconds: 1, call })
      const { perSecond } = await keepInFlight({ inFlight, seconds: 2, call })
      const against = `the same object in memory; ours durable, FULL, ${inFlight} in flight`
      const name = `workflow.durable-${inFlight}`
      measured.push({ name, ours: perSecond, baseline, unit: UNIT, against })
    }
    return measured
  })
}

type Work = () => unknown

async function compared(
  name: string,
  ours: Work,
  baseline: Work,
  against: string,
): Promise<Measurement> {
  await during(WARM_UP_MS, ours)
  await during(WARM_UP_MS, baseline)
  // The best turn of each: whatever else runs on the machine only makes a turn worse.
  const best = { ours: 0, baseline: 0 }
  for (let turn = 0; turn < TURNS; turn++) {
    best.baseline = Math.max(best.baseline, await during(TURN_MS, baseline))
    best.ours = Math.max(best.ours, await during(TURN_MS, ours))
  }
  return { name, ...best, unit: UNIT, against }
}

/** How often it ran in a second. */
async function during(ms: number, work: Work): Promise<number> {
  const started = performance.now()
  let runs = 0
  let now = started
  for (; now - started < ms; now = performance.now()) {
    for (let i = 0; i < BATCH; i++) await work()
    runs += BATCH
  }
  return (runs / (now - started)) * 1_000
}

/** Runs between two looks at the clock. */
const BATCH = 16

const add = async (n: number): Promise<number> => n + 1
const undo = async (): Promise<void> => undefined
const refuse = async (_n: number): Promise<number> => {
  throw new Error('no')
}

const succeeding = new CompensationPrimitive<number, number>([
  [add, undo],
  [add, undo],
  [add, undo],
])
const named = new CompensationPrimitive<number, number>(
  [
    [add, undo],
    [add, undo],
    [add, undo],
  ],
  { name: 'three-steps' },
)
const failing = new CompensationPrimitive<number, number>([
  [add, undo],
  [add, undo],
  [refuse, undo],
])
const thousand = CompensationPrimitive.fromSteps<number, number>(
  Array.from({ length: MANY }, () => [add, undo] as const),
)

const succeed: Work = () => succeeding.execute(1)
const succeedMany: Work = () => thousand.execute(1)
const fail: Work = () => swallowed(failing.execute(1, new WorkflowContext({ telemetry: logging })))
const succeedSeen: Work = () => succeeding.execute(1, new WorkflowContext({ telemetry: looking }))
const failSeen: Work = () =>
  swallowed(failing.execute(1, new WorkflowContext({ telemetry: looking })))

async function bareSucceed(): Promise<number> {
  const a = await add(1)
  const b = await add(a)
  return await add(b)
}

async function bareFail(): Promise<void> {
  try {
    const a = await add(1)
    const b = await add(a)
    await refuse(b)
  } catch {
    await undo()
    await undo()
  }
}

async function bareMany(): Promise<number> {
  let value = 1
  for (let i = 0; i < MANY; i++) value = await add(value)
  return value
}

async function swallowed(run: Promise<unknown>): Promise<void> {
  try {
    await run
  } catch {
    // The error of the third step.
  }
}

/** The contexts of three steps. */
function contexts(): void {
  const context = new WorkflowContext()
  for (const name of ['add-1', 'add-2', 'add-3']) context.child(name).checkpoint('reached')
}

/** The same operations, called and told as a run does it, with nothing decided. */
function loopAlone(): Promise<number> {
  return new Promise((resolve, reject) => {
    const next = (value: number, step: number): void => {
      if (step === 3) resolve(value)
      else add(value).then((told) => next(told, step + 1), reject)
    }
    next(1, 0)
  })
}

/** Makes the lines of a log and does not write them. */
const log = (event: LogEvent): void => void logLine(event)
const logging: Telemetry = createTelemetry({ log })

const span: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  set: () => undefined,
  fail: () => undefined,
  end: () => undefined,
  run: (work) => work(),
}
const looking: Telemetry = createTelemetry({ log, tracer: { start: () => span } })

/** The spans of a run that succeeds, around nothing. */
const spansAlone: Work = () => {
  const { compiled, tracer } = observed
  const spans = new RunSpans(tracer, compiled, new WorkflowContext({ telemetry: looking }))
  spans.begin()
  for (const step of compiled.steps.values()) {
    const record = newRecord(step)
    record.span = spans.open(step, step.forwardSpan, { 'compensation.attempt': 1 })
    spans.close(record, true, undefined)
  }
  spans.end(undefined, undefined)
}

/** What two undos count. */
const metricsAlone: Work = () => {
  const { total, seconds } = compensationMetrics(logging.metrics)
  for (const step of ['step-2', 'step-1']) {
    total.with({ primitive: 'CompensationPrimitive' }).add()
    seconds.with({ step }).observe(0)
  }
}

/** What two undos log. */
const logsAlone: Work = () => {
  const ids = { correlation_id: observed.correlationId, workflow_id: undefined }
  for (const step of ['step-2', 'step-1']) {
    const started = { primitive: 'CompensationPrimitive', compensation_reason: 'step-3_failed' }
    log({ event: 'compensation_started', level: 'warn', step, ...started, ...ids })
    log({ event: 'compensation_completed', level: 'info', step, duration_ms: 0, ...ids })
  }
}

/** The decisions of a run, with nobody to carry them out. */
const machineSucceeds: Work = machineOf(succeeding, (path, at) => [
  { kind: 'succeeded', path, attempt: 1, value: at },
])
const machineFails: Work = machineOf(failing, (path, at, paths) => {
  if (at < 2) return [{ kind: 'succeeded', path, attempt: 1, value: at }]
  const failure = { path, outcome: 'failed', code: 'Error', message: 'no' } as const
  const undone = paths.slice(0, 2).toReversed()
  return [
    { kind: 'failed', path, attempt: 1, failure },
    ...undone.map((each) => ({ kind: 'undone', path: each, attempt: 1 }) as const),
  ]
})

/** What is looked at of a run that succeeds. */
const observed = {
  compiled: compiledOf(succeeding),
  tracer: { start: () => span },
  correlationId: new WorkflowContext().correlationId,
}

function compiledOf(primitive: object): Compiled {
  const composition = compositionOf(primitive)
  if (composition === undefined) throw new Error('no composition')
  return compile(composition, 'memory')
}

/** Of runs in which nothing depends on time. */
const MOMENT = { at: 0n, random: 0 }

function machineOf(
  primitive: object,
  tell: (path: string, at: number, paths: readonly string[]) => readonly Told[],
): Work {
  const { definition } = compiledOf(primitive)
  const paths = definition.root.nodes.map(({ path }) => path)
  const start = { kind: 'start', id: '', fingerprint: '', correlationId: '', value: 1 } as const
  const all: readonly Told[] = [start, ...paths.flatMap((path, at) => tell(path, at, paths))]
  return () => {
    const hand = new StateInHand(definition)
    for (const told of all) hand.decide(told, MOMENT)
    if (hand.state?.open.length !== 0) throw new Error('has not ended')
  }
}
