import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from 'amends'
import { cancelled, confirmedOrder, placed } from './audit/sample-books.ts'
import { Books } from './books.ts'
import { BooksOpenedSchema } from './gen/book_pb.ts'
import { OrderConfirmedSchema } from './gen/order_pb.ts'
import type { BusinessEvent } from './history.ts'

function add(books: Books, event: BusinessEvent): void {
  const type = event.$typeName
  books.add({ domain: 'sample', correlationId: '', recordedMs: 0, type, event })
}

describe('Books', () => {
  test('the settings are those the books were opened with', () => {
    assert.equal(new Books().settings, undefined)
    const books = new Books()
    add(books, create(BooksOpenedSchema, { settings: { repeat: 3 } }))
    assert.equal(books.settings?.repeat, 3)
  })

  test('an order is open from its placing to its end, whichever end it is', () => {
    const books = new Books()
    add(books, placed({ ...confirmedOrder, number: 1 }))
    add(books, placed({ ...confirmedOrder, number: 2 }))
    assert.deepEqual(books.open(), [1, 2])
    add(books, create(OrderConfirmedSchema, { number: 1 }))
    add(books, cancelled(2, 'NO_CARRIER'))
    assert.deepEqual(books.open(), [])
    assert.deepEqual([...books.amended], [[2, 'NO_CARRIER']])
  })

  test('whoever waits for an order is told when it ends, before or after asking', async () => {
    const books = new Books()
    const asked = [books.ended(1), books.ended(1)]
    add(books, create(OrderConfirmedSchema, { number: 1 }))
    await Promise.all([...asked, books.ended(1)])
  })

  test('whoever still waits when the books close is told why', async () => {
    const books = new Books()
    const asked = books.ended(1)
    books.close(new Error('the ledger is gone'))
    await assert.rejects(asked, /the ledger is gone/)
  })
})
