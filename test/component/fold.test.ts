import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { clone, create, type Message, toBinary } from '@bufbuild/protobuf'
import { commandHandler } from '../../src/component/decorate-class.ts'
import { applies, stateFactory } from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { definitionOf } from '../../src/component/definition-of.ts'
import { stateFolder } from '../../src/component/fold.ts'
import { nextSequenceAsSent } from '../../src/component/next-sequence-as-sent.ts'
import {
  type EventBook,
  EventBookSchema,
  SnapshotSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { type Added, AddedSchema, CounterStateSchema } from '../fixtures/gen/counter_pb.ts'
import {
  ItemAddedSchema,
  OrderCompletedSchema,
  OrderCreatedSchema,
  OrderNoteAddedSchema,
  type OrderState,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { bookOf, corruptPage, make, pagesOf } from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'

const order = defineAggregate({ domain: 'order', state: OrderStateSchema })
  .applies(OrderCreatedSchema, (state, { customerId }) => {
    state.created = true
    state.customerId = customerId
  })
  .applies(ItemAddedSchema, (state, { quantity }) => ({
    ...state,
    itemCount: state.itemCount + quantity,
  }))
  .applies(OrderNoteAddedSchema, (state, { note }) => {
    state.notes.push(note)
  })
const counter = defineAggregate({ domain: 'counter', state: CounterStateSchema }).applies(
  AddedSchema,
  (state, { n }) => {
    state.count += n
  },
)
const folder = stateFolder(order.definition)
const counting = stateFolder(counter.definition)

const note = (text: string) => make(OrderNoteAddedSchema, { note: text })
const added = (n: number) => make(AddedSchema, { n })
const stateOf = (book?: EventBook) => folder.rebuild(book) as OrderState // its schema says so
const notesOf = (book: EventBook) => stateOf(book).notes
const countOf = (state: object) => 'count' in state && state.count

/** A book with a snapshot whose state bears the note `snapshot`. */
function withSnapshot(sequence: number, events: readonly Message[] = [], first = 0): EventBook {
  const state = packAny(OrderStateSchema, make(OrderStateSchema, { notes: ['snapshot'] }))
  const { nextSequence: _said, ...book } = bookOf('order', events, first)
  return { ...book, nextSequence: 0, snapshot: create(SnapshotSchema, { sequence, state }) }
}

describe('the fold', () => {
  test('of an empty book is the default state [coordinator-SB-01]', () => {
    assert.deepEqual(stateOf(bookOf('order', [])), create(OrderStateSchema))
    assert.deepEqual(stateOf(undefined), create(OrderStateSchema))
  })

  test('of one event reflects it [coordinator-SB-02]', () => {
    const state = stateOf(bookOf('order', [make(OrderCreatedSchema, { customerId: 'c-1' })]))
    assert.deepEqual([state.created, state.customerId], [true, 'c-1'])
  })

  test('of three events reflects all of them [coordinator-SB-03]', () => {
    const item = make(ItemAddedSchema, { quantity: 1 })
    const state = stateOf(bookOf('order', [make(OrderCreatedSchema), item, item]))
    assert.deepEqual([state.created, state.itemCount], [true, 2])
  })

  test('applies events in the order of the book [coordinator-SB-04]', () => {
    assert.deepEqual(notesOf(bookOf('order', [note('a'), note('b'), note('c')])), ['a', 'b', 'c'])
  })

  test('of a snapshot alone is its state [coordinator-SB-05]', () => {
    assert.deepEqual(notesOf(withSnapshot(5)), ['snapshot'])
  })

  test('of a snapshot and what follows begins with the snapshot [coordinator-SB-06]', () => {
    const later = [note('6'), note('7'), note('8'), note('9')]
    assert.deepEqual(notesOf(withSnapshot(5, later, 6)), ['snapshot', '6', '7', '8', '9'])
  })

  test('skips pages that a snapshot covers [coordinator-SB-07]', () => {
    const book = withSnapshot(5)
    book.pages = [3, 4, 6, 7].flatMap((sequence) => pagesOf([note(`${sequence}`)], sequence))
    assert.deepEqual(notesOf(book), ['snapshot', '6', '7'])
  })

  test('applies pages without a sequence whatever the snapshot covers', () => {
    const book = withSnapshot(5, [note('covered')], 5)
    book.pages.push(
      ...pagesOf([note('unnumbered')]).map((page) => ({
        ...page,
        header: create(EventBookSchema, { pages: [{ header: {} }] }).pages[0]!.header!,
      })),
    )
    assert.deepEqual(notesOf(book), ['snapshot', 'unnumbered'])
  })

  test('skips unknown types without an error [coordinator-SB-08]', () => {
    const book = bookOf('order', [note('a'), make(OrderCompletedSchema), note('b')])
    book.pages.push(corruptPage('unknown.Type'), create(EventBookSchema, { pages: [{}] }).pages[0]!)
    assert.deepEqual(notesOf(book), ['a', 'b'])
  })

  test('adds one event to a field [coordinator-SB-09]', () => {
    assert.equal(countOf(counting.rebuild(bookOf('counter', [added(10)]))), 10)
  })

  test('adds several events to a field [coordinator-SB-10]', () => {
    assert.equal(countOf(counting.rebuild(bookOf('counter', [5, 3, 2].map(added)))), 10)
  })

  test('takes events out of their envelopes [coordinator-SB-11] [coordinator-SB-21]', () => {
    const pages = pagesOf([added(1), added(2), added(3)])
    assert.ok(pages.every(({ payload }) => payload.case === 'event'))
    assert.equal(countOf(counting.applyPages(counting.fresh(), pages)), 6)
  })

  test('chooses the applier by the type in the envelope [coordinator-SB-12] [coordinator-SB-22]', () => {
    const state = make(OrderStateSchema)
    const bytes = toBinary(ItemAddedSchema, make(ItemAddedSchema, { quantity: 4 }))
    const applied = folder.applyEncoded(state, 'orders.ItemAdded', bytes)
    assert.deepEqual(applied, make(OrderStateSchema, { itemCount: 4 }))
    const direct = folder.applierOf('orders.ItemAdded')
    assert.deepEqual(direct?.(state, make(ItemAddedSchema, { quantity: 2 })), {
      ...state,
      itemCount: 2,
    })
    assert.equal(folder.applierOf('orders.OrderCompleted'), undefined)
  })

  test('refuses bytes that are no event, and says which type they claim [coordinator-SB-13]', () => {
    const book = bookOf('order', [note('a')])
    book.pages.push(corruptPage('orders.ItemAdded'))
    assert.throws(
      () => stateOf(book),
      (error) => {
        assert.ok(coded('ANY_DECODE_FAILED')(error))
        const details: unknown = Reflect.get(Object(error), 'details')
        assert.equal(
          Reflect.get(Object(details), 'type_url'),
          'type.googleapis.com/orders.ItemAdded',
        )
        return true
      },
    )
  })

  test('leaves what an event lacks at its default: proto3 requires no field [coordinator-SB-14]', () => {
    const bytes = new Uint8Array(0)
    const state = folder.applyEncoded(folder.fresh(), 'orders.OrderCreated', bytes)
    assert.deepEqual(state, make(OrderStateSchema, { created: true, customerId: '' }))
  })

  test('leaves the book as it was [coordinator-SB-19]', () => {
    const book = withSnapshot(1, [note('a'), make(ItemAddedSchema, { quantity: 1 })], 2)
    const before = clone(EventBookSchema, book)
    stateOf(book)
    assert.deepEqual(book, before)
  })

  test('gives a state of its own each time [coordinator-SB-20]', () => {
    const book = bookOf('order', [note('a')])
    const [one, other] = [stateOf(book), stateOf(book)]
    assert.notEqual(one, other)
    other.notes.push('mine')
    assert.deepEqual(one.notes, ['a'])
    assert.notEqual(folder.fresh(), folder.fresh())
  })

  test('ignores a snapshot of another type', () => {
    const book = withSnapshot(5, [note('a')], 3)
    book.snapshot = create(SnapshotSchema, {
      sequence: 5,
      state: packAny(CounterStateSchema, make(CounterStateSchema)),
    })
    assert.deepEqual(notesOf(book), ['a'])
    assert.equal(folder.stateOf(book.snapshot), undefined)
    assert.equal(folder.stateOf(undefined), undefined)
  })

  test('reads an event in the middle of other bytes', () => {
    const event = toBinary(AddedSchema, added(7))
    const bytes = new Uint8Array([0xff, ...event, 0xff])
    const state = counting.applyEncoded(
      counting.fresh(),
      'counter.Added',
      bytes,
      1,
      1 + event.length,
    )
    assert.equal(countOf(state), 7)
  })

  test('is the same folder for the same definition', () => {
    assert.equal(stateFolder(order.definition), folder)
    assert.equal(folder.stateSchema, OrderStateSchema)
  })
})

describe('the next sequence', () => {
  const silent = (book: EventBook): EventBook => ({ ...book, nextSequence: 0 })

  test('of nothing is 0 [coordinator-SB-15]', () => {
    assert.equal(nextSequenceAsSent(undefined), 0)
    assert.equal(nextSequenceAsSent(create(EventBookSchema)), 0)
  })

  test('lies behind the last page [coordinator-SB-16]', () => {
    const five = Array.from({ length: 5 }, () => note(''))
    assert.equal(nextSequenceAsSent(silent(bookOf('order', five))), 5)
  })

  test('lies behind the snapshot when there are no pages [coordinator-SB-17]', () => {
    assert.equal(nextSequenceAsSent(withSnapshot(10)), 11)
  })

  test('lies behind the last page also with a snapshot [coordinator-SB-18]', () => {
    assert.equal(nextSequenceAsSent(withSnapshot(5, [note('6'), note('7'), note('8')], 6)), 9)
  })

  test('is what the sender says when it does', () => {
    assert.equal(nextSequenceAsSent({ ...withSnapshot(5), nextSequence: 42 }), 42)
  })
})

describe('an applier', () => {
  class Tally {
    count = 0
  }
  const event = added(1)

  test('of a class is called on an instance, made once or given', () => {
    let made = 0
    @commandHandler({ domain: 'counter', state: Tally })
    class Counter {
      readonly step: number
      constructor(step = 1) {
        this.step = step
        made++
      }
      @stateFactory fresh() {
        return Object.assign(new Tally(), { count: this.step * 100 })
      }
      @applies(AddedSchema) added(state: Tally, _event: Added) {
        state.count += this.step
      }
    }
    const definition = definitionOf(Counter)
    assert.ok(definition.kind === 'command_handler')
    const classy = stateFolder(definition)
    const state = classy.applyPages(classy.fresh(), pagesOf([event, event]))
    assert.ok(state instanceof Tally)
    assert.deepEqual([state.count, made, classy.stateSchema], [102, 1, undefined])
    const own = classy.rebuild(bookOf('counter', [event]), new Counter(7))
    assert.equal(countOf(own), 707)
    assert.equal(countOf(classy.applierOf('counter.Added')?.(new Tally(), event) ?? {}), 1)
  })

  test('of a class state begins with a new instance', () => {
    const plain = stateFolder(
      defineAggregate({ domain: 'counter', state: Tally }).applies(AddedSchema, (state, { n }) => ({
        count: state.count + n,
      })).definition,
    )
    assert.ok(plain.fresh() instanceof Tally)
    assert.deepEqual(plain.rebuild(bookOf('counter', [added(2), added(3)])), { count: 5 })
  })

  test('may evaluate to something that is no state', () => {
    const answers: readonly unknown[] = [7, 'x', null, [1], make(AddedSchema)]
    for (const answer of answers) {
      const odd = defineAggregate({ domain: 'counter', state: CounterStateSchema }).applies(
        AddedSchema,
        (state, { n }) => {
          state.count += n
          return answer as undefined // as an arrow function without types may
        },
      )
      const rebuilt = stateFolder(odd.definition).rebuild(bookOf('counter', [added(4)]))
      assert.equal(countOf(rebuilt), 4)
    }
  })

  test('is refused when it is asynchronous, as is a state factory', () => {
    const later = async () => Promise.resolve(make(CounterStateSchema))
    const slow = defineAggregate({ domain: 'counter', state: CounterStateSchema })
    const promised = later as unknown as () => ReturnType<typeof make<typeof CounterStateSchema>>
    const refusal = (field: string) =>
      dispatch('HANDLER_WRONG_RESPONSE_KIND', 'INTERNAL', {
        expected_kind: 'state',
        actual: 'Promise',
        field,
      })
    const applier = stateFolder(slow.applies(AddedSchema, promised).definition)
    assert.throws(
      () => applier.rebuild(bookOf('counter', [event])),
      refusal('applies(counter.Added)'),
    )
    const factory = stateFolder(slow.stateFactory(promised).definition)
    assert.throws(() => factory.fresh(), refusal('stateFactory'))
  })
})
