/**
 * Points in time on the wire: `google.protobuf.Timestamp`, RFC 3339 text under the rules of protobuf
 * JSON, and nanoseconds since 1970. Nothing is lost on the way: all three know nanoseconds.
 */
import { create } from '@bufbuild/protobuf'
import { type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt'
import { type Clock, type Nanoseconds, systemClock } from '../clock.ts'
import { errorTable } from '../errors.ts'
import { InvalidTimestampError } from '../errors/client-error.ts'

const SECOND = 1_000_000_000n
/** 0001-01-01T00:00:00Z. */
const SECONDS_MIN = -62_135_596_800
/** 9999-12-31T23:59:59Z. */
const SECONDS_MAX = 253_402_300_799

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/

/** The current time of a clock, by default this machine's (Angzarr client: `now`). */
export function now(clock: Clock = systemClock()): Timestamp {
  return timestampFromNanoseconds(clock.wall())
}

/** Nanoseconds since 1970 as a timestamp. */
export function timestampFromNanoseconds(time: Nanoseconds): Timestamp {
  let seconds = time / SECOND
  let nanos = time % SECOND
  if (nanos < 0n) {
    seconds -= 1n
    nanos += SECOND
  }
  return create(TimestampSchema, { seconds, nanos: Number(nanos) })
}

/** A timestamp as nanoseconds since 1970. */
export function nanosecondsFromTimestamp(timestamp: Timestamp): Nanoseconds {
  return timestamp.seconds * SECOND + BigInt(timestamp.nanos)
}

/**
 * Reads RFC 3339 text: date, `T`, time, up to nine digits of a fraction, and `Z` or an offset.
 *
 * @throws InvalidTimestampError `TIMESTAMP_PARSE_FAILED` with `input` and `cause`
 */
export function parseTimestamp(text: string): Timestamp {
  const match = RFC_3339.exec(text)
  if (match === null) {
    throw unparsable(text, 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z')
  }
  const [, year, month, day, hour, minute, second, fraction = '', sign, offHour, offMinute] = match
  const days = daysOf(Number(year), Number(month), Number(day))
  if (days === undefined) throw unparsable(text, 'no such day')
  const time = secondsOf(Number(hour), Number(minute), Number(second))
  if (time === undefined) throw unparsable(text, 'no such time of day')
  const offset = secondsOf(Number(offHour ?? 0), Number(offMinute ?? 0), 0)
  if (offset === undefined) throw unparsable(text, 'no such offset')
  const seconds = days * 86_400 + time - (sign === '-' ? -offset : offset)
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) {
    throw unparsable(text, 'before the year 1 or after the year 9999')
  }
  return create(TimestampSchema, {
    seconds: BigInt(seconds),
    nanos: Number(fraction.padEnd(9, '0')),
  })
}

/**
 * Writes a timestamp as RFC 3339 text in UTC, with no fraction or one of 3, 6 or 9 digits.
 *
 * @throws InvalidTimestampError `INVALID_TIMESTAMP` for one outside the years 1 to 9999 or with
 * nanoseconds outside a second; `input` says which
 */
export function formatTimestamp(timestamp: Timestamp): string {
  const { nanos } = timestamp
  const seconds = Number(timestamp.seconds)
  const valid = seconds >= SECONDS_MIN && seconds <= SECONDS_MAX && nanos >= 0 && nanos < 1e9
  if (!valid) {
    throw new InvalidTimestampError(errorTable.INVALID_TIMESTAMP.message, {
      details: { input: `${timestamp.seconds}s ${nanos}ns` },
    })
  }
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  if (nanos === 0) return `${whole}Z`
  const digits = String(nanos).padStart(9, '0')
  const shorter = digits.endsWith('000000') ? 3 : digits.endsWith('000') ? 6 : 9
  return `${whole}.${digits.slice(0, shorter)}Z`
}

/** Days from 1970-01-01 to a day; `undefined` when the calendar has no such day. */
function daysOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1
  return same && date.getUTCDate() === day ? date.getTime() / 86_400_000 : undefined
}

function secondsOf(hour: number, minute: number, second: number): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return hour * 3600 + minute * 60 + second
}

function unparsable(input: string, cause: string): InvalidTimestampError {
  return new InvalidTimestampError(errorTable.TIMESTAMP_PARSE_FAILED.message, {
    code: 'TIMESTAMP_PARSE_FAILED',
    details: { input, cause },
  })
}
