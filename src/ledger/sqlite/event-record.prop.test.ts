import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Visibility } from '../ledger.ts'
import {
  readCorrelationId,
  readRecord,
  RECORD_PREFIX_BYTES,
  recordBytesMax,
  recordChunk,
  stampRecord,
  writeRecord,
} from './event-record.ts'

const visibility: fc.Arbitrary<Visibility> = fc.oneof(
  fc.constant({ kind: 'open' as const }),
  fc.constant({ kind: 'isolated' as const }),
  fc.string({ minLength: 1, unit: 'grapheme' }).map((cascadeId) => ({
    kind: 'pending' as const,
    cascadeId,
  })),
)

const event = fc.record(
  {
    correlationId: fc.string({ maxLength: 128, unit: 'grapheme' }),
    visibility,
    page: fc.uint8Array({ maxLength: 300 }),
    commit: fc.maxSafeNat(),
    position: fc.maxSafeNat(),
    stream: fc.nat({ max: 0xffff_ffff }),
    sequence: fc.nat({ max: 0xffff_ffff }),
    recordedAt: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    type: fc.nat({ max: 0xffff_ffff }),
  },
  { noNullPrototype: true },
)

describe('an event record', () => {
  test('comes back from a chunk as it was written', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), (events) => {
        const size = events.reduce((sum, one) => sum + recordBytesMax(one), 0)
        const target = Buffer.alloc(size)
        let end = 0
        for (const one of events) {
          const from = end
          end = writeRecord(target, from, one)
          const view = new DataView(target.buffer, target.byteOffset, target.length)
          assert.equal(stampRecord(view, from, one), end - from)
        }
        const chunk = recordChunk(target.subarray(0, end))
        let at = 0
        for (const one of events) {
          const read = readRecord(chunk, at)
          assert.ok(read !== undefined)
          const { length, ...rest } = read
          assert.deepEqual(rest, one)
          assert.equal(readCorrelationId(target.subarray(at, at + length)), one.correlationId)
          at += length
        }
        assert.equal(at, end)
      }),
    )
  })

  test('that is cut anywhere is not read', () => {
    fc.assert(
      fc.property(event, fc.nat(), (one, cut) => {
        const target = Buffer.alloc(recordBytesMax(one))
        const end = writeRecord(target, 0, one)
        const part = target.subarray(0, cut % end)
        assert.equal(readRecord(recordChunk(part), 0), undefined)
      }),
    )
  })

  test('keeps its correlation id within its prefix', () => {
    const correlationId = '訂'.repeat(128)
    const parts = { correlationId, visibility: { kind: 'open' }, page: new Uint8Array(9) } as const
    const target = Buffer.alloc(recordBytesMax(parts))
    const end = writeRecord(target, 0, parts)
    const prefix = target.subarray(0, Math.min(end, RECORD_PREFIX_BYTES))
    assert.equal(readCorrelationId(prefix), correlationId)
  })
})
