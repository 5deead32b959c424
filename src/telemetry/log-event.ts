/** Structured log events, and where they go unless a program says otherwise: lines on stderr. */

/** How much an event matters. */
export type EventLevel = 'info' | 'warn' | 'error'

/** One event. Keys are snake_case; values are plain. */
export type LogEvent = {
  readonly event: string
  readonly level: EventLevel
  readonly [field: string]: string | number | boolean | undefined
}

/** Takes events. What it throws is ignored: a log never changes what is logged. */
export type EventSink = (event: LogEvent) => void

/** One event as a line of JSON, without the line end. Fields that are undefined are left out. */
export function logLine(event: LogEvent): string {
  return JSON.stringify(event)
}

/**
 * Writes each event as one line of JSON to standard error. Lines of one turn of the event loop are
 * written together; those that are left when the process exits are written then.
 */
export function stderrLog(): EventSink {
  let waiting = ''
  const flush = (): void => {
    const lines = waiting
    waiting = ''
    if (lines !== '') process.stderr.write(lines)
  }
  return (event) => {
    if (waiting === '') {
      setImmediate(flush)
      exitFlush(flush)
    }
    waiting += `${logLine(event)}\n`
  }
}

const flushes = new Set<() => void>()

/** One listener for the whole process, however many sinks there are. */
function exitFlush(flush: () => void): void {
  if (flushes.size === 0) process.once('exit', () => flushes.forEach((each) => each()))
  flushes.add(flush)
}
