import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { command, fact } from '../../src/component/outgoing-books.ts'
import { bytesOfRoot, parseRoot } from '../../src/identity.ts'
import { productRoot } from '../../src/identity/compute-root.ts'
import { MergeStrategy, SyncMode } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { ReserveStockSchema, StockAddedSchema } from '../fixtures/gen/inventory_pb.ts'
import { make } from './envelopes.ts'
import { coded } from './has-code.ts'

const UUID = '8e415de5-42f6-5dbc-9369-4846af13f94b'

describe('command', () => {
  test('addresses an aggregate by business key, UUID or bytes', () => {
    const roots = ['SKU-001', UUID.toUpperCase(), bytesOfRoot(parseRoot(UUID))].map(
      (root) => command('product', root, ReserveStockSchema, {}).cover?.root?.value,
    )
    const uuid = bytesOfRoot(parseRoot(UUID))
    assert.deepEqual(roots, [bytesOfRoot(productRoot('SKU-001')), uuid, uuid])
  })

  test('has one page with the message and nothing that was not asked for', () => {
    const book = command('inventory', 'tea', ReserveStockSchema, { sku: 'tea' })
    const [page, ...rest] = book.pages
    assert.deepEqual(rest, [])
    assert.deepEqual(page?.payload, {
      case: 'command',
      value: packAny(ReserveStockSchema, make(ReserveStockSchema, { sku: 'tea' })),
    })
    assert.deepEqual(
      [page.header, page.mergeStrategy, book.cover?.correlationId, book.cover?.edition],
      [undefined, MergeStrategy.MERGE_COMMUTATIVE, '', undefined],
    )
  })

  test('takes every option', () => {
    const book = command(
      'inventory',
      'tea',
      ReserveStockSchema,
      make(ReserveStockSchema, { sku: 'tea' }),
      {
        correlationId: 'c-1',
        syncMode: SyncMode.CASCADE,
        mergeStrategy: MergeStrategy.MERGE_STRICT,
        sequence: 0,
      },
    )
    const [page] = book.pages
    assert.equal(book.cover?.correlationId, 'c-1')
    assert.deepEqual(page?.header?.sequenceType, { case: 'sequence', value: 0 })
    assert.deepEqual(
      [page.header.syncMode, page.mergeStrategy],
      [SyncMode.CASCADE, MergeStrategy.MERGE_STRICT],
    )
  })

  test('may ask for a mode without claiming a sequence', () => {
    const options = { syncMode: SyncMode.SIMPLE }
    const [page] = command('inventory', 'tea', ReserveStockSchema, {}, options).pages
    assert.deepEqual(page?.header?.sequenceType, { case: undefined })
  })

  test('refuses bytes that are no root', () => {
    const call = () => command('inventory', new Uint8Array(15), ReserveStockSchema, {})
    assert.throws(call, coded('ROOT_INVALID'))
  })
})

describe('fact', () => {
  test('carries its external identifier', () => {
    const options = { externalId: 'p-1', description: 'from the bank', correlationId: 'c-1' }
    const book = fact('inventory', 'tea', StockAddedSchema, { quantity: 3 }, options)
    const [page] = book.pages
    const place = page?.header?.sequenceType
    assert.ok(place?.case === 'externalDeferred')
    assert.deepEqual([place.value.externalId, place.value.description], ['p-1', 'from the bank'])
    assert.deepEqual(page?.payload, {
      case: 'event',
      value: packAny(StockAddedSchema, make(StockAddedSchema, { quantity: 3 })),
    })
    assert.deepEqual([book.cover?.domain, book.cover?.correlationId], ['inventory', 'c-1'])
  })

  test('leaves its place to the coordinator when it has none', () => {
    const [page] = fact('inventory', 'tea', StockAddedSchema, {}).pages
    assert.equal(page?.header, undefined)
  })
})
