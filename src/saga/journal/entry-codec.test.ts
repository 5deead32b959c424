import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toJson, fromBinary } from '@bufbuild/protobuf'
import { codedError } from '../../errors.ts'
import type { Entry } from '../../machine/journal.ts'
import { StepSucceededSchema } from '../../proto/amends/saga/v1/journal_pb.ts'
import { decodeEventPage, encodeEventPage } from '../../wire/page-codec.ts'
import { decodeEntry } from './decode-entry.ts'
import { encodeEntry } from './encode-entry.ts'

const AT = 1_763_658_000_123_456_789n
const succeeded: Entry = {
  kind: 'succeeded',
  path: 'charge',
  attempt: 1,
  change: { kind: 'patch', set: { charge: 'c-1' }, unset: ['draft'] },
  at: AT,
  begins: [{ path: 'ship', direction: 'forward', attempt: 1 }],
}

describe('an entry', () => {
  it('is an event like those of aggregates: type, place, time and message', () => {
    const { type, page } = encodeEntry(succeeded, 7)
    assert.equal(type, 'amends.saga.v1.StepSucceeded')
    const view = decodeEventPage(page)
    assert.equal(view.sequence, 7)
    assert.equal(view.createdAt, AT)
    assert.ok(view.value)
    assert.deepEqual(toJson(StepSucceededSchema, fromBinary(StepSucceededSchema, view.value)), {
      path: 'charge',
      attempt: 1,
      change: { patch: { set: { data: base64('{"charge":"c-1"}') }, unset: ['draft'] } },
      begins: [{ path: 'ship', attempt: 1 }],
    })
  })

  it('is stored without the error behind its failure', () => {
    const failure = { path: 'charge', outcome: 'refused', code: 'NO_MONEY', message: 'no' } as const
    const entry: Entry = {
      kind: 'failed',
      path: 'charge',
      attempt: 1,
      failure: { ...failure, error: new Error('no') },
      happened: false,
      at: AT,
      begins: [],
    }
    assert.deepStrictEqual(decodeEntry(encodeEntry(entry, 0)), { ...entry, failure })
  })

  it('takes optional fields that are undefined for fields that are not there', () => {
    const entry: Entry = { ...succeeded, services: undefined, turns: undefined }
    assert.deepStrictEqual(decodeEntry(encodeEntry(entry, 0)), succeeded)
  })

  it('says that a field is gone when it became undefined', () => {
    const change = { kind: 'patch', set: { a: 1, b: undefined }, unset: ['c'] } as const
    const read = decodeEntry(encodeEntry({ ...succeeded, change }, 0))
    const expected = { kind: 'patch', set: { a: 1 }, unset: ['c', 'b'] }
    assert.deepStrictEqual(read.kind === 'succeeded' && read.change, expected)
  })

  it('with a value that cannot be stored is refused, and the next one is not affected', () => {
    const change = { kind: 'replace', value: { run: () => 1 } } as const
    assert.throws(() => encodeEntry({ ...succeeded, change }, 0), {
      code: 'VALUE_NOT_STORABLE',
      details: { path: 'run', type: 'function' },
    })
    assert.deepStrictEqual(decodeEntry(encodeEntry(succeeded, 0)), succeeded)
  })

  it('may be encoded while another one is', () => {
    const inner = encodeEntry(succeeded, 1)
    const value = {
      get again() {
        assert.deepEqual(encodeEntry(succeeded, 1), inner)
        return 1
      },
    }
    const read = decodeEntry(encodeEntry({ ...succeeded, change: { kind: 'replace', value } }, 0))
    const expected = { ...succeeded, change: { kind: 'replace', value: { again: 1 } } }
    assert.deepStrictEqual(read, expected)
    assert.deepEqual(encodeEntry(succeeded, 1), inner)
  })

  it('says that no branch of a conditional was chosen [minos-B-14]', () => {
    const entry: Entry = { kind: 'chosen', path: 'vip', branch: -1, at: AT, begins: [] }
    assert.deepStrictEqual(decodeEntry(encodeEntry(entry, 3)), entry)
  })

  it('larger than the writer is at first is stored whole', () => {
    const change = { kind: 'replace', value: 'é'.repeat(300_000) } as const
    const entry: Entry = { ...succeeded, change }
    assert.deepStrictEqual(decodeEntry(encodeEntry(entry, 0)), entry)
  })
})

describe('what is no entry that this version can read', () => {
  const typeUrl = 'type.googleapis.com/amends.saga.v1.StepFailed'
  const cases: readonly (readonly [string, string, readonly number[]])[] = [
    ['an event of another type', 'order.Placed', []],
    ['a kind of entry that is not known', 'amends.saga.v1.StepDreamt', []],
    ['a constant that is not known', 'amends.saga.v1.StepFailed', [0x1a, 0x02, 0x10, 0x09]],
    [
      'a format of values that is not known',
      'amends.saga.v1.StepSucceeded',
      [0x1a, 0x04, 0x0a, 0x02, 0x10, 0x01],
    ],
    ['a message that ends too early', 'amends.saga.v1.StepFailed', [0x0a, 0x05, 0x61]],
  ]
  for (const [name, type, bytes] of cases) {
    it(`is refused with a code: ${name}`, () => {
      const value = Uint8Array.from(bytes)
      const page = encodeEventPage({ sequence: 0, createdAt: AT, typeUrl, value })
      assert.throws(() => decodeEntry({ type, page }), { code: 'ENTRY_UNREADABLE' })
    })
  }

  it('is refused with a code: a page without a time', () => {
    const page = encodeEventPage({ sequence: 0, typeUrl, value: new Uint8Array(0) })
    const type = 'amends.saga.v1.StepFailed'
    assert.throws(() => decodeEntry({ type, page }), { code: 'ENTRY_UNREADABLE' })
  })

  it('is refused with the error behind it', () => {
    const type = 'amends.saga.v1.StepFailed'
    const expected = codedError('ENTRY_UNREADABLE').message
    assert.throws(() => decodeEntry({ type, page: new Uint8Array([0xff]) }), { message: expected })
  })
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
