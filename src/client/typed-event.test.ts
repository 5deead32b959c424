import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import {
  OrderCancelledSchema,
  OrderCompletedSchema,
  OrderCreatedSchema,
} from '../../test/fixtures/gen/orders_pb.ts'
import { CommandResponseSchema } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { type EventBook, EventBookSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { eventsOf } from './typed-event.ts'
import { CommandResponse } from './wrappers/command-response.ts'
import { EventBook as WrappedBook } from './wrappers/event-book.ts'

const bytesOf = (orderId: string): Uint8Array =>
  toBinary(OrderCreatedSchema, create(OrderCreatedSchema, { orderId }))
const bookOf = (...events: readonly (readonly [string, Uint8Array])[]): EventBook =>
  create(EventBookSchema, {
    pages: events.map(([typeUrl, value], at) => ({
      header: { sequenceType: { case: 'sequence' as const, value: at } },
      createdAt: timestampFromMs(1000 + at),
      payload: { case: 'event' as const, value: { typeUrl, value } },
    })),
  })
const CREATED = 'type.googleapis.com/orders.OrderCreated'
const CANCELLED = 'type.googleapis.com/orders.OrderCancelled'

describe('eventsOf', () => {
  it('decodes a batch of one type in order [client-C-0382]', () => {
    const book = bookOf([CREATED, bytesOf('a')], [CREATED, bytesOf('b')])
    const events = eventsOf(book, OrderCreatedSchema)
    assert.deepEqual(
      events.map(({ sequence, message, createdAt }) => [sequence, message.orderId, createdAt]),
      [
        [0, 'a', new Date(1000)],
        [1, 'b', new Date(1001)],
      ],
    )
  })

  it('decodes a mixture into a union that is told apart by type name [client-C-0383]', () => {
    const book = bookOf([CREATED, bytesOf('a')], [CANCELLED, new Uint8Array()])
    const names = eventsOf(book, OrderCreatedSchema, OrderCancelledSchema).map(
      ({ message }) => message.$typeName,
    )
    assert.deepEqual(names, ['orders.OrderCreated', 'orders.OrderCancelled'])
  })

  it('leaves out what is not of a named type [client-C-0384]', () => {
    const book = bookOf([CANCELLED, new Uint8Array()], [CREATED, bytesOf('b')])
    const events = eventsOf(book, OrderCreatedSchema, OrderCompletedSchema)
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [1],
    )
    assert.deepEqual(eventsOf(book), [])
  })

  it('takes type URLs as a whole, never by their ending', () => {
    const book = bookOf(
      ['orders.OrderCreated', bytesOf('a')],
      ['example.com/orders.OrderCreated', bytesOf('a')],
      ['type.googleapis.com/more.orders.OrderCreated', bytesOf('a')],
    )
    assert.deepEqual(eventsOf(book, OrderCreatedSchema), [])
  })

  it('reads a response, a book, and the wrapper of either', () => {
    const events = bookOf([CREATED, bytesOf('a')])
    const response = create(CommandResponseSchema, { events })
    for (const source of [
      events,
      new WrappedBook(events),
      response,
      new CommandResponse(response),
    ]) {
      assert.equal(eventsOf(source, OrderCreatedSchema)[0]?.message.orderId, 'a')
    }
    assert.deepEqual(eventsOf(create(CommandResponseSchema), OrderCreatedSchema), [])
  })

  it('refuses an event of a named type that cannot be decoded', () => {
    const book = bookOf([CREATED, Uint8Array.of(0x0a, 0xff)])
    assert.throws(
      () => eventsOf(book, OrderCreatedSchema),
      (error: unknown) => {
        assert.ok(error instanceof Error && 'code' in error && 'details' in error)
        assert.equal(error.code, 'ANY_DECODE_FAILED')
        assert.equal((error.details as Record<string, string>)['expected'], 'orders.OrderCreated')
        assert.ok(error.cause instanceof Error)
        return true
      },
    )
  })

  it('makes an empty message of an event without bytes [client-C-0378]', () => {
    const [event] = eventsOf(bookOf([CREATED, new Uint8Array()]), OrderCreatedSchema)
    assert.deepEqual(event?.message, create(OrderCreatedSchema))
  })

  it('leaves out what lies elsewhere, and copes with pages that say little', () => {
    const book = create(EventBookSchema, {
      pages: [
        { payload: { case: 'external', value: { uri: 'file:///x' } } },
        {},
        { payload: { case: 'event', value: { typeUrl: CREATED, value: bytesOf('a') } } },
      ],
    })
    const [event, ...more] = eventsOf(book, OrderCreatedSchema)
    assert.deepEqual([event?.sequence, event?.createdAt, more.length], [0, undefined, 0])
  })
})
