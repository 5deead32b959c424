import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, type Message } from '@bufbuild/protobuf'
import { commandHandler } from '../../src/component/decorate-class.ts'
import { applies, handlesFact } from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { FactContext } from '../../src/component/handler-context.ts'
import { fact } from '../../src/component/outgoing-books.ts'
import {
  FactRequestSchema,
  ReplayRequestSchema,
  ReplayResponseSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type EventBook,
  EventBookSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny, unpackAny } from '../../src/wire/any.ts'
import {
  type CountReported,
  CountReportedSchema,
  CounterStateSchema,
  type CounterState,
  FirstMarkerSchema,
  IncreasedSchema,
  type Increased,
} from '../fixtures/gen/counter_pb.ts'
import { bookOf, corrupt, corruptPage, make, messagesIn, outline } from './envelopes.ts'
import { coded } from './has-code.ts'
import { aggregates } from './routers.ts'

const reported = (n: number) => make(CountReportedSchema, { n })
const increased = () => make(IncreasedSchema)
const counter = () => defineAggregate({ domain: 'counter', state: CounterStateSchema })
const admit = (facts: EventBook, priorEvents?: EventBook) =>
  create(FactRequestSchema, { facts, ...(priorEvents === undefined ? {} : { priorEvents }) })
const annotating = () =>
  counter()
    .applies(IncreasedSchema, (state) => {
      state.count++
    })
    .handlesFact(CountReportedSchema, ({ n }, state, { externalId, correlationId, sequence }) =>
      make(CountReportedSchema, {
        n: n + state.count,
        annotation: `${externalId} ${correlationId} ${sequence}`,
      }),
    )

describe('fact dispatch', () => {
  test('gives facts context and state, and numbers what comes of them [client-R-NEW]', async () => {
    const facts = fact(
      'counter',
      'k',
      CountReportedSchema,
      { n: 40 },
      { externalId: 'x-1', correlationId: 'c-1' },
    )
    const prior = bookOf('counter', [increased(), increased()])
    const book = await aggregates(annotating()).dispatchFact(admit(facts, prior))
    const [event] = messagesIn(CountReportedSchema, book.pages)
    assert.deepEqual([event?.n, event?.annotation], [42, 'x-1 c-1 2'])
    assert.deepEqual(outline(book.pages), [['counter.CountReported', 2]])
    assert.equal(book.nextSequence, 3)
  })

  test('answers no facts with an empty book', async () => {
    const book = await aggregates(annotating()).dispatchFact(create(FactRequestSchema))
    assert.deepEqual(book, create(EventBookSchema))
  })

  test('does not fold facts into the state, and numbers all answers in one run', async () => {
    const seen: number[] = []
    const watching = counter()
      .applies(CountReportedSchema, (state) => {
        state.count += 100
      })
      .handlesFact(CountReportedSchema, async ({ n }, state) => {
        await Promise.resolve()
        seen.push(state.count)
        return n === 0 ? [] : Array.from({ length: n }, () => increased())
      })
      .handlesFact(CountReportedSchema, () => bookOf('counter', [make(FirstMarkerSchema)], 50))
    const facts = bookOf('counter', [reported(2), reported(0), reported(1)])
    const book = await aggregates(watching).dispatchFact(admit(facts, bookOf('counter', [], 10)))
    assert.deepEqual(seen, [0, 0, 0])
    assert.deepEqual(
      outline(book.pages).map(([name, sequence]) => [name.slice(8), sequence]),
      [
        ['Increased', 10],
        ['Increased', 11],
        ['FirstMarker', 12],
        ['FirstMarker', 13],
        ['Increased', 14],
        ['FirstMarker', 15],
      ],
    )
    assert.equal(book.nextSequence, 16)
  })

  test('skips facts that nobody handles, read or unreadable', async () => {
    const facts = bookOf('counter', [increased(), reported(1)])
    facts.pages.push(
      corruptPage('unknown.Type'),
      create(EventBookSchema, { pages: [{}] }).pages[0]!,
    )
    const book = await aggregates(annotating()).dispatchFact(admit(facts))
    assert.deepEqual(outline(book.pages), [['counter.CountReported', 0]])
  })

  test('makes one instance and one state per class for a request', async () => {
    let made = 0
    const states = new Set<object>()
    @commandHandler({ domain: 'counter', state: CounterStateSchema })
    class Counter {
      constructor() {
        made++
      }
      @applies(IncreasedSchema) increased(state: CounterState, _event: Increased) {
        state.count++
      }
      @handlesFact(CountReportedSchema)
      reported(_event: CountReported, state: CounterState, _context: FactContext) {
        states.add(state)
      }
    }
    const router = aggregates(Counter, counter())
    made = 0
    await router.dispatchFact(admit(bookOf('counter', [reported(1), reported(2)])))
    assert.deepEqual([made, states.size], [1, 1])
  })

  test('reaches the aggregates of the domain, and all of them without a domain', async () => {
    const named = (domain: string, event: Message) =>
      defineAggregate({ domain, state: CounterStateSchema }).handlesFact(
        CountReportedSchema,
        () => event,
      )
    const router = aggregates(
      named('counter', increased()),
      named('archive', make(FirstMarkerSchema)),
    )
    const addressed = await router.dispatchFact(admit(bookOf('archive', [reported(1)])))
    assert.deepEqual(outline(addressed.pages), [['counter.FirstMarker', 0]])
    const { cover: _cover, ...pages } = bookOf('archive', [reported(1)])
    const open = await router.dispatchFact(admit(pages))
    assert.equal(open.pages.length, 2)
  })

  test('refuses malformed bytes of a type it knows', async () => {
    const facts = bookOf('counter', [])
    facts.pages.push(corruptPage('counter.CountReported'))
    const refused = aggregates(annotating()).dispatchFact(admit(facts))
    await assert.rejects(refused, coded('ANY_DECODE_FAILED'))
  })

  test('refuses an answer that is no event', async () => {
    const wrong = counter().handlesFact(CountReportedSchema, () => 'no' as unknown as undefined)
    await assert.rejects(
      aggregates(wrong).dispatchFact(admit(bookOf('counter', [reported(1)]))),
      coded('HANDLER_WRONG_RESPONSE_KIND'),
    )
  })

  test('is supported when any aggregate declares a fact handler', () => {
    assert.equal(aggregates(counter()).supportsHandleFact(), false)
    const other = defineAggregate({ domain: 'other', state: CounterStateSchema })
    assert.equal(aggregates(other, annotating()).supportsHandleFact(), true)
    class Base {
      @handlesFact(CountReportedSchema) reported(_event: CountReported) {}
    }
    @commandHandler({ domain: 'counter', state: CounterStateSchema })
    class Inherited extends Base {}
    assert.equal(aggregates(Inherited).supportsHandleFact(), true)
  })
})

