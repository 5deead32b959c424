import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromBinary } from '@bufbuild/protobuf'
import { CreateOrderSchema, OrderCreatedSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { fakeClock } from './fake-clock.ts'
import { rootOfBytes } from '../identity.ts'
import {
  DEFAULT_TEST_NAMESPACE,
  makeCommandBook,
  makeCommandPage,
  makeCover,
  makeEventBook,
  makeEventPage,
  makeTimestamp,
  testingPackEvent,
  uuidFor,
  uuidObjFor,
  uuidStrFor,
} from './book-builders.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('uuidFor', () => {
  it('names in the namespace of all clients [client-C-0115]', () => {
    assert.equal(DEFAULT_TEST_NAMESPACE, 'a1b2c3d4-e5f6-7890-abcd-ef1234567890')
  })

  it('gives the bytes that every client gives [client-C-0116]', () => {
    const vectors = {
      alice: '8e415de542f65dbc93694846af13f94b',
      'payment-1': '4d9e369d4dd0592db5267aa09b8d890f',
      'inventory-1': 'ae7b95fee7a2551f83ba7665f604d52b',
      'order-42': 'bf1cb62ec5f35fd986552136859f9b17',
      'empty-str': '209192ada8d65340b7f90f0af561b918',
      '': '3639b375977956168e43a967e6cdf609',
      'player-1': '6d9f1c70074953cf8330ccfdf16aa72f',
      'table-1': 'de2b7ae84b68570ba3e61cc8610dcfea',
      'player-alice': 'a4ddc753b7f25facb7c5ea441ec6c4fb',
    }
    for (const [name, expected] of Object.entries(vectors)) {
      assert.equal(hex(uuidFor(name)), expected)
    }
  })

  it('agrees in bytes, text and checked text [client-C-0117]', () => {
    assert.equal(uuidStrFor('alice'), '8e415de5-42f6-5dbc-9369-4846af13f94b')
    assert.equal(uuidObjFor('alice'), uuidStrFor('alice'))
    assert.equal(rootOfBytes(uuidFor('alice')), uuidStrFor('alice'))
  })

  it('takes another namespace, and refuses what is none', () => {
    const other = uuidStrFor('some namespace')
    assert.notEqual(uuidStrFor('alice', other), uuidStrFor('alice'))
    assert.throws(() => uuidFor('alice', 'no-uuid'), { code: 'ROOT_INVALID' })
  })
})

describe('makeCover', () => {
  it('keeps domain, root and correlation id [client-C-0118]', () => {
    const cover = makeCover('order', uuidFor('order-42'), 'corr-99')
    assert.equal(cover.domain, 'order')
    assert.deepEqual(cover.root?.value, uuidFor('order-42'))
    assert.equal(cover.correlationId, 'corr-99')
  })

  it('takes the text of a UUID too, and needs no correlation id', () => {
    const cover = makeCover('order', uuidStrFor('order-42'))
    assert.deepEqual(cover.root?.value, uuidFor('order-42'))
    assert.equal(cover.correlationId, '')
  })
})

describe('makeEventBook', () => {
  const cover = makeCover('order', uuidFor('order-42'))
  const page = makeEventPage(0, testingPackEvent(OrderCreatedSchema, {}))

  it('without pages goes on at 0 [client-C-0119]', () => {
    const book = makeEventBook(cover)
    assert.equal(book.nextSequence, 0)
    assert.deepEqual(book.pages, [])
    assert.equal(book.cover, cover)
  })

  it('goes on behind its pages unless it is told where', () => {
    assert.equal(makeEventBook(cover, [page, page]).nextSequence, 2)
    assert.equal(makeEventBook(cover, [page], 9).nextSequence, 9)
    assert.equal(makeEventBook(cover, [page], 0).nextSequence, 0)
  })
})

describe('the builders of pages', () => {
  it('make an event page with sequence, event and time', () => {
    const clock = fakeClock({ wall: 1_500_000_000n })
    const event = testingPackEvent(OrderCreatedSchema, { orderId: 'ord-42' })
    const page = makeEventPage(4, event, clock)
    assert.deepEqual(page.header?.sequenceType, { case: 'sequence', value: 4 })
    assert.deepEqual(page.payload, { case: 'event', value: event })
    assert.deepEqual(page.createdAt, makeTimestamp(clock))
    assert.deepEqual([page.createdAt?.seconds, page.createdAt?.nanos], [1n, 500_000_000])
  })

  it('make a command page, and a book of one', () => {
    const cover = makeCover('order', uuidFor('order-42'))
    const command = testingPackEvent(CreateOrderSchema, {})
    assert.deepEqual(makeCommandPage(3, command).header?.sequenceType, {
      case: 'sequence',
      value: 3,
    })
    const book = makeCommandBook(cover, command)
    assert.equal(book.cover, cover)
    assert.deepEqual(book.pages, [makeCommandPage(0, command)])
    assert.deepEqual(makeCommandBook(cover, command, 3).pages, [makeCommandPage(3, command)])
  })

  it('pack with prefix and full name', () => {
    const any = testingPackEvent(OrderCreatedSchema, { orderId: 'ord-42' })
    assert.equal(any.typeUrl, 'type.googleapis.com/orders.OrderCreated')
    assert.equal(fromBinary(OrderCreatedSchema, any.value).orderId, 'ord-42')
  })

  it('stamp with the time of this machine unless there is a clock', () => {
    const before = BigInt(Math.floor(Date.now() / 1000))
    assert.ok(makeTimestamp().seconds >= before)
  })
})
