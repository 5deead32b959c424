import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { EventBookSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Cover } from './cover.ts'
import { EventBook } from './event-book.ts'
import { EventPage } from './event-page.ts'

const book = create(EventBookSchema, {
  cover: { domain: 'order' },
  pages: [4, 5, 6].map((value) => ({
    header: { sequenceType: { case: 'sequence' as const, value } },
  })),
  nextSequence: 7,
})

describe('EventBook', () => {
  it('gives its pages wrapped, in order', () => {
    const wrapped = new EventBook(book)
    assert.deepEqual(
      wrapped.pages().map((page) => page.sequenceNum()),
      [4, 5, 6],
    )
    assert.ok(wrapped.pages()[0] instanceof EventPage)
    assert.equal(wrapped.pages()[0]?.proto(), book.pages[0])
    assert.equal(wrapped.firstPage()?.sequenceNum(), 4)
    assert.equal(wrapped.lastPage()?.sequenceNum(), 6)
    assert.equal(wrapped.nextSequence(), 7)
    assert.equal(wrapped.isEmpty(), false)
  })

  it('has no first or last page when it is empty', () => {
    const wrapped = new EventBook(create(EventBookSchema))
    assert.equal(wrapped.isEmpty(), true)
    assert.deepEqual(wrapped.pages(), [])
    assert.equal(wrapped.firstPage(), undefined)
    assert.equal(wrapped.lastPage(), undefined)
    assert.equal(wrapped.nextSequence(), 0)
  })

  it('always has a cover, an empty one when the message has none', () => {
    assert.equal(new EventBook(book).cover().proto(), book.cover)
    const cover = new EventBook(create(EventBookSchema)).cover()
    assert.ok(cover instanceof Cover)
    assert.equal(cover.domain(), 'unknown')
  })
})
