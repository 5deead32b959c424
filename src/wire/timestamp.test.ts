import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { TimestampSchema } from '@bufbuild/protobuf/wkt'
import { InvalidTimestampError } from '../errors/client-error.ts'
import {
  formatTimestamp,
  nanosecondsFromTimestamp,
  now,
  parseTimestamp,
  timestampFromNanoseconds,
} from './timestamp.ts'

const second = 1_000_000_000n

describe('parseTimestamp', () => {
  test('reads UTC [client-C-0390]', () => {
    const parsed = parseTimestamp('2024-01-15T10:30:00Z')
    assert.deepStrictEqual(parsed, create(TimestampSchema, { seconds: 1_705_314_600n }))
  })

  test('reads up to nine digits of a fraction', () => {
    const nanos = (text: string): number => parseTimestamp(`2024-01-15T10:30:00${text}Z`).nanos
    assert.equal(nanos('.123456789'), 123_456_789)
    assert.equal(nanos('.5'), 500_000_000)
    assert.equal(nanos('.000000001'), 1)
  })

  test('subtracts an offset', () => {
    const { seconds } = parseTimestamp('2024-01-15T10:30:00Z')
    assert.equal(parseTimestamp('2024-01-15T12:30:00+02:00').seconds, seconds)
    assert.equal(parseTimestamp('2024-01-15T05:00:00-05:30').seconds, seconds)
    assert.equal(parseTimestamp('2024-01-15T10:30:00-00:00').seconds, seconds)
  })

  test('knows the calendar', () => {
    assert.equal(parseTimestamp('2024-02-29T00:00:00Z').seconds, 1_709_164_800n)
    assert.equal(parseTimestamp('1969-12-31T23:59:59.5Z').seconds, -1n)
    assert.equal(parseTimestamp('0001-01-01T00:00:00Z').seconds, -62_135_596_800n)
    assert.equal(parseTimestamp('9999-12-31T23:59:59.999999999Z').seconds, 253_402_300_799n)
  })

  const bad = [
    ['not-a-timestamp', 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z'],
    ['', 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z'],
    ['2024-01-15', 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z'],
    ['2024-01-15T10:30:00', 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z'],
    ['2024-01-15 10:30:00Z', 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z'],
    [
      '2024-01-15T10:30:00.1234567890Z',
      'expected date, T, time and zone, as in 2024-01-15T10:30:00Z',
    ],
    ['2024-01-15T10:30:00.Z', 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z'],
    [' 2024-01-15T10:30:00Z', 'expected date, T, time and zone, as in 2024-01-15T10:30:00Z'],
    ['2023-02-29T00:00:00Z', 'no such day'],
    ['2024-13-01T00:00:00Z', 'no such day'],
    ['2024-00-10T00:00:00Z', 'no such day'],
    ['2024-01-15T24:00:00Z', 'no such time of day'],
    ['2024-01-15T10:60:00Z', 'no such time of day'],
    ['2024-01-15T10:30:60Z', 'no such time of day'],
    ['2024-01-15T10:30:00+24:00', 'no such offset'],
    ['0001-01-01T00:00:00+01:00', 'before the year 1 or after the year 9999'],
    ['9999-12-31T23:59:59-01:00', 'before the year 1 or after the year 9999'],
    ['0000-12-31T00:00:00Z', 'before the year 1 or after the year 9999'],
  ] as const
  for (const [input, cause] of bad) {
    test(`refuses "${input}" with a code, the input and the cause [client-C-0391]`, () => {
      assert.throws(
        () => parseTimestamp(input),
        (error: unknown) => {
          assert.ok(error instanceof InvalidTimestampError)
          assert.equal(error.code, 'TIMESTAMP_PARSE_FAILED')
          assert.equal(error.message, 'failed to parse RFC3339 timestamp')
          assert.deepStrictEqual(error.details, { input, cause })
          return true
        },
      )
    })
  }
})

describe('formatTimestamp', () => {
  test('writes as many digits as are needed, by threes', () => {
    const format = (time: bigint): string => formatTimestamp(timestampFromNanoseconds(time))
    assert.equal(format(1_705_314_600n * second), '2024-01-15T10:30:00Z')
    assert.equal(format(500_000_000n), '1970-01-01T00:00:00.500Z')
    assert.equal(format(1000n), '1970-01-01T00:00:00.000001Z')
    assert.equal(format(1n), '1970-01-01T00:00:00.000000001Z')
    assert.equal(format(-1n), '1969-12-31T23:59:59.999999999Z')
  })

  test('refuses what no calendar has', () => {
    const wrong = [
      { seconds: 253_402_300_800n },
      { seconds: -62_135_596_801n },
      { nanos: -1 },
      { nanos: 1e9 },
    ]
    for (const init of wrong) {
      assert.throws(() => formatTimestamp(create(TimestampSchema, init)), {
        code: 'INVALID_TIMESTAMP',
      })
    }
  })
})

describe('timestampFromNanoseconds', () => {
  test('rounds seconds down, so that nanoseconds are never negative', () => {
    const parts = (time: bigint): unknown[] => {
      const { seconds, nanos } = timestampFromNanoseconds(time)
      return [seconds, nanos]
    }
    assert.deepStrictEqual(parts(0n), [0n, 0])
    assert.deepStrictEqual(parts(1_500_000_001n), [1n, 500_000_001])
    assert.deepStrictEqual(parts(-1n), [-1n, 999_999_999])
    assert.deepStrictEqual(parts(-second), [-1n, 0])
  })
})

describe('now', () => {
  test('is the wall time of the clock', () => {
    const clock = { wall: () => 42n, monotonicMs: () => 0, after: () => ({ cancel: () => {} }) }
    assert.equal(nanosecondsFromTimestamp(now(clock)), 42n)
  })

  test('is by default the time of this machine', () => {
    const parsed = nanosecondsFromTimestamp(now())
    assert.ok(parsed > 1_700_000_000n * second)
  })
})
