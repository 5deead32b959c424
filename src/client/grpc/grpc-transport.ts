/**
 * The transport between a client and a coordinator elsewhere: generation A over gRPC.
 *
 * 1. Requests carry the correlation id of the cover that the contract names, as metadata.
 * 2. The idempotency key travels as metadata, never in the request.
 * 3. A command that is refused as stale rejects with a StaleCommandError.
 */
import { CommandHandlerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { ProcessManagerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProjectorCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { EventQueryService } from '../../proto/angzarr_client/proto/angzarr/query_pb.ts'
import { SagaCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type { Cover } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { CommandCallOptions, CoordinatorTransport } from '../transport.ts'
import { type CallSetup, streamCall, unaryCall } from './call.ts'
import type { Channel, ForeignChannel } from './channel.ts'
import { connected } from './connected.ts'
import { requestMetadata } from './request-metadata.ts'
import { commandError } from './stale-command-error.ts'

/** A transport over a channel. Built commands go through `handleCommand`. */
export type GrpcTransport = Omit<Required<CoordinatorTransport>, 'execute'>

/** Makes the transport; closing it closes the channel. */
export function grpcTransport(channel: Channel | ForeignChannel): GrpcTransport {
  const connection = connected(channel)
  const setup = async (
    cover: Cover | undefined,
    { idempotencyKey, traceparent, ...options }: CommandCallOptions,
  ): Promise<CallSetup> => {
    const { grpc, client } = await connection()
    const correlationId = cover?.correlationId
    const metadata = requestMetadata(grpc, { correlationId, idempotencyKey, traceparent })
    return { ...options, client, metadata }
  }
  return {
    assignsCorrelationIds: false,
    handleCommand: async (request, options) => {
      const cover = request.command?.cover
      const { handleCommand } = CommandHandlerCoordinatorService.method
      try {
        return await unaryCall(handleCommand, request, await setup(cover, options))
      } catch (error) {
        throw commandError(error, cover, async (query) => {
          const { getEventBook } = EventQueryService.method
          return await unaryCall(getEventBook, query, await setup(cover, {}))
        })
      }
    },
    handleSyncSpeculative: async (request, options) =>
      await unaryCall(
        CommandHandlerCoordinatorService.method.handleSyncSpeculative,
        request,
        await setup(request.command?.cover, options),
      ),
    getEventBook: async (query, options) =>
      await unaryCall(
        EventQueryService.method.getEventBook,
        query,
        await setup(query.cover, options),
      ),
    getEvents: async function* (query, options) {
      const { getEvents } = EventQueryService.method
      yield* streamCall(getEvents, query, await setup(query.cover, options))
    },
    speculateSaga: async (request, options) =>
      await unaryCall(
        SagaCoordinatorService.method.executeSpeculative,
        request,
        await setup(request.request?.source?.cover, options),
      ),
    speculateProjector: async (request, options) =>
      await unaryCall(
        ProjectorCoordinatorService.method.handleSpeculative,
        request,
        await setup(request.events?.cover, options),
      ),
    speculateProcessManager: async (request, options) =>
      await unaryCall(
        ProcessManagerCoordinatorService.method.handleSpeculative,
        request,
        await setup(request.request?.trigger?.cover, options),
      ),
    close: async () => {
      await channel.close()
    },
  }
}
