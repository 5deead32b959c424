/** A context whose run is recorded and whose clock is driven by hand. */
import { type RecordedTelemetry, recordTelemetry } from '../telemetry/recorded-telemetry.ts'
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts'
import type { WorkflowContextInit } from './context-run.ts'
import { WorkflowContext } from './workflow-context.ts'

/** What a test looks at. */
export type Observed = {
  readonly context: WorkflowContext
  readonly telemetry: RecordedTelemetry
  readonly clock: FakeClock
}

/** Makes one. */
export function observedContext(init: WorkflowContextInit = {}): Observed {
  const telemetry = recordTelemetry()
  const clock = fakeClock()
  const context = new WorkflowContext({ telemetry, clock, correlationId: 'test-1', ...init })
  return { context, telemetry, clock }
}

/** A context that is not observed by anybody. */
export function silentContext(init: WorkflowContextInit = {}): WorkflowContext {
  return observedContext(init).context
}

/** Lets time pass until the promise has settled; what became of it. */
export async function driven<T>(clock: FakeClock, promise: Promise<T>, stepMs = 1_000): Promise<T> {
  const settling = { isDone: false }
  const done = (): void => {
    settling.isDone = true
  }
  promise.then(done, done)
  for (let i = 0; i < 1_000 && !settling.isDone; i++) await clock.advanceAsync(stepMs)
  if (!settling.isDone) throw new Error('it did not settle')
  return await promise
}

/** The error that a promise rejects with. */
export async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not throw')
}
