import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { DomainClient } from '../../src/client/domain-client.ts'
import type { TransportPart } from '../../src/client/guarded-transport.ts'
import { QueryClient } from '../../src/client/query-client.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import { CommandRejectedError, GRPCError } from '../../src/errors/client-error.ts'
import {
  type EventBook,
  EventBookSchema,
  QuerySchema,
  SnapshotSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { packAny, unpackAny } from '../../src/wire/any.ts'
import { decodeEvent } from '../../src/wire/event.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { AddStockSchema, StockAddedSchema, StockStateSchema } from '../fixtures/gen/inventory_pb.ts'
import {
  AddOrderNoteSchema,
  OrderNoteAddedSchema,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { openShop } from '../coordinator/open-shop.ts'
import { coordinatorServices } from './served-coordinator.ts'
import { CLOSED_ENDPOINT, serve, type Served } from './serving.ts'

const notes = defineAggregate({ domain: 'order', state: OrderStateSchema }).handles(
  AddOrderNoteSchema,
  ({ note }) => {
    if (note === '') throw CommandRejectedError.invalidArgument('NOTE_EMPTY', 'note missing')
    return create(OrderNoteAddedSchema, { note })
  },
)
const stocks = defineAggregate({ domain: 'inventory', state: StockStateSchema }).handles(
  AddStockSchema,
  ({ sku, quantity }) => create(StockAddedSchema, { sku, quantity }),
)

/** What an embedded coordinator answers, as a transport to serve. */
function answeringFrom(coordinator: Coordinator): TransportPart {
  const { commandHandler, query } = coordinator.client('order')
  return {
    handleCommand: (request, options) => commandHandler.handleCommand(request, options),
    getEventBook: (asked, options) => query.getEventBook(asked, options),
    getEvents: (asked, options) => query.streamEvents(asked, options),
  }
}

type Remote = AsyncDisposable & { readonly orders: DomainClient; readonly host: Served }

/** A coordinator behind gRPC, and a client that reaches it over TCP only. */
async function remote(clock = fakeClock()): Promise<Remote> {
  const shop = await openShop([notes, stocks], { clock })
  const host = await serve(coordinatorServices(answeringFrom(shop)))
  const orders = DomainClient.fromChannel(host.channel, { domain: 'order' })
  return {
    orders,
    host,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await shop[Symbol.asyncDispose]()
    },
  }
}

async function addNotes(orders: DomainClient, count: number, from = 0): Promise<void> {
  for (let sequence = from; sequence < from + count; sequence++) {
    await orders
      .command('o-1')
      .withMessage(AddOrderNoteSchema, { note: `note ${sequence}` })
      .withSequence(sequence)
      .execute()
  }
}

const sequences = ({ pages }: EventBook): readonly unknown[] =>
  pages.map(({ header }) => header?.sequenceType.value)

describe('queries over gRPC', () => {
  it('find nothing of an aggregate nobody knows [client-C-0231]', async () => {
    await using there = await remote()
    const book = await there.orders.query('o-1').getEventBook()
    assert.deepEqual([book.pages.length, book.nextSequence], [0, 0])
  })

  it('bring events in order, type and payload intact [client-C-0232, client-C-0233]', async () => {
    await using there = await remote()
    await addNotes(there.orders, 5)
    const book = await there.orders.query('o-1').getEventBook()
    assert.deepEqual(sequences(book), [0, 1, 2, 3, 4])
    const texts = book.pages.map(({ payload }) => {
      assert.ok(payload.case === 'event')
      assert.equal(payload.value.typeUrl, 'type.googleapis.com/orders.OrderNoteAdded')
      return unpackAny(OrderNoteAddedSchema, payload.value).note
    })
    assert.deepEqual(texts, ['note 0', 'note 1', 'note 2', 'note 3', 'note 4'])
  })

  it('bring pages that decode to the type asked for, or to nothing [client-C-0379]', async () => {
    await using there = await remote()
    await addNotes(there.orders, 1)
    const [page] = await there.orders.query('o-1').getPages()
    assert.ok(page)
    assert.equal(decodeEvent(page, OrderNoteAddedSchema)?.note, 'note 0')
    assert.equal(decodeEvent(page, StockAddedSchema), undefined)
  })

  it('select by range, both ends included [client-C-0234, client-C-0235, client-C-0236]', async () => {
    await using there = await remote()
    await addNotes(there.orders, 10)
    const { orders } = there
    assert.deepEqual(sequences(await orders.query('o-1').range(5).getEventBook()), [5, 6, 7, 8, 9])
    const inner = await orders.query('o-1').rangeTo(3, 7).getEventBook()
    assert.deepEqual(sequences(inner), [3, 4, 5, 6, 7])
    assert.deepEqual(sequences(await orders.query('o-1').range(100).getEventBook()), [])
  })

  it('go back to a sequence and to a time [client-C-0237, client-C-0238]', async () => {
    const clock = fakeClock()
    await using there = await remote(clock)
    const { orders } = there
    await addNotes(orders, 3)
    clock.advance(60_000)
    await addNotes(orders, 7, 3)
    const six = await orders.query('o-1').asOfSequence(5).getEventBook()
    assert.deepEqual(sequences(six), [0, 1, 2, 3, 4, 5])
    const early = await orders.query('o-1').asOfTime('2026-01-01T00:00:30Z').getEventBook()
    assert.deepEqual(sequences(early), [0, 1, 2])
  })

  it('find what one workflow did in several aggregates [client-C-0241, client-C-0242]', async () => {
    await using there = await remote()
    const { commandHandler } = there.orders
    const order = commandHandler.command('order', 'o-1').withCorrelationId('corr-1')
    await order.withMessage(AddOrderNoteSchema, { note: 'a' }).execute()
    const stock = commandHandler.command('inventory', 'sku').withCorrelationId('corr-1')
    await stock.withMessage(AddStockSchema, { sku: 'sku', quantity: 1 }).execute()
    const books = await there.orders.query
      .queryDomain('order')
      .byCorrelationId('corr-1')
      .getEvents()
    assert.deepEqual(books.map(({ cover }) => cover?.domain).toSorted(), ['inventory', 'order'])
    const none = await there.orders.query.queryDomain('order').byCorrelationId('other').getEvents()
    assert.deepEqual(none, [])
  })

  it('without a domain are refused [client-C-0244]', async () => {
    await using there = await remote()
    const asking = there.orders.query.query('', '11111111-1111-4111-8111-111111111111')
    await assert.rejects(
      async () => asking.getEventBook(),
      (error: unknown) => {
        return error instanceof GRPCError && error.isInvalidArgument()
      },
    )
  })

  it('fail as connection errors when nobody answers [client-C-0245]', async () => {
    await using client = await QueryClient.connect(CLOSED_ENDPOINT, { lazy: true })
    for (const asking of [
      client.getEventBook(create(QuerySchema)),
      client.getEvents(create(QuerySchema)),
    ]) {
      await assert.rejects(asking, (error: unknown) => {
        return error instanceof GRPCError && error.isConnectionError()
      })
    }
  })

  it('keep the timelines apart [client-C-0239, client-C-0240]', async () => {
    const events = { '': 3, branch: 2 } as Readonly<Record<string, number>>
    const answer = (name = ''): EventBook =>
      create(EventBookSchema, { nextSequence: events[name] ?? 0 })
    const fake: TransportPart = {
      getEventBook: async ({ cover }) => answer(cover?.edition?.name),
    }
    await using host = await serve(coordinatorServices(fake))
    const orders = DomainClient.fromChannel(host.channel, { domain: 'order' })
    assert.equal((await orders.query('o-1').getEventBook()).nextSequence, 3)
    const branch = await orders.query('o-1').withEdition('branch').getEventBook()
    assert.equal(branch.nextSequence, 2)
  })

  it('bring the snapshot that the coordinator sends [client-C-0243]', async () => {
    const state = packAny(OrderStateSchema, create(OrderStateSchema, { itemCount: 7 }))
    const snapshot = create(SnapshotSchema, { sequence: 5, state })
    const fake: TransportPart = {
      getEventBook: async () => create(EventBookSchema, { snapshot, nextSequence: 9 }),
    }
    await using host = await serve(coordinatorServices(fake))
    const book = await QueryClient.fromChannel(host.channel).query('order', 'o-1').getEventBook()
    assert.equal(book.snapshot?.sequence, 5)
    assert.ok(book.snapshot.state)
    assert.equal(unpackAny(OrderStateSchema, book.snapshot.state).itemCount, 7)
  })
})

describe('commands over gRPC', () => {
  it('take effect once per idempotency key', async () => {
    await using there = await remote()
    const command = there.orders.command('o-1').withMessage(AddOrderNoteSchema, { note: 'a' })
    const keyed = command.withIdempotencyKey('only-once')
    await keyed.execute()
    await keyed.execute()
    assert.equal((await there.orders.query('o-1').getPages()).length, 1)
  })

  it('are rejected with the code of the business', async () => {
    await using there = await remote()
    const empty = there.orders.command('o-1').withMessage(AddOrderNoteSchema, {})
    await assert.rejects(empty.execute(), (error: unknown) => {
      assert.ok(error instanceof GRPCError)
      assert.deepEqual([error.code, error.grpcDetails], ['NOTE_EMPTY', 'note missing'])
      return error.isInvalidArgument()
    })
  })

  it('of a stale sequence may be tried again after a look', async () => {
    await using there = await remote()
    await addNotes(there.orders, 2)
    const stale = there.orders
      .command('o-1')
      .withMessage(AddOrderNoteSchema, { note: 'late' })
      .withSequence(7)
    await assert.rejects(stale.execute(), (error: unknown) => {
      assert.ok(error instanceof GRPCError)
      assert.match(error.grpcDetails, /^Sequence mismatch/)
      return error.isPreconditionFailed()
    })
  })
})
