import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { clone, create, type Message, toBinary } from '@bufbuild/protobuf'
import * as fc from 'fast-check'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { stateFolder } from '../../src/component/fold.ts'
import {
  type EventBook,
  EventBookSchema,
  SnapshotSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import {
  ItemAddedSchema,
  OrderCancelledSchema,
  OrderCompletedSchema,
  OrderCreatedSchema,
  OrderNoteAddedSchema,
  type OrderState,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { bookOf, make, pagesOf } from './envelopes.ts'

// Appliers of both kinds, none of them commutative, and one type (OrderCancelled) without any.
const folder = stateFolder(
  defineAggregate({ domain: 'order', state: OrderStateSchema })
    .applies(OrderCreatedSchema, (state, { customerId }) => {
      state.created = true
      state.customerId = customerId
    })
    .applies(ItemAddedSchema, (state, { quantity }) => ({
      ...state,
      itemCount: (state.itemCount * 2 + quantity) % 1_000_003,
    }))
    .applies(OrderNoteAddedSchema, (state, { note }) => {
      state.notes.push(note)
    })
    .applies(OrderCompletedSchema, (state) =>
      make(OrderStateSchema, { ...rest(state), completed: true }),
    ).definition,
)

function rest({ notes, itemCount, created, customerId }: OrderState) {
  return { notes, itemCount, created, customerId }
}

const event: fc.Arbitrary<Message> = fc.oneof(
  fc.string().map((customerId) => make(OrderCreatedSchema, { customerId })),
  fc.nat({ max: 9 }).map((quantity) => make(ItemAddedSchema, { quantity })),
  fc.string().map((note) => make(OrderNoteAddedSchema, { note })),
  fc.constant(make(OrderCompletedSchema)),
  fc.string().map((reason) => make(OrderCancelledSchema, { reason })),
)
const history = fc.array(event, { maxLength: 30 })
const bytesOf = (state: object) => [...toBinary(OrderStateSchema, state as OrderState)]

/** What a coordinator sends when it has a snapshot after `at`: the state, and pages from `from` on. */
function shortened(events: readonly Message[], at: number, from: number): EventBook {
  const state = folder.rebuild(bookOf('order', events.slice(0, at + 1))) as OrderState
  return create(EventBookSchema, {
    snapshot: create(SnapshotSchema, { sequence: at, state: packAny(OrderStateSchema, state) }),
    pages: pagesOf(events.slice(from), from),
    nextSequence: events.length,
  })
}

describe('the fold', () => {
  test('of a snapshot and any tail that begins in or behind it is the fold of everything', () => {
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (events, one, other) => {
          const at = one % events.length
          const from = other % (at + 2)
          const book = shortened(events, at, from)
          const whole = folder.rebuild(bookOf('order', events))
          assert.deepEqual(bytesOf(folder.rebuild(book)), bytesOf(whole))
        },
      ),
    )
  })

  test('never changes the book', () => {
    fc.assert(
      fc.property(history, fc.boolean(), (events, withSnapshot) => {
        const book =
          withSnapshot && events.length > 0
            ? shortened(events, events.length - 1, 0)
            : bookOf('order', events)
        const before = clone(EventBookSchema, book)
        folder.rebuild(book)
        assert.deepEqual(book, before)
      }),
    )
  })

  test('is the same page by page, event by event and all at once', () => {
    fc.assert(
      fc.property(history, (events) => {
        const book = bookOf('order', events)
        const whole = bytesOf(folder.rebuild(book))
        let encoded = folder.fresh()
        let direct = folder.fresh()
        for (const [index, message] of events.entries()) {
          encoded = folder.applyPages(encoded, book.pages.slice(index, index + 1))
          direct = folder.applierOf(message.$typeName)?.(direct, message) ?? direct
        }
        assert.deepEqual([bytesOf(encoded), bytesOf(direct)], [whole, whole])
      }),
    )
  })

  test('can be continued where it stopped', () => {
    fc.assert(
      fc.property(history, history, (before, after) => {
        const first = folder.rebuild(bookOf('order', before))
        const continued = folder.applyPages(first, pagesOf(after, before.length))
        const whole = folder.rebuild(bookOf('order', [...before, ...after]))
        assert.deepEqual(bytesOf(continued), bytesOf(whole))
      }),
    )
  })
})
