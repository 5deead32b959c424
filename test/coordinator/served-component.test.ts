/** What a component answers that is served over gRPC: the state it folds, and rejections. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { create, type Message } from '@bufbuild/protobuf'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import { type ServiceClient, serviceClient } from '../../src/client/grpc/service-client.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { Component } from '../../src/component/definition.ts'
import type { RejectionResult } from '../../src/component/handler-results.ts'
import { CommandRejectedError, GRPCError } from '../../src/errors/client-error.ts'
import { startComponentHost } from '../../src/host/component-host.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type EventBook,
  EventBookSchema,
  type Notification,
  NotificationSchema,
  SnapshotSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny, unpackAny } from '../../src/wire/any.ts'
import {
  bookOf,
  commandRequest,
  corruptPage,
  make,
  notificationRequest,
  pagesOf,
  rejectionOf,
} from '../component/envelopes.ts'
import { socketFolder } from '../host/serving.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'

/** Answers a note with the state it has been asked on. */
const order = defineAggregate({ domain: 'order', state: orders.OrderStateSchema })
  .handles(orders.AddOrderNoteSchema, (_, { created, customerId, itemCount, notes }) => {
    const note = JSON.stringify({ created, customerId, itemCount, notes })
    return create(orders.OrderNoteAddedSchema, { note })
  })
  .applies(orders.OrderCreatedSchema, (state, { customerId }) => {
    state.created = true
    state.customerId = customerId
  })
  .applies(orders.ItemAddedSchema, (state, { quantity }) => {
    state.itemCount += quantity
  })
  .applies(orders.OrderNoteAddedSchema, (state, { note }) => {
    state.notes.push(note)
  })

type Served = AsyncDisposable & { readonly component: ServiceClient<typeof CommandHandlerService> }

