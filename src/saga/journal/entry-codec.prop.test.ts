import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { CodedError } from '../../errors.ts'
import type { Change, Entry } from '../../machine/journal.ts'
import { file_amends_saga_v1_journal } from '../../proto/amends/saga/v1/journal_pb.ts'
import { EventPageSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { decodeEventPage, encodeEventPage } from '../../wire/page-codec.ts'
import { asStored } from '../../wire/values/arbitrary-value.test.support.ts'
import { arbitraryEntries, arbitraryEntry } from './arbitrary-entry.test.support.ts'
import { decodeEntry } from './decode-entry.ts'
import { encodeEntry } from './encode-entry.ts'
import { entryTypes } from './entry-types.ts'

const sequence = fc.nat(100_000)

describe('an entry', () => {
  for (const [kind, entries] of Object.entries(arbitraryEntries)) {
    it(`of kind ${kind} is the same when it is read`, () => {
      fc.assert(
        fc.property(entries, sequence, (entry, place) => {
          assert.deepStrictEqual(decodeEntry(encodeEntry(entry, place)), entryAsStored(entry))
        }),
      )
    })

    it(`of kind ${kind} is a page with a message, byte for byte as the runtime writes them`, () => {
      fc.assert(
        fc.property(entries, sequence, (entry, place) => {
          const { type, page } = encodeEntry(entry, place)
          assert.deepEqual(toBinary(EventPageSchema, fromBinary(EventPageSchema, page)), page)
          const view = decodeEventPage(page)
          assert.equal(view.sequence, place)
          assert.equal(view.createdAt, entry.at)
          assert.equal(view.typeUrl, `type.googleapis.com/${type}`)
          const message = fromBinary(schemaOf(type), valueOf(page))
          assert.equal(message.$unknown, undefined)
          assert.deepEqual(toBinary(schemaOf(type), message), valueOf(page))
        }),
      )
    })
  }

  it('is read whatever fields of a newer version it has', () => {
    const unknown = fc.constantFrom(
      [0x98, 0x06, 0x96, 0x01],
      [0x9a, 0x06, 0x02, 0x68, 0x69],
      [0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x9d, 0x06, 1, 2, 3, 4],
    )
    fc.assert(
      fc.property(arbitraryEntry, unknown, fc.boolean(), (entry, more, isFirst) => {
        const { type, page } = encodeEntry(entry, 0)
        const value = valueOf(page)
        const grown = Buffer.concat(
          isFirst ? [Buffer.from(more), value] : [value, Buffer.from(more)],
        )
        const typeUrl = `type.googleapis.com/${type}`
        const other = encodeEventPage({ sequence: 0, createdAt: entry.at, typeUrl, value: grown })
        assert.deepStrictEqual(decodeEntry({ type, page: other }), entryAsStored(entry))
      }),
    )
  })

  it('that is damaged is read as an entry or refused with a code', () => {
    fc.assert(
      fc.property(arbitraryEntry, fc.nat(), fc.nat(255), fc.nat(), (entry, at, byte, cut) => {
        const { type, page } = encodeEntry(entry, 0)
        const damaged = Uint8Array.from(page)
        damaged[at % damaged.length] = byte
        const end = cut % 3 === 0 ? cut % damaged.length : damaged.length
        try {
          decodeEntry({ type, page: damaged.subarray(0, end) })
        } catch (error) {
          assert.ok(error instanceof CodedError)
          assert.equal(error.code, 'ENTRY_UNREADABLE')
          assert.equal(error.details['type'], type)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

it('every kind of entry has a message of its own', () => {
  assert.equal(new Set(entryTypes.values()).size, Object.keys(arbitraryEntries).length)
  for (const type of entryTypes.values()) assert.equal(schemaOf(type).typeName, type)
})

function schemaOf(type: string): DescMessage {
  const schema = file_amends_saga_v1_journal.messages.find(({ typeName }) => typeName === type)
  assert.ok(schema, type)
  return schema
}

function valueOf(page: Uint8Array): Uint8Array {
  return decodeEventPage(page).value ?? new Uint8Array(0)
}

/** What storing keeps of an entry: values without fields that are `undefined`. */
function entryAsStored(entry: Entry): unknown {
  const stored = asStored(entry) as Record<string, unknown>
  for (const key of ['input', 'data']) {
    if (key in entry && !(key in stored)) stored[key] = undefined
  }
  stored['begins'] = entry.begins.map((begin) =>
    begin.request === undefined
      ? { ...begin }
      : {
          ...begin,
          request: { target: begin.request.target, content: asStored(begin.request.content) },
        },
  )
  if ('change' in entry) stored['change'] = changeAsStored(entry.change)
  if (entry.kind === 'probed' && entry.found.kind === 'happened') {
    stored['found'] = { kind: 'happened', change: changeAsStored(entry.found.change) }
  }
  return stored
}

function changeAsStored(change: Change): Change {
  if (change.kind === 'same') return change
  if (change.kind === 'replace') return { kind: 'replace', value: asStored(change.value) }
  const { set, unset } = change
  const gone = Object.keys(set).filter((key) => set[key] === undefined)
  return {
    kind: 'patch',
    set: asStored(set) as Record<string, unknown>,
    unset: [...unset, ...gone],
  }
}
