/** What holds for any event page, whichever code encodes and decodes its parts. */
import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import {
  type EventPage,
  EventPageSchema,
  type PageHeader,
  PageHeaderSchema,
  type PayloadReference,
  PayloadReferenceSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { arbitraryMessage, mutated } from './arbitrary-message.test.support.ts'
import { sequenceHeader } from './header.ts'
import { decodeEventPage, encodeEventPage } from './page-codec.ts'
import type { EventPageView } from './page-view.ts'
import { nanosecondsFromTimestamp, timestampFromNanoseconds } from './timestamp.ts'

const time = fc.oneof(
  fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_700_000_005_000_000_000n }),
  fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n }),
  fc.constantFrom(0n, 1n, -1n, 1_000_000_000n, -1_000_000_000n),
)
const parts = fc.record(
  {
    sequence: fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    header: arbitraryMessage(PageHeaderSchema) as unknown as fc.Arbitrary<PageHeader>,
    createdAt: time,
    typeUrl: fc.oneof(fc.constant('type.googleapis.com/orders.OrderCreated'), fc.string()),
    value: fc.uint8Array({ maxLength: 300 }),
    external: arbitraryMessage(PayloadReferenceSchema) as unknown as fc.Arbitrary<PayloadReference>,
    noCommit: fc.boolean(),
    cascadeId: fc.string(),
  },
  { requiredKeys: [] },
)

/** The page that the parts describe, as the runtime makes it. */
function pageOf(from: Partial<typeof parts extends fc.Arbitrary<infer P> ? P : never>): EventPage {
  const page = create(EventPageSchema, { noCommit: from.noCommit ?? false })
  if (from.header !== undefined) page.header = from.header
  else if (from.sequence !== undefined) page.header = sequenceHeader(from.sequence)
  if (from.createdAt !== undefined) page.createdAt = timestampFromNanoseconds(from.createdAt)
  if (from.cascadeId !== undefined) page.cascadeId = from.cascadeId
  if (from.external !== undefined) page.payload = { case: 'external', value: from.external }
  else if (from.typeUrl !== undefined) {
    const { typeUrl, value = new Uint8Array(0) } = from
    page.payload = { case: 'event', value: create(AnySchema, { typeUrl, value }) }
  }
  return page
}

/** What can be asked of a page, from its view and from the message. */
function seen(view: EventPageView): unknown {
  const { sequence, createdAt, typeUrl, value, noCommit, cascadeId } = view
  return { sequence, createdAt, typeUrl, value: value && [...value], noCommit, cascadeId }
}

function expected(page: EventPage): unknown {
  const { header, createdAt, payload, noCommit, cascadeId } = page
  const event = payload.case === 'event' ? payload.value : undefined
  return {
    sequence: header?.sequenceType.case === 'sequence' ? header.sequenceType.value : undefined,
    createdAt: createdAt && nanosecondsFromTimestamp(createdAt),
    typeUrl: event?.typeUrl ?? '',
    value: event && [...event.value],
    noCommit,
    cascadeId,
  }
}

/** Registers the tests. */
export function pageCodecProperties(): void {
  test('is encoded as by the runtime', () => {
    const property = fc.property(parts, (from) => {
      assert.deepStrictEqual(encodeEventPage(from), toBinary(EventPageSchema, pageOf(from)))
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('is read as by the runtime, in the middle of other bytes too', () => {
    const around = fc.uint8Array({ maxLength: 3 })
    const property = fc.property(parts, around, around, (from, before, after) => {
      const page = pageOf(from)
      const bytes = toBinary(EventPageSchema, page)
      const all = Uint8Array.from([...before, ...bytes, ...after])
      const view = decodeEventPage(all, before.length, before.length + bytes.length)
      assert.deepStrictEqual(seen(view), expected(page))
    })
    fc.assert(property, { numRuns: 1000 })
  })

  test('two pages behind each other are merged as by the runtime', () => {
    const property = fc.property(parts, parts, (first, second) => {
      const both = [first, second].flatMap((from) => [...encodeEventPage(from)])
      const bytes = Uint8Array.from(both)
      const page = fromBinary(EventPageSchema, bytes)
      assert.deepStrictEqual(seen(decodeEventPage(bytes)), expected(page))
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('bytes near a page are read or refused as by the runtime', () => {
    const any = arbitraryMessage(EventPageSchema) as unknown as fc.Arbitrary<EventPage>
    const near = mutated(
      fc.oneof(
        any.map((page) => toBinary(EventPageSchema, page)),
        parts.map((from) => toBinary(EventPageSchema, pageOf(from))),
      ),
    )
    const outcome = (call: () => unknown): unknown => {
      try {
        return call()
      } catch (error) {
        return String(error)
      }
    }
    const property = fc.property(near, (bytes) => {
      assert.deepStrictEqual(
        outcome(() => seen(decodeEventPage(bytes))),
        outcome(() => expected(fromBinary(EventPageSchema, bytes))),
      )
    })
    fc.assert(property, { numRuns: 1000 })
  })
}
