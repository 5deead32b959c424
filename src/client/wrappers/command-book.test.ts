import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import {
  CommandBookSchema,
  MergeStrategy,
  QuerySchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CommandBook } from './command-book.ts'
import { CommandPage } from './command-page.ts'
import { Query } from './query.ts'

const book = create(CommandBookSchema, {
  cover: { domain: 'order' },
  pages: [
    {
      header: { sequenceType: { case: 'sequence', value: 5 } },
      mergeStrategy: MergeStrategy.MERGE_STRICT,
      payload: {
        case: 'command',
        value: { typeUrl: 'type.googleapis.com/orders.CreateOrder', value: Uint8Array.of(1) },
      },
    },
    { header: { sequenceType: { case: 'angzarrDeferred', value: { sourceSeq: 9 } } } },
  ],
})

describe('CommandBook', () => {
  it('gives its pages wrapped, and what its first page says', () => {
    const wrapped = new CommandBook(book)
    assert.equal(wrapped.pages().length, 2)
    assert.ok(wrapped.firstCommand() instanceof CommandPage)
    assert.equal(wrapped.firstCommand()?.proto(), book.pages[0])
    assert.equal(wrapped.commandSequence(), 5)
    assert.equal(wrapped.mergeStrategy(), MergeStrategy.MERGE_STRICT)
  })

  it('without pages expects 0 and merges by MERGE_COMMUTATIVE', () => {
    const wrapped = new CommandBook(create(CommandBookSchema))
    assert.equal(wrapped.firstCommand(), undefined)
    assert.equal(wrapped.commandSequence(), 0)
    assert.equal(wrapped.mergeStrategy(), MergeStrategy.MERGE_COMMUTATIVE)
  })

  it('always has a cover, an empty one when the message has none', () => {
    assert.equal(new CommandBook(book).cover().proto(), book.cover)
    assert.equal(new CommandBook(create(CommandBookSchema)).cover().domain(), 'unknown')
  })
})

describe('CommandPage', () => {
  it('says place, type, payload and strategy', () => {
    const page = new CommandBook(book).firstCommand()
    assert.equal(page?.sequenceNum(), 5)
    assert.equal(page.isDeferred(), false)
    assert.equal(page.typeUrl(), 'type.googleapis.com/orders.CreateOrder')
    assert.deepEqual(page.payload(), Uint8Array.of(1))
    assert.equal(page.mergeStrategy(), MergeStrategy.MERGE_STRICT)
  })

  it('counts a deferred place as 0', () => {
    const page = new CommandBook(book).pages()[1]
    assert.equal(page?.sequenceNum(), 0)
    assert.equal(page.isDeferred(), true)
    assert.equal(page.typeUrl(), undefined)
  })
})

describe('Query', () => {
  it('always has a cover, an empty one when the message has none', () => {
    const query = create(QuerySchema, { cover: { domain: 'order' } })
    assert.equal(new Query(query).cover().proto(), query.cover)
    assert.equal(new Query(create(QuerySchema)).cover().domain(), 'unknown')
  })
})
