import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { fromJson, toJson } from '@bufbuild/protobuf'
import { TimestampSchema } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import {
  formatTimestamp,
  nanosecondsFromTimestamp,
  parseTimestamp,
  timestampFromNanoseconds,
} from './timestamp.ts'

const min = -62_135_596_800n * 1_000_000_000n
const max = 253_402_300_799n * 1_000_000_000n + 999_999_999n
const time = fc.bigInt({ min, max })

describe('a point in time', () => {
  test('survives timestamps and text to the nanosecond', () => {
    const property = fc.property(time, (nanoseconds) => {
      const timestamp = timestampFromNanoseconds(nanoseconds)
      assert.equal(nanosecondsFromTimestamp(timestamp), nanoseconds)
      assert.deepStrictEqual(parseTimestamp(formatTimestamp(timestamp)), timestamp)
    })
    fc.assert(property)
  })

  test('reads and writes as in the JSON of the runtime', () => {
    const property = fc.property(time, (nanoseconds) => {
      const timestamp = timestampFromNanoseconds(nanoseconds)
      const text = toJson(TimestampSchema, timestamp)
      assert.equal(formatTimestamp(timestamp), text)
      assert.deepStrictEqual(parseTimestamp(String(text)), fromJson(TimestampSchema, text))
    })
    fc.assert(property)
  })
})
