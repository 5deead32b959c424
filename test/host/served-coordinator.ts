/** The calls of a coordinator as gRPC services, over any transport: what a remote one would serve. */
import type { TransportPart } from '../../src/client/guarded-transport.ts'
import { codedError } from '../../src/errors.ts'
import { type GrpcService, grpcService } from '../../src/host/grpc-service.ts'
import { CommandHandlerCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { ProcessManagerCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProjectorCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import { SagaCoordinatorService } from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'

function missing(call: string): never {
  throw codedError('CALL_UNSUPPORTED', { details: { call } })
}

/** The services. */
export function coordinatorServices(transport: TransportPart): readonly GrpcService[] {
  return [
    grpcService(CommandHandlerCoordinatorService, {
      handleCommand: async (request, context) =>
        (await transport.handleCommand?.(request, {
          idempotencyKey: context.metadata('x-idempotency-key'),
          signal: context.signal,
        })) ?? missing('handleCommand'),
      handleSyncSpeculative: async (request, { signal }) =>
        (await transport.handleSyncSpeculative?.(request, { signal })) ??
        missing('handleSyncSpeculative'),
    }),
    grpcService(EventQueryService, {
      getEventBook: async (query, { signal }) =>
        (await transport.getEventBook?.(query, { signal })) ?? missing('getEventBook'),
      getEvents: (query, { signal }) =>
        transport.getEvents?.(query, { signal }) ?? missing('getEvents'),
    }),
    grpcService(SagaCoordinatorService, {
      executeSpeculative: async (request, { signal }) =>
        (await transport.speculateSaga?.(request, { signal })) ?? missing('speculateSaga'),
    }),
    grpcService(ProjectorCoordinatorService, {
      handleSpeculative: async (request, { signal }) =>
        (await transport.speculateProjector?.(request, { signal })) ?? missing('projector'),
    }),
    grpcService(ProcessManagerCoordinatorService, {
      handleSpeculative: async (request, { signal }) =>
        (await transport.speculateProcessManager?.(request, { signal })) ?? missing('pm'),
    }),
  ]
}
