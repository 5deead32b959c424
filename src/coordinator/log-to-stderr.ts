/** The default log: warnings and errors, one JSON object per line. */
import type { LogSink } from './coordinator.ts'

/** Writes warnings and errors to standard error. */
export const logToStderr: LogSink = (level, event, fields) => {
  if (level === 'debug' || level === 'info') return
  process.stderr.write(`${JSON.stringify({ level, event, ...fields })}\n`)
}
