import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { InvalidArgumentError } from '../errors/client-error.ts'
import {
  type CommandBook,
  CommandBookSchema,
  CoverSchema,
  PageHeaderSchema,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Destinations } from './destinations.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function bookFor(domain: string, pages = 1): CommandBook {
  const value = { typeUrl: 'type.googleapis.com/example.Foo', value: new Uint8Array([1, 2, 3, 4]) }
  return create(CommandBookSchema, {
    cover: {
      domain,
      correlationId: 'corr-1',
      root: { value: Uint8Array.from({ length: 16 }, (_, i) => i) },
    },
    pages: Array.from({ length: pages }, () => ({ payload: { case: 'command' as const, value } })),
  })
}

describe('Destinations', () => {
  test('knows a domain at sequence 0 [client-C-0132]', () => {
    const to = new Destinations({ inventory: 0 })
    assert.deepEqual([to.hasDomain('inventory'), to.sequenceFor('inventory')], [true, 0])
  })

  test('does not know other domains, nor the empty one [client-C-0133]', () => {
    const to = new Destinations(new Map([['inventory', 7]]))
    for (const domain of ['fulfillment', '']) {
      assert.deepEqual([to.hasDomain(domain), to.sequenceFor(domain)], [false, undefined])
    }
    assert.deepEqual(new Destinations().domains, [])
  })

  test('lists all domains [client-C-0134]', () => {
    const domains = ['fulfillment', 'inventory', 'payment']
    const to = Destinations.fromProto({ inventory: 1, fulfillment: 2, payment: 0 })
    assert.deepEqual([...to.domains].sort(), domains)
  })

  test('lists them in the order they were given [client-C-0135]', () => {
    const order = ['zulu', 'alpha', 'mike']
    const map = new Map(order.map((domain, index) => [domain, index]))
    assert.deepEqual(new Destinations(map).domains, order)
    assert.deepEqual(Destinations.fromProto(Object.fromEntries(map)).domains, order)
  })

  test('keeps a copy of what it was given', () => {
    const sequences = new Map([['inventory', 7]])
    const to = new Destinations(sequences)
    sequences.set('inventory', 8)
    assert.equal(to.sequenceFor('inventory'), 7)
  })

  test('stamps a command byte for byte as other languages do [client-C-0182]', () => {
    const book = bookFor('saga-x')
    const stamped = new Destinations({ inventory: 5 }).stampCommand(book, 'inventory')
    assert.equal(stamped, book)
    const bytes = toBinary(CommandBookSchema, stamped)
    assert.equal(
      hex(bytes),
      '0a240a120a10000102030405060708090a0b0c0d0e0f1206736167612d781a06636f72722d31' +
        '122d0a0208051a270a1f747970652e676f6f676c65617069732e636f6d2f6578616d706c652e466f6f' +
        '120401020304',
    )
    assert.equal(
      createHash('sha256').update(bytes).digest('hex'),
      '8a6da2dfa422553d73fcd840f6ad501c91ac6ffcac2f591183146ab6c042ace9',
    )
  })

  test('stamps every page, whatever place it had, and keeps its sync mode', () => {
    const book = bookFor('inventory', 3)
    const [first, second] = book.pages
    if (first !== undefined) first.header = Destinations.deferredHeader(create(CoverSchema), 1)
    if (second !== undefined) {
      second.header = create(PageHeaderSchema, { syncMode: SyncMode.CASCADE })
    }
    const shared = first?.header
    new Destinations({ inventory: 0 }).stampCommand(book, 'inventory')
    assert.deepEqual(
      book.pages.map(({ header }) => [header?.sequenceType, header?.syncMode]),
      [undefined, SyncMode.CASCADE, undefined].map((mode) => [
        { case: 'sequence', value: 0 },
        mode,
      ]),
    )
    assert.equal(shared?.sequenceType.case, 'angzarrDeferred')
  })

  test('does not touch the domain of the book', () => {
    const book = bookFor('elsewhere')
    new Destinations({ inventory: 5 }).stampCommand(book, 'inventory')
    assert.equal(book.cover?.domain, 'elsewhere')
  })

  test('refuses to stamp for a domain it does not know', () => {
    const book = bookFor('inventory')
    assert.throws(
      () => new Destinations({ payment: 1 }).stampCommand(book, 'inventory'),
      (error) => {
        assert.ok(error instanceof InvalidArgumentError)
        assert.deepEqual(
          [error.code, error.grpcStatus, { ...error.details }],
          ['MISSING_DESTINATION_SEQUENCE', 'INVALID_ARGUMENT', { domain: 'inventory' }],
        )
        return true
      },
    )
    assert.equal(book.pages[0]?.header, undefined)
  })

  test('makes a deferred header byte for byte, of a cover or a wrapper', () => {
    const cover = create(CoverSchema, {
      domain: 'orders',
      correlationId: 'corr-1',
      root: { value: new Uint8Array(16).fill(7) },
    })
    const expected =
      '1a280a240a120a100707070707070707070707070707070712066f72646572731a06636f72722d311009'
    for (const source of [cover, { proto: () => cover }]) {
      const header = Destinations.deferredHeader(source, 9)
      assert.equal(hex(toBinary(PageHeaderSchema, header)), expected)
      assert.ok(header.sequenceType.case === 'angzarrDeferred')
      assert.notEqual(header.sequenceType.value.source, cover)
    }
  })
})
