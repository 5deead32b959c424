/**
 * The readiness supervisor: asks the probes and tells the health registry.
 *
 * 1. The first round comes at once, then one per interval, until it is stopped.
 * 2. SERVING when every probe says yes, also when there are none; NOT_SERVING otherwise.
 * 3. A probe that fails leaves exactly one warning a round, with its cause; it never ends the loop.
 * 4. After `stop` nothing is said any more.
 */
import { sleep, untilAborted } from '../abort.ts'
import { type Clock, systemClock } from '../clock.ts'
import { codeOf, codedError, messageOf } from '../errors.ts'
import type { HealthRegistry } from './health.ts'
import { type Logger, defaultLogger } from './log.ts'
import {
  DEFAULT_PROBE_INTERVAL_MS,
  DEFAULT_PROBE_TIMEOUT_MS,
  type Probe,
  type ProbeConfig,
} from './probe.ts'

/** What a supervisor is made with. */
export type SupervisorOptions = Partial<ProbeConfig> & {
  readonly probes: readonly Probe[]
  readonly health: Pick<HealthRegistry, 'setAll'>
  /** Default: the log of this process, see `configureLogging`. */
  readonly logger?: Logger | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** A running supervisor. */
export interface Supervisor {
  /** Resolves after the first round in which every probe said yes. */
  readonly ready: Promise<void>
  /** Ends it; resolves when it is silent. */
  stop(): Promise<void>
}

/** Starts a supervisor (Angzarr client: `run_supervisor`). */
export function runSupervisor(options: SupervisorOptions): Supervisor {
  const { clock = systemClock(), intervalMs = DEFAULT_PROBE_INTERVAL_MS } = options
  const stopping = new AbortController()
  const ready = Promise.withResolvers<void>()
  const loop = async (): Promise<void> => {
    for (;;) {
      const serving = await round(options, clock, stopping.signal)
      if (stopping.signal.aborted) return
      options.health.setAll(serving ? 'SERVING' : 'NOT_SERVING')
      if (serving) ready.resolve()
      await sleep(intervalMs, clock, stopping.signal).catch(() => undefined)
      if (stopping.signal.aborted) return
    }
  }
  const done = loop()
  return {
    ready: ready.promise,
    stop: async () => {
      stopping.abort(codedError('ABORTED'))
      await done
    },
  }
}

async function round(
  options: SupervisorOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  let all = true
  for (const probe of options.probes) {
    if (!(await passes(probe, options, clock, signal))) all = false
    if (signal.aborted) return false
  }
  return all
}

async function passes(
  probe: Probe,
  { timeoutMs = DEFAULT_PROBE_TIMEOUT_MS, logger = defaultLogger() }: SupervisorOptions,
  clock: Clock,
  stopping: AbortSignal,
): Promise<boolean> {
  const ended = new AbortController()
  const timer = clock.after(timeoutMs, () => ended.abort(codedError('DEADLINE_EXCEEDED')))
  const stop = (): void => ended.abort(codedError('ABORTED'))
  stopping.addEventListener('abort', stop)
  try {
    const answer = Promise.resolve(probe.check(ended.signal))
    const passed = await untilAborted(answer, ended.signal)
    if (!passed) logger('warn', 'readiness_probe_failed', { probe: probe.name })
    return passed
  } catch (error) {
    if (stopping.aborted) return false
    const [event, fields] =
      codeOf(error) === 'DEADLINE_EXCEEDED' && ended.signal.aborted
        ? ['readiness_probe_timed_out', { timeout_ms: timeoutMs }]
        : ['readiness_probe_errored', { error: messageOf(error) }]
    logger('warn', String(event), { probe: probe.name, ...Object(fields) })
    return false
  } finally {
    timer.cancel()
    stopping.removeEventListener('abort', stop)
    // Whatever the probe still holds, it may let go of.
    if (!ended.signal.aborted) ended.abort(codedError('ABORTED'))
  }
}
