import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import {
  OrderCancelledSchema,
  OrderCompletedSchema,
  OrderCreatedSchema,
} from '../../test/fixtures/gen/orders_pb.ts'
import { InvalidTimestampError } from '../errors/client-error.ts'
import { rootOfBytes } from '../identity.ts'
import { orderRoot } from '../identity/compute-root.ts'
import {
  EditionSchema,
  type EventBook,
  EventBookSchema,
  type Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { QueryBuilder } from './query-builder.ts'
import { QueryClient } from './query-client.ts'
import { RecordingTransport } from './recording-transport.test.support.ts'

const clientOf = (transport: RecordingTransport): QueryClient => new QueryClient(transport)
const builder = (): QueryBuilder =>
  new QueryBuilder(clientOf(new RecordingTransport()), 'order', 'ord-42')

const book = (reason: string): EventBook =>
  create(EventBookSchema, {
    nextSequence: 3,
    pages: [
      {
        header: { sequenceType: { case: 'sequence', value: 0 } },
        createdAt: timestampFromMs(1_705_314_600_000),
        payload: {
          case: 'event',
          value: {
            typeUrl: 'type.googleapis.com/orders.OrderCreated',
            value: toBinary(OrderCreatedSchema, create(OrderCreatedSchema, { orderId: 'ord-42' })),
          },
        },
      },
      {
        header: { sequenceType: { case: 'sequence', value: 1 } },
        payload: {
          case: 'event',
          value: { typeUrl: 'type.googleapis.com/orders.OrderNoteAdded', value: new Uint8Array() },
        },
      },
      {
        header: { sequenceType: { case: 'sequence', value: 2 } },
        payload: {
          case: 'event',
          value: {
            typeUrl: 'type.googleapis.com/orders.OrderCancelled',
            value: toBinary(OrderCancelledSchema, create(OrderCancelledSchema, { reason })),
          },
        },
      },
    ],
  })

function rangeOf({ selection }: Query): readonly [number, number | undefined] {
  assert.ok(selection.case === 'range')
  return [selection.value.lower, selection.value.upper]
}

describe('QueryBuilder.build', () => {
  it('selects an aggregate by domain and root [client-C-0385]', () => {
    const query = builder().build()
    assert.equal(query.cover?.domain, 'order')
    assert.equal(rootOfBytes(query.cover?.root?.value ?? new Uint8Array()), orderRoot('ord-42'))
    assert.equal(query.cover?.correlationId, '')
  })

  it('selects a domain without a root [client-C-0386]', () => {
    const query = new QueryBuilder(clientOf(new RecordingTransport()), 'order').build()
    assert.equal(query.cover?.domain, 'order')
    assert.equal(query.cover?.root, undefined)
  })

  it('selects the whole history unless it is told a part', () => {
    assert.equal(builder().build().selection.case, undefined)
  })

  it('selects from a sequence on, without an upper end [client-C-0387]', () => {
    assert.deepEqual(rangeOf(builder().range(10).build()), [10, undefined])
  })

  it('selects from one sequence to another [client-C-0388]', () => {
    assert.deepEqual(rangeOf(builder().rangeTo(5, 15).build()), [5, 15])
    assert.deepEqual(rangeOf(builder().rangeTo(0, 0).build()), [0, 0])
  })

  it('selects the state as of a sequence [client-C-0389]', () => {
    const { selection } = builder().asOfSequence(42).build()
    assert.ok(selection.case === 'temporal')
    assert.deepEqual(selection.value.pointInTime, { case: 'asOfSequence', value: 42 })
  })

  it('selects the state as of a time [client-C-0390]', () => {
    for (const time of ['2024-01-15T10:30:00Z', new Date('2024-01-15T10:30:00Z')]) {
      const { selection } = builder().asOfTime(time).build()
      assert.ok(selection.case === 'temporal')
      assert.ok(selection.value.pointInTime.case === 'asOfTime')
      assert.equal(selection.value.pointInTime.value.seconds, 1_705_314_600n)
    }
  })

  it('refuses a text that is no time, at once [client-C-0391]', () => {
    assert.throws(
      () => builder().asOfTime('not-a-timestamp'),
      (error: unknown) => {
        assert.ok(error instanceof InvalidTimestampError)
        assert.equal(error.code, 'TIMESTAMP_PARSE_FAILED')
        assert.equal(error.details['input'], 'not-a-timestamp')
        return true
      },
    )
    assert.throws(() => builder().asOfTime(new Date(Number.NaN)), { code: 'INVALID_ARGUMENT' })
  })

  it('selects by correlation id [client-C-0392]', () => {
    assert.equal(builder().byCorrelationId('corr-7').build().cover?.correlationId, 'corr-7')
  })

  it('drops the root when it selects by correlation id [client-C-0393]', () => {
    assert.equal(builder().byCorrelationId('corr-7').build().cover?.root, undefined)
  })

  it('selects in an edition [client-C-0394]', () => {
    assert.equal(builder().edition('test-branch').build().cover?.edition?.name, 'test-branch')
    assert.equal(builder().withEdition('test-branch').build().cover?.edition?.name, 'test-branch')
    const edition = create(EditionSchema, {
      name: 'test-branch',
      divergences: [{ domain: 'order', sequence: 4 }],
    })
    assert.deepEqual(builder().edition(edition).build().cover?.edition, edition)
  })

  it('selects in the main timeline without one [client-C-0395]', () => {
    assert.equal(builder().build().cover?.edition, undefined)
    assert.equal(builder().edition('').build().cover?.edition, undefined)
  })

  it('keeps everything that was chained [client-C-0396]', () => {
    const query = builder().rangeTo(1, 2).edition('test-branch').byCorrelationId('corr-7').build()
    assert.deepEqual(rangeOf(query), [1, 2])
    assert.equal(query.cover?.edition?.name, 'test-branch')
    assert.equal(query.cover?.correlationId, 'corr-7')
    assert.equal(query.cover?.domain, 'order')
  })

  it('selects by what was said last [client-C-0397]', () => {
    const query = builder().range(5).asOfSequence(10).build()
    assert.equal(query.selection.case, 'temporal')
    assert.deepEqual(rangeOf(builder().asOfSequence(10).range(5).build()), [5, undefined])
  })

  it('refuses what is no sequence', () => {
    for (const input of [-1, 0.5, Number.NaN, 2 ** 32]) {
      const details = { input: String(input) }
      assert.throws(() => builder().range(input), { details: { field: 'lower', ...details } })
      assert.throws(() => builder().rangeTo(0, input), { details: { field: 'upper', ...details } })
      assert.throws(() => builder().asOfSequence(input), {
        details: { field: 'sequence', ...details },
      })
    }
  })
})

describe('the reads of a QueryBuilder', () => {
  it('answer the book of the query service [client-C-0398]', async () => {
    const expected = book('late')
    const transport = new RecordingTransport({ books: [expected] })
    const query = clientOf(transport).query('order', 'ord-42').range(1)
    assert.equal(await query.getEventBook(), expected)
    assert.deepEqual(transport.queries, [query.build()])
  })

  it('answer every book as a list, or one by one', async () => {
    const books = [book('a'), book('b')]
    const transport = new RecordingTransport({ books })
    const query = clientOf(transport).queryDomain('order').byCorrelationId('corr-7')
    assert.deepEqual(await query.getEvents(), books)
    assert.deepEqual(await Array.fromAsync(query.streamBooks()), books)
  })

  it('answer the pages alone [client-C-0399]', async () => {
    const transport = new RecordingTransport({ books: [book('late')] })
    assert.deepEqual(
      await clientOf(transport).query('order', 'ord-42').getPages(),
      book('late').pages,
    )
  })

  it('answer the named types as messages with place and time', async () => {
    const transport = new RecordingTransport({ books: [book('late')] })
    const events = await clientOf(transport)
      .query('order', 'ord-42')
      .events(OrderCreatedSchema, OrderCancelledSchema, OrderCompletedSchema)
    const seen = events.map(({ sequence, message, createdAt }) => {
      switch (message.$typeName) {
        case 'orders.OrderCreated':
          return [sequence, message.orderId, createdAt?.toISOString()]
        case 'orders.OrderCancelled':
          return [sequence, message.reason, createdAt]
        case 'orders.OrderCompleted':
          return [sequence, message.orderId, createdAt]
        default:
          return message satisfies never
      }
    })
    assert.deepEqual(seen, [
      [0, 'ord-42', '2024-01-15T10:30:00.000Z'],
      [2, 'late', undefined],
    ])
  })

  it('answer the messages of every book when there is no root', async () => {
    const transport = new RecordingTransport({ books: [book('a'), book('b')] })
    const query = clientOf(transport).queryDomain('order').byCorrelationId('corr-7')
    const reasons = (await query.events(OrderCancelledSchema)).map(({ message }) => message.reason)
    assert.deepEqual(reasons, ['a', 'b'])
  })

  it('answer messages one by one, and end the query when the reader breaks out', async () => {
    const transport = new RecordingTransport({ books: [book('a'), book('b')] })
    const query = clientOf(transport).query('order', 'ord-42')
    for await (const { message } of query.streamEvents(OrderCancelledSchema)) {
      assert.equal(message.reason, 'a')
      break
    }
    assert.equal(transport.endedStreams, 1)
  })

  it('refuse a message that cannot be decoded', async () => {
    const corrupt = book('late')
    const payload = corrupt.pages[2]?.payload
    assert.ok(payload?.case === 'event')
    payload.value.value = Uint8Array.of(0x0a, 0xff)
    const transport = new RecordingTransport({ books: [corrupt] })
    const query = clientOf(transport).query('order', 'ord-42')
    await assert.rejects(query.events(OrderCancelledSchema), { code: 'ANY_DECODE_FAILED' })
    assert.equal((await query.events(OrderCreatedSchema)).length, 1)
  })

  it('take signal and deadline from the builder, or from the call', async () => {
    const transport = new RecordingTransport()
    const query = clientOf(transport).query('order', 'ord-42').withCallOptions({ timeoutMs: 70 })
    await query.events(OrderCreatedSchema)
    await query.getPages({ timeoutMs: 30 })
    assert.deepEqual(
      transport.options.map(({ timeoutMs }) => timeoutMs),
      [70, 30],
    )
  })
})

describe('the shortcuts of QueryClient', () => {
  it('build a query for an aggregate [client-C-0400]', () => {
    const query = clientOf(new RecordingTransport()).query('order', orderRoot('ord-42')).build()
    assert.deepEqual(query, builder().build())
  })

  it('build a query without a root [client-C-0401]', () => {
    const query = clientOf(new RecordingTransport()).queryDomain('order').build()
    assert.equal(query.cover?.domain, 'order')
    assert.equal(query.cover?.root, undefined)
  })
})
