import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { TimestampSchema } from '@bufbuild/protobuf/wkt'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Component } from '../../src/component/definition.ts'
import { fact } from '../../src/component/outgoing-books.ts'
import { SequenceMismatchError } from '../../src/coordinator/sequence-mismatch.ts'
import { rootFor } from '../../src/identity/compute-root.ts'
import { bytesOfRoot } from '../../src/identity.ts'
import type { CommandResponse } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type EventBook,
  type EventRequest,
  EventRequestSchema,
  MergeStrategy,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { decodeEventPage } from '../../src/wire/page-codec.ts'
import { packAny } from '../../src/wire/any.ts'
import { AddStockSchema, StockAddedSchema } from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { eventTypesOf } from './dead-letter-contents.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { refusedWithoutTrace } from './nothing-stored.ts'
import { StaleCommandError } from '../../src/client/grpc/stale-command-error.ts'
import { openShop, type Shop } from './open-shop.ts'
import { addItem, addNote, createOrder, orderWithHistory, sequencesOf } from './shop-commands.ts'
import { orderAggregate, orderSummary, reserveStock, stock } from './shop.ts'
import { eventsOf, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

/** An order that admits completions from outside. */
function admitting(): Component {
  return orderAggregate().handlesFact(orders.OrderCompletedSchema, (event) => event)
}

/** A fact for order-1. */
function completed(externalId?: string, rest: object = {}): EventRequest {
  return request(
    fact('order', 'order-1', orders.OrderCompletedSchema, { orderId: 'order-1' }, { externalId }),
    rest,
  )
}

function request(events: EventBook | undefined, rest: object = {}): EventRequest {
  return create(EventRequestSchema, { ...(events === undefined ? {} : { events }), ...rest })
}

const CANCELLED = fact(
  'order',
  'order-1',
  orders.OrderCancelledSchema,
  {},
  { externalId: 'refund-R1' },
)

describe('a fact from outside', () => {
  test('is stored at the next sequence, and numbers go on behind it [coordinator-C-0185]', async () => {
    await using shop = await openShop([admitting()])
    await orderWithHistory(shop)
    const response = await shop.services.handleEvent(completed('c-1'))
    assert.equal(response.alreadyProcessed, false)
    assert.deepEqual(
      response.events?.pages.map(({ header }) => header?.sequenceType.value),
      [3],
    )
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 4)
  })

  test('of one identifier is stored once, and the second answer says so [coordinator-C-0190]', async () => {
    await using shop = await openShop([admitting()])
    await createOrder(shop, 'order-1')
    const first = await shop.services.handleEvent(completed('c-1'))
    const second = await shop.services.handleEvent(completed('c-1'))
    assert.equal(second.alreadyProcessed, true)
    assert.deepEqual(second.events?.pages, first.events?.pages)
    const both = await Promise.all([1, 2].map(() => shop.services.handleEvent(completed('c-2'))))
    assert.deepEqual(both.map(({ alreadyProcessed }) => alreadyProcessed).sort(), [false, true])
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 3)
  })

  test('that the aggregate does not declare is refused, and its identifier stays free [coordinator-C-0492]', async () => {
    await using shop = await openShop([admitting()])
    await orderWithHistory(shop)
    for (const routeToHandler of [true, false]) {
      const code = await refusedWithoutTrace(shop.ledger, () =>
        shop.services.handleEvent(request(CANCELLED, { routeToHandler })),
      )
      assert.equal(code, 'NO_FACT_HANDLER')
    }
    const response = await shop.services.handleEvent(completed('refund-R1'))
    assert.equal(response.alreadyProcessed, false)
  })

  test('is stored as it is by an aggregate that declares none, its date included', async () => {
    await using shop = await openShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    const book = fact('order', 'order-1', orders.OrderCompletedSchema, {}, { externalId: 'c-1' })
    const [page] = book.pages
    if (page !== undefined) page.createdAt = create(TimestampSchema, { seconds: 77n })
    await shop.services.handleEvent(request(book, { routeToHandler: true }))
    const [, event] = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.ok(event !== undefined)
    assert.equal(decodeEventPage(event.page).createdAt, 77_000_000_000n)
  })

  test('is waited for as a command is', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    const created = fact(
      'order',
      'order-1',
      orders.OrderCreatedSchema,
      { orderId: 'order-1' },
      { externalId: 'o' },
    )
    const response = await shop.services.handleEvent(
      request(created, { syncMode: SyncMode.SIMPLE }),
    )
    assert.deepEqual(
      response.projections.map(({ projector }) => projector),
      ['order-summary'],
    )
  })

  test('is stored once when nobody could tell what became of its commit', async () => {
    await using shop = await openFaultyShop([admitting()])
    await createOrder(shop, 'order-1')
    shop.faulty.failAt(1, 'done-but-reported-failed')
    await shop.services.handleEvent(completed('c-1'))
    const again = await shop.services.handleEvent(completed('c-1'))
    assert.equal(again.alreadyProcessed, true)
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 2)
  })

  const cover = { domain: 'order', root: { value: bytesOfRoot(rootFor('order', 'order-1')) } }
  const payload = {
    case: 'event' as const,
    value: packAny(orders.OrderCompletedSchema, create(orders.OrderCompletedSchema)),
  }
  const header = {
    sequenceType: { case: 'externalDeferred' as const, value: { externalId: 'e' } },
  }
  const page = { header, payload }
  type Events = NonNullable<MessageInitShape<typeof EventRequestSchema>['events']>
  const rows: readonly (readonly [string, Events | undefined, string])[] = [
    ['without events', undefined, 'REQUEST_INCOMPLETE'],
    ['without a marker', { cover, pages: [{ payload }] }, 'FACT_MARKER_MISSING'],
    ['without pages', { cover, pages: [] }, 'FACT_MARKER_MISSING'],
    ['without a cover', { pages: [page] }, 'DOMAIN_INVALID'],
    ['without a root', { cover: { domain: 'order' }, pages: [page] }, 'REQUEST_INCOMPLETE'],
    [
      'for a domain nobody serves',
      { cover: { ...cover, domain: 'nowhere' }, pages: [page] },
      'UNKNOWN_DOMAIN',
    ],
    [
      'for a domain of the engine',
      { cover: { ...cover, domain: '_saga' }, pages: [page] },
      'DOMAIN_RESERVED',
    ],
    [
      'of a correlation id that is none',
      { cover: { ...cover, correlationId: 'a b' }, pages: [page] },
      'CORRELATION_ID_INVALID',
    ],
    [
      'of too many pages',
      { cover, pages: Array.from({ length: 101 }, () => page) },
      'BOOK_TOO_LONG',
    ],
    [
      'that is too large',
      {
        cover,
        pages: [
          {
            header,
            payload: { case: 'event', value: { typeUrl: 't/x', value: new Uint8Array(262_145) } },
          },
        ],
      },
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'of an identifier that is too long',
      {
        cover,
        pages: [
          {
            ...page,
            header: {
              sequenceType: { case: 'externalDeferred', value: { externalId: 'x'.repeat(300) } },
            },
          },
        ],
      },
      'IDEMPOTENCY_KEY_INVALID',
    ],
  ]
  for (const [what, events, code] of rows) {
    test(`${what} is refused, and nothing is stored [weakness-10]`, async () => {
      await using shop = await openShop([orderAggregate()])
      const sent = create(EventRequestSchema, events === undefined ? {} : { events })
      const refused = await refusedWithoutTrace(shop.ledger, () => shop.services.handleEvent(sent))
      assert.equal(refused, code)
    })
  }
})

