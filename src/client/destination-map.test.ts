import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { orderRoot, toProtoBytes } from '../identity/compute-root.ts'
import { type EventBook, EventBookSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { destinationMap } from './destination-map.ts'
import { EventBook as WrappedBook } from './wrappers/event-book.ts'

const bookOf = (orderId: string, nextSequence = 0): EventBook =>
  create(EventBookSchema, {
    cover: { domain: 'order', root: { value: toProtoBytes(orderRoot(orderId)) } },
    nextSequence,
  })
const keyOf = (orderId: string): string => orderRoot(orderId).replaceAll('-', '')

describe('destinationMap', () => {
  it('finds books by their root, given as messages or wrappers', () => {
    const [first, second] = [bookOf('ord-1'), bookOf('ord-2')]
    const map = destinationMap([first, new WrappedBook(second)])
    assert.deepEqual([...map.keys()], [keyOf('ord-1'), keyOf('ord-2')])
    assert.equal(map.get(keyOf('ord-1')), first)
    assert.equal(map.get(keyOf('ord-2')), second)
  })

  it('leaves out books without a cover or a root', () => {
    const bare = create(EventBookSchema)
    const rootless = create(EventBookSchema, { cover: { domain: 'order' } })
    assert.equal(destinationMap([bare, rootless]).size, 0)
  })

  it('keeps the later of two books for one root', () => {
    const later = bookOf('ord-1', 5)
    assert.equal(destinationMap([bookOf('ord-1', 1), later]).get(keyOf('ord-1')), later)
  })
})
