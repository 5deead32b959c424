import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, type Message } from '@bufbuild/protobuf'
import { saga } from '../../src/component/decorate-class.ts'
import { handles } from '../../src/component/decorate-method.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { SagaSource } from '../../src/component/handler-context.ts'
import { SagaHandlerResponse } from '../../src/component/handler-responses.ts'
import { command, fact } from '../../src/component/outgoing-books.ts'
import {
  SagaHandleRequestSchema,
  type SagaResponse,
  SagaResponseSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  AngzarrDeferredSequenceSchema,
  type CommandBook,
  type EventBook,
  EventBookSchema,
  ExternalDeferredSequenceSchema,
  type PageHeader,
  PageHeaderSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counter from '../fixtures/gen/counter_pb.ts'
import { CreateShipmentSchema } from '../fixtures/gen/fulfillment_pb.ts'
import { ReserveStockSchema, StockAddedSchema } from '../fixtures/gen/inventory_pb.ts'
import { OrderCompletedSchema, OrderCreatedSchema } from '../fixtures/gen/orders_pb.ts'
import { sagas } from './counter.ts'
import {
  bookOf,
  corruptPage,
  make,
  messagesIn,
  notificationBook,
  pagesOf,
  rejectionOf,
  sagaRequest,
} from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'
import { sagaRouter } from './routers.ts'

const created = make(OrderCreatedSchema, { orderId: 'o-1' })
const domainsOf = (books: readonly (CommandBook | EventBook)[]) =>
  books.map(({ cover }) => cover?.domain)
const place = (header: PageHeader | undefined) => header?.sequenceType
const sequencesOf = ({ commands }: SagaResponse) =>
  commands.flatMap(({ pages }) => pages.map(({ header }) => place(header)?.value))

/** A saga from order to a domain that reserves there. */
function sagaTo(target: string) {
  return defineSaga({ name: `to-${target}`, source: 'order', target }).handles(
    OrderCreatedSchema,
    () => command(target, 'k', ReserveStockSchema, {}),
  )
}

for (const { spelling, component } of sagas) {
  describe(`the order saga ${spelling}`, () => {
    const router = sagaRouter(component)
    const increased = make(counter.IncreasedSchema, { note: 'tea' })

    test('turns an event into a stamped command [client-R-SAGA-1]', async () => {
      const request = sagaRequest(bookOf('counter', [increased]), { inventory: 7 })
      const response = await router.dispatch(request)
      assert.deepEqual(domainsOf(response.commands), ['inventory'])
      assert.deepEqual(sequencesOf(response), [7])
    })

    test('answers an event it did not declare with nothing [client-R-SAGA-2]', async () => {
      const request = sagaRequest(bookOf('counter', [make(counter.AddedSchema)]))
      assert.deepEqual(await router.dispatch(request), create(SagaResponseSchema))
    })

    test('refuses a source without pages [client-R-SAGA-3]', async () => {
      const request = sagaRequest(bookOf('counter', []))
      const refusal = dispatch('EMPTY_SAGA_SOURCE', 'INVALID_ARGUMENT')
      await assert.rejects(router.dispatch(request), refusal)
    })

    test('refuses a request without a source [client-R-SAGA-4]', async () => {
      const request = create(SagaHandleRequestSchema)
      const refusal = dispatch('MISSING_SAGA_SOURCE', 'INVALID_ARGUMENT')
      await assert.rejects(router.dispatch(request), refusal)
    })

    test('answers a rejection with a fact [client-R-SAGA-5]', async () => {
      const rejection = rejectionOf('inventory', make(counter.ReserveSchema))
      const response = await router.dispatch(sagaRequest(notificationBook('inventory', rejection)))
      const [book, ...rest] = response.events
      const [reported] = messagesIn(counter.CountReportedSchema, book?.pages ?? [])
      assert.deepEqual([reported?.annotation, rest], ['not enough stock', []])
      assert.equal(book?.cover?.correlationId, 'corr-1')
    })

    test('answers a rejection it does not watch with nothing [client-R-SAGA-6]', async () => {
      const rejection = rejectionOf('payment', make(counter.ReserveSchema))
      const request = sagaRequest(notificationBook('payment', rejection))
      assert.deepEqual(await router.dispatch(request), create(SagaResponseSchema))
    })
  })
}

describe('saga dispatch', () => {
  test('runs two sagas on one event in the order of registration [client-C-0013]', async () => {
    const router = sagaRouter(sagaTo('inventory'), sagaTo('fulfillment'))
    const { commands } = await router.dispatch(sagaRequest(bookOf('order', [created])))
    assert.deepEqual(domainsOf(commands), ['inventory', 'fulfillment'])
  })

  test('runs each of two sagas exactly once [client-C-0087]', async () => {
    const runs: string[] = []
    const counting = (name: string) =>
      defineSaga({ name, source: 'order', target: 'x' }).handles(OrderCreatedSchema, () => {
        runs.push(name)
      })
    const router = sagaRouter(counting('first'), counting('second'))
    await router.dispatch(sagaRequest(bookOf('order', [created])))
    assert.deepEqual(runs, ['first', 'second'])
  })

  test('turns an event into one command for the target [client-C-0050]', async () => {
    const { commands } = await sagaRouter(sagaTo('inventory')).dispatch(
      sagaRequest(bookOf('order', [created])),
    )
    assert.deepEqual(domainsOf(commands), ['inventory'])
  })

  test('answers an event nobody handles without an error [client-C-0051]', async () => {
    const trigger = bookOf('order', [created, make(OrderCompletedSchema)])
    const { commands } = await sagaRouter(sagaTo('inventory')).dispatch(sagaRequest(trigger))
    assert.deepEqual(commands, [])
  })

  test('lets a handler read the sequences of destinations [client-C-0052]', async () => {
    const read: (number | undefined)[] = []
    const reading = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
      OrderCreatedSchema,
      (_event, to) => {
        read.push(to.sequenceFor('inventory'), to.sequenceFor('fulfillment'), to.sequenceFor('x'))
      },
    )
    const sequences = { inventory: 7, fulfillment: 3 }
    await sagaRouter(reading).dispatch(sagaRequest(bookOf('order', [created]), sequences))
    assert.deepEqual(read, [7, 3, undefined])
  })

  test('stamps commands for two domains with their own sequences [client-C-0053]', async () => {
    const both = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
      OrderCreatedSchema,
      (_event, to) => [
        to.stampCommand(command('inventory', 'k', ReserveStockSchema, {}), 'inventory'),
        to.stampCommand(command('fulfillment', 'k', CreateShipmentSchema, {}), 'fulfillment'),
      ],
    )
    const request = sagaRequest(bookOf('order', [created]), { inventory: 7, fulfillment: 3 })
    assert.deepEqual(sequencesOf(await sagaRouter(both).dispatch(request)), [7, 3])
  })

  test('leaves the edition of what is emitted to the coordinator [client-C-0138] [client-C-0139] [client-C-0142]', async () => {
    const emitting = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
      OrderCreatedSchema,
      () => [
        command('inventory', 'k', ReserveStockSchema, {}),
        fact('inventory', 'k', StockAddedSchema, {}),
      ],
    )
    const trigger = bookOf('order', [created])
    const divergences = [{ domain: 'order', sequence: 5 }]
    const { cover } = create(EventBookSchema, {
      cover: { domain: 'order', edition: { name: 'speculative', divergences } },
    })
    if (cover !== undefined) trigger.cover = cover
    const { commands, events } = await sagaRouter(emitting).dispatch(sagaRequest(trigger))
    assert.deepEqual([commands.length, events.length], [1, 1])
    for (const book of [...commands, ...events]) assert.equal(book.cover?.edition, undefined)
  })

  test('keeps the edition that a handler gave, and gives none [client-C-0140] [client-C-0141]', async () => {
    const given = command('inventory', 'k', ReserveStockSchema, {})
    const { cover } = create(EventBookSchema, { cover: { edition: { name: 'beta' } } })
    const edition = cover?.edition
    assert.ok(given.cover !== undefined && edition !== undefined)
    given.cover.edition = edition
    const emitting = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
      OrderCreatedSchema,
      () => [given, command('inventory', 'k', ReserveStockSchema, {})],
    )
    const request = sagaRequest(bookOf('order', [created]))
    const { commands } = await sagaRouter(emitting).dispatch(request)
    assert.deepEqual(
      commands.map((book) => book.cover?.edition?.name),
      ['beta', undefined],
    )
  })

  test('takes the last page only as the trigger, and gives all of them', async () => {
    const sources: SagaSource[] = []
    const watching = defineSaga({ name: 's', source: 'order', target: 'x' }).handles(
      OrderCreatedSchema,
      (_event, _to, source) => {
        sources.push(source)
      },
    )
    const trigger = bookOf('order', [created, created, created], 4)
    await sagaRouter(watching).dispatch(sagaRequest(trigger))
    assert.equal(sources.length, 1)
    const [source] = sources
    assert.deepEqual([source?.sourceSeq, source?.sourceCover], [6, trigger.cover])
    assert.equal(source?.sourceEvents, trigger)
  })

  test('knows the sequence of a deferred trigger, or 0', async () => {
    const sequences: number[] = []
    const watching = defineSaga({ name: 's', source: 'order', target: 'x' }).handles(
      OrderCreatedSchema,
      (_event, _to, { sourceSeq }) => {
        sequences.push(sourceSeq)
      },
    )
    const places: readonly PageHeader['sequenceType'][] = [
      {
        case: 'angzarrDeferred',
        value: create(AngzarrDeferredSequenceSchema, { sourceSeq: 9 }),
      },
      { case: 'externalDeferred', value: create(ExternalDeferredSequenceSchema) },
      { case: undefined },
    ]
    for (const sequenceType of places) {
      const trigger = bookOf('order', [created])
      for (const page of trigger.pages) page.header = create(PageHeaderSchema, { sequenceType })
      await sagaRouter(watching).dispatch(sagaRequest(trigger))
    }
    assert.deepEqual(sequences, [9, 0, 0])
  })

  test('matches the domain of the source; a book without a cover has none', async () => {
    for (const trigger of [
      bookOf('archive', [created]),
      create(EventBookSchema, { pages: pagesOf([created]) }),
    ]) {
      const response = await sagaRouter(sagaTo('inventory')).dispatch(sagaRequest(trigger))
      assert.deepEqual(response.commands, [])
    }
  })

  test('gives books without a correlation id that of the source, and keeps any other', async () => {
    const own = command('inventory', 'k', ReserveStockSchema, {}, { correlationId: 'mine' })
    const blank = command('inventory', 'k', ReserveStockSchema, {})
    const emitting = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
      OrderCreatedSchema,
      () => [own, blank, fact('inventory', 'k', StockAddedSchema, {})],
    )
    const { commands, events } = await sagaRouter(emitting).dispatch(
      sagaRequest(bookOf('order', [created])),
    )
    const ids = [...commands, ...events].map(({ cover }) => cover?.correlationId)
    assert.deepEqual(ids, ['mine', 'corr-1', 'corr-1'])
    assert.equal(blank.cover?.correlationId, '')
  })

  test('accepts responses of both kinds', async () => {
    const [commands, events] = [
      [command('inventory', 'k', ReserveStockSchema, {})],
      [fact('inventory', 'k', StockAddedSchema, {})],
    ]
    const answers = [
      new SagaHandlerResponse({ commands, events }),
      create(SagaResponseSchema, { commands, events }),
      Promise.resolve([...commands, ...events]),
      new SagaHandlerResponse(),
    ]
    for (const [index, answer] of answers.entries()) {
      const emitting = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
        OrderCreatedSchema,
        () => answer,
      )
      const response = await sagaRouter(emitting).dispatch(sagaRequest(bookOf('order', [created])))
      const expected = index === 3 ? [0, 0] : [1, 1]
      assert.deepEqual([response.commands.length, response.events.length], expected)
    }
  })

  test('refuses an answer of another type', async () => {
    const wrong: readonly [unknown, string][] = [
      [created, 'orders.OrderCreated'],
      [[command('inventory', 'k', ReserveStockSchema, {}), 7], 'number'],
      [new Date(), 'Date'],
      [[null], 'null'],
    ]
    for (const [answer, actual] of wrong) {
      const emitting = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
        OrderCreatedSchema,
        () => answer as undefined, // the types refuse it
      )
      await assert.rejects(
        sagaRouter(emitting).dispatch(sagaRequest(bookOf('order', [created]))),
        dispatch('SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE', 'INTERNAL', {
          actual_return_type: actual,
        }),
      )
    }
  })

  test('refuses a last page without an inline event', async () => {
    const trigger = create(EventBookSchema, { pages: [...pagesOf([created]), {}] })
    await assert.rejects(
      sagaRouter(sagaTo('inventory')).dispatch(sagaRequest(trigger)),
      dispatch('MISSING_SAGA_EVENT_PAYLOAD', 'INVALID_ARGUMENT'),
    )
  })

  test('refuses a trigger whose type URL lacks the prefix', async () => {
    for (const typeUrl of ['', 'orders.OrderCreated', 'https://x/orders.OrderCreated']) {
      const trigger = create(EventBookSchema, {
        pages: [{ payload: { case: 'event', value: { typeUrl } } }],
      })
      await assert.rejects(
        sagaRouter(sagaTo('inventory')).dispatch(sagaRequest(trigger)),
        dispatch('SAGA_INVALID_TYPE_URL', 'INVALID_ARGUMENT', { type_url: typeUrl }),
      )
    }
  })

  test('refuses malformed bytes of a type it knows, and does not read others', async () => {
    const trigger = bookOf('order', [])
    trigger.pages = [corruptPage('orders.OrderCreated')]
    await assert.rejects(
      sagaRouter(sagaTo('inventory')).dispatch(sagaRequest(trigger)),
      coded('ANY_DECODE_FAILED'),
    )
    trigger.pages = [corruptPage('orders.OrderCompleted')]
    const response = await sagaRouter(sagaTo('inventory')).dispatch(sagaRequest(trigger))
    assert.deepEqual(response.commands, [])
  })

  test('runs several methods for one type, each on an instance of its own', async () => {
    const runs: [string, number][] = []
    let made = 0
    @saga({ name: 's', source: 'order', target: 'x' })
    class Twice {
      readonly #number = ++made
      @handles(OrderCreatedSchema) async first(_event: Message) {
        await Promise.resolve()
        runs.push(['first', this.#number])
      }
      @handles(OrderCreatedSchema) second(_event: Message) {
        runs.push(['second', this.#number])
      }
    }
    await sagaRouter(Twice).dispatch(sagaRequest(bookOf('order', [created])))
    assert.deepEqual(runs, [
      ['first', 1],
      ['second', 2],
    ])
  })
})
