/** Commands, facts and compensation over gRPC. */
import { IDEMPOTENCY_KEY_HEADER } from '../../client/grpc/request-metadata.ts'
import { type GrpcService, grpcService } from '../../host/grpc-service.ts'
import { CommandHandlerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { ServedCoordinator } from './served-coordinator.ts'

/** `CommandHandlerCoordinatorService`. The idempotency key travels as metadata. */
export function commandService({ coordinator, commands, reads }: ServedCoordinator): GrpcService {
  return grpcService(CommandHandlerCoordinatorService, {
    handleCommand: async (request, context) =>
      await commands.commandHandler.handleCommand(request, {
        idempotencyKey: context.metadata(IDEMPOTENCY_KEY_HEADER),
      }),
    handleEvent: async (request) => await coordinator.services.handleEvent(request),
    handleSyncSpeculative: async (request, { signal }) =>
      await reads.commandHandler.handleSyncSpeculative(request, { signal }),
    handleCompensation: async (request) => await coordinator.services.handleCompensation(request),
  })
}