async function serving(component: Component): Promise<Served> {
  await using stack = new AsyncDisposableStack()
  const { path } = stack.use(await socketFolder())
  const address = `unix:${join(path, 'component.sock')}`
  const quiet = { logger: () => undefined, environment: {} } as const
  const host = await startComponentHost({ ...quiet, address, components: [component] })
  stack.defer(() => host.stop({ graceMs: 0 }))
  const channel = stack.use(await openChannel(host.address))
  const kept = stack.move()
  return {
    component: serviceClient(CommandHandlerService, channel),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

type Seen = {
  readonly state: {
    readonly created: boolean
    readonly customerId: string
    readonly itemCount: number
    readonly notes: readonly string[]
  }
  readonly next: unknown
}

/** The state that the component folds out of a book, and where it goes on. */
async function seen({ component }: Served, book?: EventBook): Promise<Seen> {
  const any = packAny(orders.AddOrderNoteSchema, make(orders.AddOrderNoteSchema))
  const { result } = await component.handle(commandRequest('order', any, book))
  assert.ok(result.case === 'events')
  const [page] = result.value.pages
  assert.ok(page?.payload.case === 'event')
  const { note } = unpackAny(orders.OrderNoteAddedSchema, page.payload.value)
  const state = JSON.parse(note) as Seen['state'] // as the handler wrote it
  return { state, next: page.header?.sequenceType.value }
}

const note = (text: string): Message => make(orders.OrderNoteAddedSchema, { note: text })
const item = (quantity: number): Message => make(orders.ItemAddedSchema, { quantity })
const history = (events: readonly Message[], first = 0): EventBook => bookOf('order', events, first)

/** A book with a snapshot that bears the note `snapshot`. */
function withSnapshot(sequence: number, events: readonly Message[] = []): EventBook {
  const book = history(events, sequence + 1)
  const state = packAny(
    orders.OrderStateSchema,
    make(orders.OrderStateSchema, { notes: ['snapshot'] }),
  )
  book.snapshot = create(SnapshotSchema, { sequence, state })
  book.nextSequence = 0
  return book
}

describe('the state of a served component', () => {
  test('is the default without events [over gRPC] [coordinator-SB-01, coordinator-SB-15]', async () => {
    await using served = await serving(order)
    for (const book of [undefined, history([])]) {
      const { state, next } = await seen(served, book)
      assert.deepEqual(state, { created: false, customerId: '', itemCount: 0, notes: [] })
      assert.equal(next, 0)
    }
  })

  test('reflects one event, and all of several [over gRPC] [coordinator-SB-02, coordinator-SB-03]', async () => {
    await using served = await serving(order)
    const created = make(orders.OrderCreatedSchema, { customerId: 'c-1' })
    const one = await seen(served, history([created]))
    assert.deepEqual([one.state.created, one.state.customerId], [true, 'c-1'])
    const three = await seen(served, history([created, item(1), item(1)]))
    assert.deepEqual([three.state.created, three.state.itemCount], [true, 2])
  })

  test('has its events applied in their order, out of their envelopes [over gRPC] [coordinator-SB-04, coordinator-SB-11, coordinator-SB-21]', async () => {
    await using served = await serving(order)
    const { state, next } = await seen(served, history([note('a'), note('b'), note('c')]))
    assert.deepEqual(state.notes, ['a', 'b', 'c'])
    assert.equal(next, 3)
  })

  test('adds up a field [over gRPC] [coordinator-SB-09, coordinator-SB-10]', async () => {
    await using served = await serving(order)
    assert.equal((await seen(served, history([item(10)]))).state.itemCount, 10)
    assert.equal((await seen(served, history([5, 3, 2].map(item)))).state.itemCount, 10)
  })

  test('is changed by the applier of the type in the envelope [over gRPC] [coordinator-SB-12, coordinator-SB-22]', async () => {
    await using served = await serving(order)
    const { state } = await seen(served, history([note('a'), item(4)]))
    assert.deepEqual([state.notes, state.itemCount], [['a'], 4])
  })

  test('begins with a snapshot, and takes what follows it [over gRPC] [coordinator-SB-05, coordinator-SB-06]', async () => {
    await using served = await serving(order)
    assert.deepEqual((await seen(served, withSnapshot(5))).state.notes, ['snapshot'])
    const later = ['6', '7', '8', '9'].map(note)
    const { state } = await seen(served, withSnapshot(5, later))
    assert.deepEqual(state.notes, ['snapshot', '6', '7', '8', '9'])
  })

  test('leaves out what its snapshot covers, and types nobody applies [over gRPC] [coordinator-SB-07, coordinator-SB-08]', async () => {
    await using served = await serving(order)
    const covered = withSnapshot(5)
    covered.pages = [3, 4, 6, 7].flatMap((sequence) => pagesOf([note(`${sequence}`)], sequence))
    assert.deepEqual((await seen(served, covered)).state.notes, ['snapshot', '6', '7'])
    const strange = history([note('a'), make(orders.OrderCompletedSchema), note('b')])
    strange.pages.push(corruptPage('unknown.Type'))
    assert.deepEqual((await seen(served, strange)).state.notes, ['a', 'b'])
  })

  test('goes on behind the last page, or the snapshot [over gRPC] [coordinator-SB-16, coordinator-SB-17, coordinator-SB-18]', async () => {
    await using served = await serving(order)
    const five = history(['0', '1', '2', '3', '4'].map(note))
    five.nextSequence = 0
    assert.equal((await seen(served, five)).next, 5)
    assert.equal((await seen(served, withSnapshot(10))).next, 11)
    assert.equal((await seen(served, withSnapshot(5, ['6', '7', '8'].map(note)))).next, 9)
  })

  test('is refused for bytes that are no event, naming the type, and lets fields be absent [over gRPC] [coordinator-SB-13, coordinator-SB-14]', async () => {
    await using served = await serving(order)
    const corrupt = history([note('a')])
    corrupt.pages.push(corruptPage('orders.ItemAdded'))
    await assert.rejects(seen(served, corrupt), (error) => {
      assert.ok(error instanceof GRPCError)
      assert.equal(error.code, 'ANY_DECODE_FAILED')
      assert.equal(error.details['type_url'], 'type.googleapis.com/orders.ItemAdded')
      return true
    })
    const { state } = await seen(served, history([make(orders.OrderCreatedSchema)]))
    assert.deepEqual([state.created, state.customerId], [true, ''])
  })

  test('is made anew for each call, out of a book that stays as it was [over gRPC] [coordinator-SB-19, coordinator-SB-20]', async () => {
    await using served = await serving(order)
    const book = history([note('a')])
    const before = create(EventBookSchema, book).pages.length
    const one = await seen(served, book)
    assert.deepEqual((await seen(served, book)).state, one.state)
    assert.equal(book.pages.length, before)
  })
})

describe('a rejection told to a served component', () => {
  const refused = rejectionOf('inventory', make(ReserveStockSchema, { sku: 'tea' }))
  const answering = (answer: () => RejectionResult): Component =>
    order.rejected('inventory', ReserveStockSchema, answer)
  const told = async (served: Served, notification: Notification): Promise<readonly unknown[]> => {
    const { result } = await served.component.handle(notificationRequest('order', notification))
    return result.case === 'events' ? result.value.pages : assert.fail(`${result.case}`)
  }

  test('comes back as an error when the handler throws [over gRPC] [coordinator-AC-07]', async () => {
    await using served = await serving(
      answering(() => {
        throw CommandRejectedError.preconditionFailed('CANNOT', 'cannot')
      }),
    )
    await assert.rejects(told(served, refused), { code: 'CANNOT', grpcCode: 'FAILED_PRECONDITION' })
  })

  test('reaches no handler when it names no command [over gRPC] [coordinator-AC-08]', async () => {
    let calls = 0
    await using served = await serving(
      answering(() => {
        calls++
        return make(orders.OrderCancelledSchema)
      }),
    )
    assert.deepEqual(await told(served, create(NotificationSchema)), [])
    assert.equal(calls, 0)
    assert.equal((await told(served, refused)).length, 1)
  })

  test('is answered also when the handler has nothing to say [over gRPC] [coordinator-AC-09]', async () => {
    await using served = await serving(answering(() => undefined))
    assert.deepEqual(await told(served, refused), [])
  })
})