describe('a fact of a saga', () => {
  const shipping = (emit: () => EventBook): Component =>
    defineSaga({ name: 'shipping-to-order', source: 'inventory', target: 'order' }).handles(
      StockAddedSchema,
      emit,
    )
  async function shipped(shop: Shop): Promise<void> {
    await shop
      .client('inventory')
      .command('sku-1')
      .withMessage(AddStockSchema, { quantity: 1 })
      .execute()
    await shop.settled()
  }

  test('has an external identifier on every page, a cover and a correlation id [coordinator-C-0188]', async () => {
    const seen: unknown[] = []
    const order = orderAggregate().handlesFact(orders.OrderCompletedSchema, (event, _, context) => {
      seen.push(context.correlationId !== '', context.idempotencyKey)
      return event
    })
    const emitting = shipping(() => fact('order', 'order-1', orders.OrderCompletedSchema, {}))
    await using shop = await openShop([order, stock, emitting])
    await shipped(shop)
    assert.equal(seen[0], true)
    assert.match(String(seen[1]), /^(?:fact#)?inventory-.*-0-shipping-to-order-0$/)
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), ['OrderCompleted'])
  })

  it('that its target does not declare fails the saga once: a letter of its source, nothing stored [coordinator-C-0493]', async () => {
    let runs = 0
    const emitting = shipping(() => {
      runs++
      return CANCELLED
    })
    await using shop = await openShop([admitting(), stock, emitting])
    await shipped(shop)
    assert.equal(runs, 1)
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.domain, 'inventory')
    assert.deepEqual(eventTypesOf(letter?.letter), [StockAddedSchema.typeName])
    const details = letter?.letter.rejectionDetails
    assert.ok(details?.case === 'eventProcessingFailed')
    assert.deepEqual([details.value.isTransient, details.value.retryCount], [false, 0])
    assert.deepEqual(await eventsOf(shop.ledger, 'order', 'order-1'), [])
  })
})

describe('a stale command', () => {
  test('is refused with the aggregate as it is, from which it is built anew [coordinator-OM-04, coordinator-OM-05]', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    for (const mergeStrategy of [MergeStrategy.MERGE_STRICT, MergeStrategy.MERGE_COMMUTATIVE]) {
      const add = (sequence: number): Promise<CommandResponse> =>
        addItem(shop).withSequence(sequence).withMergeStrategy(mergeStrategy).execute()
      const error: unknown = await add(1).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof SequenceMismatchError || error instanceof StaleCommandError)
      assert.equal(error.grpcStatus, 'FAILED_PRECONDITION')
      const book = await error.currentBook()
      assert.equal(book.pages.length, book.nextSequence)
      assert.deepEqual(sequencesOf(await add(book.nextSequence)), [book.nextSequence])
    }
  })

  test('of a long history is refused with the aggregate all the same', async () => {
    await using shop = await openShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    for (let n = 0; n < 40; n++) await addNote(shop, `note ${n}`).execute()
    const stale = addItem(shop).withSequence(1).withMergeStrategy(MergeStrategy.MERGE_STRICT)
    const error: unknown = await stale.execute().catch((thrown: unknown) => thrown)
    assert.ok(error instanceof SequenceMismatchError || error instanceof StaleCommandError)
    const { pages, nextSequence } = await error.currentBook()
    assert.deepEqual([pages.length, nextSequence], [41, 41])
  })
})
