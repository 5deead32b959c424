import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CommandHandlerClient } from '../../src/client/command-handler-client.ts'
import { QueryClient } from '../../src/client/query-client.ts'
import { ClientError, GRPCError } from '../../src/errors/client-error.ts'
import { grpcService } from '../../src/host/grpc-service.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import {
  EventBookSchema,
  QuerySchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'
import { recording } from './recorded.ts'
import { serve } from './serving.ts'

const query = create(QuerySchema, { cover: { domain: 'order' } })

describe('a call', () => {
  it('ends with its deadline, and the server is told [client-C-0336]', async () => {
    let givenMs: number | undefined
    const told = Promise.withResolvers<void>()
    const slow = grpcService(EventQueryService, {
      getEventBook: async (_, context) => {
        givenMs = context.deadlineMs
        context.signal.addEventListener('abort', () => told.resolve())
        return await new Promise(() => undefined)
      },
    })
    await using host = await serve(slow)
    const client = QueryClient.fromChannel(host.channel)
    // On a busy machine a short deadline may pass before the call arrives.
    for (let timeoutMs = 50; givenMs === undefined; timeoutMs *= 2) {
      await assert.rejects(client.getEventBook(query, { timeoutMs }), { code: 'DEADLINE_EXCEEDED' })
    }
    assert.ok(Number.isFinite(givenMs))
    await told.promise
  })

  it('ends with its signal, and the server is told', async () => {
    const told = Promise.withResolvers<void>()
    const stop = new AbortController()
    const slow = grpcService(EventQueryService, {
      getEventBook: async (_, { signal }) => {
        signal.addEventListener('abort', () => told.resolve())
        stop.abort()
        return await new Promise(() => undefined)
      },
    })
    await using host = await serve(slow)
    const client = QueryClient.fromChannel(host.channel)
    await assert.rejects(client.getEventBook(query, { signal: stop.signal }), { code: 'ABORTED' })
    await told.promise
  })

  it('fails when the server goes away meanwhile [client-C-0339]', async () => {
    const inside = Promise.withResolvers<void>()
    const stuck = grpcService(EventQueryService, {
      getEventBook: async () => {
        inside.resolve()
        return await new Promise(() => undefined)
      },
    })
    await using host = await serve(stuck)
    const calling = QueryClient.fromChannel(host.channel).getEventBook(query)
    await inside.promise
    await Promise.all([
      assert.rejects(calling, (error: unknown) => error instanceof GRPCError),
      host.server.stop({ graceMs: 0 }),
    ])
  })

  it('carries correlation id and idempotency key beside the request', async () => {
    const seen: (string | undefined)[] = []
    const service = grpcService(EventQueryService, {
      getEventBook: (_, context) => {
        seen.push(context.metadata('x-correlation-id'))
        return create(EventBookSchema)
      },
    })
    await using host = await serve(service)
    const client = QueryClient.fromChannel(host.channel)
    for (const correlationId of ['corr-1', '', 'ü', ' corr ', 'a\nb']) {
      await client.getEventBook(create(QuerySchema, { cover: { domain: 'order', correlationId } }))
    }
    assert.deepEqual(seen, ['corr-1', undefined, undefined, undefined, undefined])
  })

  it('with an idempotency key that metadata cannot carry is refused', async () => {
    await using host = await recording()
    const client = CommandHandlerClient.fromChannel(host.channel)
    for (const idempotencyKey of ['ü', 'a b', 'a\r\nb']) {
      const sending = client
        .command('order', 'o-1')
        .withMessage(CreateOrderSchema, {})
        .withIdempotencyKey(idempotencyKey)
      await assert.rejects(async () => sending.execute(), { code: 'IDEMPOTENCY_KEY_INVALID' })
    }
    assert.equal(host.asked.requests.length, 0)
  })
})

describe('a stream', () => {
  it('ends on the server when its reader leaves', async () => {
    let ended = 0
    const left = Promise.withResolvers<void>()
    const service = grpcService(EventQueryService, {
      getEvents: async function* () {
        try {
          for (let n = 0; ; n++) {
            yield create(EventBookSchema, { nextSequence: n })
            await new Promise((resolve) => setImmediate(resolve))
          }
        } finally {
          ended++
          left.resolve()
        }
      },
    })
    await using host = await serve(service)
    const client = QueryClient.fromChannel(host.channel)
    for await (const book of client.streamEvents(query)) {
      if (book.nextSequence === 3) break
    }
    await left.promise
    assert.equal(ended, 1)
  })

  it('does not run far ahead of a slow reader', async () => {
    let made = 0
    const service = grpcService(EventQueryService, {
      getEvents: async function* () {
        const state = new Uint8Array(100_000)
        for (; made < 1_000; made++) {
          yield create(EventBookSchema, { snapshot: { state: { value: state } } })
        }
      },
    })
    await using host = await serve(service)
    let read = 0
    for await (const _ of QueryClient.fromChannel(host.channel).streamEvents(query)) {
      read++
      if (read < 5) for (let n = 0; n < 20; n++) await new Promise((go) => setImmediate(go))
      if (read === 5) assert.ok(made < 200, `${made} made when 5 were read`)
    }
    assert.equal(read, 1_000)
  })

  it('hands on the error it ends with', async () => {
    const service = grpcService(EventQueryService, {
      getEvents: async function* () {
        yield create(EventBookSchema, { nextSequence: 1 })
        throw new ClientError('gone', undefined, { code: 'QUERY_INVALID' })
      },
    })
    await using host = await serve(service)
    const read: number[] = []
    const reading = async (): Promise<void> => {
      for await (const book of QueryClient.fromChannel(host.channel).streamEvents(query)) {
        read.push(book.nextSequence)
      }
    }
    await assert.rejects(reading(), { code: 'QUERY_INVALID' })
    assert.deepEqual(read, [1])
  })
})
