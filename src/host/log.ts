/** The log of servers: one event with its fields at a time. */
import { type Clock, systemClock } from '../clock.ts'
import { formatTimestamp, now } from '../wire/timestamp.ts'

/** How much an event matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Facts about an event: text, numbers, booleans. Never payloads. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Takes events, wherever they go. */
export type Logger = (level: LogLevel, event: string, fields?: LogFields) => void

/** Where the lines of a log go, and what dates them. */
export type JsonLogOptions = {
  /** Takes a line without its end. Default: standard output. */
  readonly write?: ((line: string) => void) | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** A log of JSON objects, one per line: `event`, `level`, `timestamp` (RFC 3339), and the fields. */
export function jsonLog(options: JsonLogOptions = {}): Logger {
  const { write = toStandardOutput, clock = systemClock() } = options
  return (level, event, fields) => {
    const timestamp = formatTimestamp(now(clock))
    write(JSON.stringify({ ...fields, event, level, timestamp }))
  }
}

let configured: Logger | undefined

/**
 * Makes every server of this process log JSON lines unless it was given a log of its own (Angzarr
 * client: `configure_logging`). Answers with that log.
 */
export function configureLogging(options: JsonLogOptions = {}): Logger {
  configured = jsonLog(options)
  return configured
}

/** The log that was configured; without one, a line of text when a server starts, and warnings. */
export function defaultLogger(): Logger {
  return configured ?? plainLog
}

const plainLog: Logger = (level, event, fields = {}) => {
  if (event === 'server_started') {
    const { service, domain, address, transport } = fields
    toStandardOutput(`Server started: ${service} (${domain}) on ${address} (${transport})`)
  } else if (level === 'warn' || level === 'error') {
    process.stderr.write(`${JSON.stringify({ ...fields, event, level })}\n`)
  }
}

function toStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`)
}
