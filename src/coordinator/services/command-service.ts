/** Commands, facts and compensation over gRPC. */
import { IDEMPOTENCY_KEY_HEADER } from '../../client/grpc/request-metadata.ts'
import { type GrpcService, grpcService } from '../../host/grpc-service.ts'
import { CommandHandlerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { TRACEPARENT_HEADER } from '../../telemetry/trace-parent.ts'
import { withCurrentBook } from './current-book.ts'
import type { ServedCoordinator } from './served-coordinator.ts'

/** `CommandHandlerCoordinatorService`. The idempotency key travels as metadata. */
export function commandService({ coordinator, commands, reads }: ServedCoordinator): GrpcService {
  return grpcService(CommandHandlerCoordinatorService, {
    handleCommand: async (request, context) =>
      await withCurrentBook(request, () =>
        commands.commandHandler.handleCommand(request, {
          idempotencyKey: context.metadata(IDEMPOTENCY_KEY_HEADER),
          traceparent: context.metadata(TRACEPARENT_HEADER),
        }),
      ),
    handleEvent: async (request, context) =>
      await coordinator.services.handleEvent(request, {
        traceparent: context.metadata(TRACEPARENT_HEADER),
      }),
    handleSyncSpeculative: async (request, { signal }) =>
      await reads.commandHandler.handleSyncSpeculative(request, { signal }),
    handleCompensation: async (request) => await coordinator.services.handleCompensation(request),
  })
}
