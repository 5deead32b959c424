/** What a coordinator answers beside its clients, asked over gRPC. */
import assert from 'node:assert/strict'
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import { EmptySchema } from '@bufbuild/protobuf/wkt'
import { DomainClient } from '../../src/client/domain-client.ts'
import { streamCall } from '../../src/client/grpc/call.ts'
import type { Channel } from '../../src/client/grpc/channel.ts'
import { loadGrpc } from '../../src/client/grpc/load-grpc.ts'
import { clientOf } from '../../src/client/grpc/open-channel.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import type {
  CoordinatorServices,
  StreamedEvent,
  SynchronizedBook,
} from '../../src/coordinator/coordinator-services.ts'
import { AFTER_POSITION_HEADER } from '../../src/coordinator/services/event-stream-service.ts'
import { CommandHandlerCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { DeleteEditionEventsSchema } from '../../src/proto/angzarr_client/proto/angzarr/meta_pb.ts'
import { ProjectorCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import { EventStreamService } from '../../src/proto/angzarr_client/proto/angzarr/stream_pb.ts'
import {
  CascadeCommitSchema,
  CascadeRollbackSchema,
  CommandBookSchema,
  type EventBook,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { wireDesk } from './wire-desk.ts'

/** The parts of a coordinator that are asked over the wire. */
export type WireCalls = Pick<Coordinator, 'services' | 'deadLetters' | 'deleteEdition' | 'cascades'>

/** Asks a coordinator over a channel. */
export async function wireCalls(channel: Channel): Promise<WireCalls> {
  const subscribe = await subscriber(channel)
  const commands = serviceClient(CommandHandlerCoordinatorService, channel)
  const queries = serviceClient(EventQueryService, channel)
  const projectors = serviceClient(ProjectorCoordinatorService, channel)
  const meta = metaSender(channel)
  return {
    services: {
      handleEvent: (request) => commands.handleEvent(request),
      handleSync: (request, { signal } = {}) => projectors.handleSync(request, { signal }),
      handleCompensation: (request) => commands.handleCompensation(request),
      synchronize: (asked) => synchronized(queries.synchronize(asked)),
      getAggregateRoots: () => queries.getAggregateRoots(create(EmptySchema)),
      subscribe,
    },
    deadLetters: wireDesk(channel),
    deleteEdition: async ({ edition, domain = '' }) => {
      await meta(DeleteEditionEventsSchema, { edition, domain })
    },
    cascades: {
      commit: async (cascadeId) => {
        await meta(CascadeCommitSchema, { cascadeId })
        return Number.NaN
      },
      rollback: async (cascadeId, reason) => {
        await meta(CascadeRollbackSchema, { cascadeId, reason })
        return Number.NaN
      },
      reap: () => assert.fail('the wire has no call that reaps'),
      reserve: () => assert.fail('the wire has no call that reserves'),
      state: () => assert.fail('the wire has no call that tells it'),
      ownedBy: () => assert.fail('owners are of one process'),
    },
  }
}

/** Sends commands to the engine itself. */
function metaSender(
  channel: Channel,
): <S extends DescMessage>(schema: S, init: MessageInitShape<S>) => Promise<void> {
  const client = DomainClient.fromChannel(channel)
  return async <S extends DescMessage>(schema: S, init: MessageInitShape<S>): Promise<void> => {
    const value = packAny(schema, create(schema, init))
    const pages = [{ payload: { case: 'command' as const, value } }]
    await client.execute(create(CommandBookSchema, { cover: { domain: '_angzarr' }, pages }))
  }
}

/** A query that fails ends the stream on the wire. */
async function* synchronized(books: AsyncIterable<EventBook>): AsyncGenerator<SynchronizedBook> {
  try {
    for await (const book of books) yield { kind: 'book', book }
  } catch (error) {
    yield { kind: 'failed', error }
  }
}

/** Begins streams at once, not when they are read first, as a coordinator of this process does. */
async function subscriber(channel: Channel): Promise<CoordinatorServices['subscribe']> {
  const grpc = await loadGrpc()
  const client = await clientOf(channel)
  return (filter, { after, signal } = {}) => {
    const metadata = new grpc.Metadata()
    if (after !== undefined) metadata.set(AFTER_POSITION_HEADER, String(after))
    const { subscribe } = EventStreamService.method
    const books = streamCall(subscribe, filter, { client, metadata, signal })
    return streamed(books, books.next())
  }
}

async function* streamed(
  books: AsyncGenerator<EventBook, void>,
  first: Promise<IteratorResult<EventBook, void>>,
): AsyncGenerator<StreamedEvent> {
  try {
    for (let next = await first; next.done !== true; next = await books.next()) {
      // The wire does not say where in the log it stands.
      yield { book: next.value, position: Number.NaN }
    }
  } finally {
    await books.return()
  }
}
