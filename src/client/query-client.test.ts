import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { ConnectionError } from '../errors/client-error.ts'
import { EventBookSchema, QuerySchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { DEFAULT_MAX_EVENT_BOOKS, QueryClient } from './query-client.ts'
import { RecordingTransport } from './recording-transport.test.support.ts'
import { Query } from './wrappers/query.ts'

const query = create(QuerySchema, { cover: { domain: 'order', correlationId: 'corr-7' } })
const books = [1, 2, 3].map((nextSequence) => create(EventBookSchema, { nextSequence }))

describe('QueryClient', () => {
  it('takes a query as a message or as its wrapper', async () => {
    const transport = new RecordingTransport({ books })
    const client = new QueryClient(transport)
    assert.equal(await client.getEventBook(query), books[0])
    assert.equal(await client.getEventBook(new Query(query)), books[0])
    assert.deepEqual(transport.queries, [query, query])
  })

  it('answers a list of every book', async () => {
    assert.deepEqual(
      await new QueryClient(new RecordingTransport({ books })).getEvents(query),
      books,
    )
    assert.deepEqual(await new QueryClient(new RecordingTransport()).getEvents(query), [])
  })

  it('refuses a list longer than asked for, and ends the query', async () => {
    const transport = new RecordingTransport({ books })
    const client = new QueryClient(transport)
    assert.equal((await client.getEvents(query, { maxBooks: 3 })).length, 3)
    await assert.rejects(client.getEvents(query, { maxBooks: 2 }), (error: unknown) => {
      assert.ok(error instanceof ConnectionError)
      assert.equal(error.code, 'STREAM_LIMIT_EXCEEDED')
      assert.deepEqual(error.details, { expected: '2', actual: '2+' })
      return true
    })
    assert.equal(transport.endedStreams, 2)
    assert.equal(DEFAULT_MAX_EVENT_BOOKS, 100_000)
  })

  it('refuses a limit that is none', async () => {
    const client = new QueryClient(new RecordingTransport())
    for (const maxBooks of [-1, Number.NaN]) {
      await assert.rejects(client.getEvents(query, { maxBooks }), { code: 'INVALID_ARGUMENT' })
    }
  })

  it('passes on what the transport answers', async () => {
    const error = new ConnectionError()
    const client = new QueryClient(new RecordingTransport({ error }))
    await assert.rejects(client.getEventBook(query), error)
    await assert.rejects(client.getEvents(query), error)
  })

  it('over a stub closes nothing', async () => {
    const transport = new RecordingTransport({ books })
    await using client = QueryClient.fromStub(transport)
    await client.close()
    assert.equal(transport.closed, 0)
    assert.equal(await client.getEventBook(query), books[0])
  })
})
