/**
 * The log of a coordinator as it is shown: every text passes the redaction hook of its telemetry and
 * loses its secrets, so that no part of the engine has to think of it. A sink that throws is ignored.
 */
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { LogSink } from '../coordinator.ts'

/** Fields that hold texts of errors, or what handlers have said. */
const TOLD = new Set(['error', 'reason', 'outcome', 'cause'])

/** See the top of this file. */
export function shownLog(log: LogSink, telemetry: Telemetry): LogSink {
  return (level, event, fields) => {
    const shown: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(fields)) {
      shown[name] =
        typeof value === 'string' && TOLD.has(name) ? telemetry.shown(value, 'error') : value
    }
    try {
      log(level, event, shown)
    } catch {
      // A log never changes what is logged.
    }
  }
}
