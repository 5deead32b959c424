import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CommandResponseSchema } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { CommandResponse } from './command-response.ts'
import { EventBook } from './event-book.ts'

describe('CommandResponse', () => {
  it('gives the pages of its events wrapped [client-C-0380]', () => {
    const response = create(CommandResponseSchema, { events: { pages: [{}, {}] } })
    const wrapped = new CommandResponse(response)
    assert.ok(wrapped.eventsBook() instanceof EventBook)
    assert.equal(wrapped.eventsBook()?.proto(), response.events)
    assert.deepEqual(
      wrapped.events().map((page) => page.proto()),
      response.events?.pages,
    )
  })

  it('gives none when it has no book [client-C-0381]', () => {
    const wrapped = new CommandResponse(create(CommandResponseSchema))
    assert.equal(wrapped.eventsBook(), undefined)
    assert.deepEqual(wrapped.events(), [])
  })
})
