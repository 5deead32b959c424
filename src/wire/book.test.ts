import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { OrderCreatedSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { orderRoot } from '../identity/compute-root.ts'
import {
  CommandBookSchema,
  EventBookSchema,
  EventPageSchema,
  MergeStrategy,
  SnapshotSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from './any.ts'
import {
  destinationMap,
  newCommandBook,
  newCommandPage,
  newEventBook,
  newEventPage,
  nextSequenceOf,
} from './book.ts'
import { newCover } from './cover.ts'
import { externalHeader } from './header.ts'

const event = packAny(OrderCreatedSchema, create(OrderCreatedSchema))
const root = '9141d644-0602-5762-a8b9-d74e7d5a3d45'

function bookOf(sequences: readonly number[], snapshotAt?: number) {
  const pages = sequences.map((sequence) => newEventPage(sequence, event))
  const book = create(EventBookSchema, { pages })
  if (snapshotAt !== undefined) book.snapshot = create(SnapshotSchema, { sequence: snapshotAt })
  return book
}

describe('nextSequenceOf', () => {
  test('is 0 for an empty book', () => {
    assert.equal(nextSequenceOf(bookOf([])), 0)
  })

  test('is one behind the last page', () => {
    assert.equal(nextSequenceOf(bookOf([0])), 1)
    assert.equal(nextSequenceOf(bookOf([0, 1, 2, 3, 4])), 5)
  })

  test('is one behind the snapshot without pages', () => {
    assert.equal(nextSequenceOf(bookOf([], 10)), 11)
    assert.equal(nextSequenceOf(bookOf([], 0)), 1)
  })

  test('counts the pages behind a snapshot', () => {
    assert.equal(nextSequenceOf(bookOf([6, 7, 8], 5)), 9)
  })

  test('does not fall behind the snapshot for pages that it covers', () => {
    assert.equal(nextSequenceOf(bookOf([3, 4], 5)), 6)
  })

  test('passes over facts that have no sequence yet', () => {
    const book = bookOf([0, 1])
    book.pages.push(create(EventPageSchema, { header: externalHeader('id-1') }))
    assert.equal(nextSequenceOf(book), 2)
  })

  test('does not believe what the book says', () => {
    const book = bookOf([0, 1])
    book.nextSequence = 77
    assert.equal(nextSequenceOf(book), 2)
  })
})

describe('newEventBook', () => {
  test('computes the next sequence unless it is given', () => {
    const pages = [newEventPage(4, event)]
    assert.equal(newEventBook({ pages }).nextSequence, 5)
    assert.equal(newEventBook({ pages, nextSequence: 0 }).nextSequence, 0)
    assert.equal(newEventBook({}).nextSequence, 0)
  })

  test('holds what it is given', () => {
    const cover = newCover({ domain: 'order', root })
    const snapshot = create(SnapshotSchema, { sequence: 3 })
    const book = newEventBook({ cover, snapshot, pages: [newEventPage(4, event, 1n)] })
    assert.equal(book.cover, cover)
    assert.equal(book.snapshot, snapshot)
    assert.equal(book.pages[0]?.createdAt?.nanos, 1)
    assert.equal(newEventPage(4, event).createdAt, undefined)
  })
})

describe('a command book', () => {
  test('holds its pages with sequence and merge strategy', () => {
    const cover = newCover({ domain: 'order', root })
    const page = newCommandPage(7, event, MergeStrategy.MERGE_STRICT)
    const book = newCommandBook(cover, [page])
    assert.deepStrictEqual(book, create(CommandBookSchema, { cover, pages: [page] }))
    assert.equal(page.mergeStrategy, MergeStrategy.MERGE_STRICT)
    assert.equal(newCommandPage(7, event).mergeStrategy, MergeStrategy.MERGE_COMMUTATIVE)
    const wrapped = newCommandBook({ proto: () => cover }, [{ proto: () => page }])
    assert.deepStrictEqual(wrapped, book)
  })
})

describe('destinationMap', () => {
  const bookAt = (key: string, nextSequence = 0) =>
    newEventBook({ cover: newCover({ domain: 'order', root: key }), nextSequence })
  const hexAt = (key: string): string => orderRoot(key).replaceAll('-', '')

  test('finds books by their root, given as messages or wrappers', () => {
    const [first, second] = [bookAt('ord-1'), bookAt('ord-2')]
    const map = destinationMap([first, { proto: () => second }])
    assert.deepStrictEqual([...map.keys()], [hexAt('ord-1'), hexAt('ord-2')])
    assert.equal(map.get(hexAt('ord-1')), first)
    assert.equal(map.get(hexAt('ord-2')), second)
  })

  test('leaves out books without a cover or a root', () => {
    const rootless = newEventBook({ cover: newCover({ domain: 'order' }) })
    assert.equal(destinationMap([newEventBook({}), rootless]).size, 0)
  })

  test('keeps the later of two books for one root', () => {
    const later = bookAt('ord-1', 5)
    assert.equal(destinationMap([bookAt('ord-1', 1), later]).get(hexAt('ord-1')), later)
  })
})