describe('replay', () => {
  const counting = () =>
    counter().applies(IncreasedSchema, (state) => {
      state.count++
    })
  const state = (count: number) => make(CounterStateSchema, { count })
  const two = bookOf('counter', [increased(), increased()]).pages
  const countOf = async (baseState?: ReturnType<typeof packAny>, factory = false) => {
    const component = factory ? counting().stateFactory(() => state(100)) : counting()
    const request = create(ReplayRequestSchema, {
      events: two,
      ...(baseState === undefined ? {} : { baseSnapshot: { state: baseState, sequence: 99 } }),
    })
    const { state: answer } = await aggregates(component).dispatchReplay(request)
    assert.ok(answer)
    return unpackAny(CounterStateSchema, answer).count
  }

  test('folds two events on top of a snapshot of 10, whatever their sequences [client-R-NEW]', async () => {
    assert.equal(await countOf(packAny(CounterStateSchema, state(10))), 12)
  })

  test('begins with an empty state, or what a state factory makes', async () => {
    assert.equal(await countOf(), 2)
    assert.equal(await countOf(undefined, true), 102)
    assert.equal(await countOf(packAny(CounterStateSchema, state(0)), true), 102)
  })

  test('begins with an empty state when the snapshot is of another type', async () => {
    assert.equal(await countOf(packAny(CountReportedSchema, reported(9)), true), 2)
  })

  test('refuses events and snapshots that cannot be read', async () => {
    const requests = [
      create(ReplayRequestSchema, { events: [corruptPage('counter.Increased')] }),
      create(ReplayRequestSchema, { baseSnapshot: { state: corrupt('counter.CounterState') } }),
    ]
    for (const request of requests) {
      const refused = aggregates(counting()).dispatchReplay(request)
      await assert.rejects(refused, coded('ANY_DECODE_FAILED'))
    }
  })

  test('answers empty when the state is a class', async () => {
    class Tally {
      count = 0
    }
    const classy = defineAggregate({ domain: 'counter', state: Tally, supportsReplay: true })
    const router = aggregates(classy)
    const response = await router.dispatchReplay(create(ReplayRequestSchema, { events: two }))
    assert.deepEqual(response, create(ReplayResponseSchema))
  })

  test('is supported when any aggregate opted in', () => {
    assert.equal(aggregates(counting()).supportsReplay(), false)
    const options = { domain: 'other', state: CounterStateSchema, supportsReplay: true }
    assert.equal(aggregates(counting(), defineAggregate(options)).supportsReplay(), true)
  })
})
