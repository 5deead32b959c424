/**
 * Sagas, process managers and projectors over gRPC, as far as callers may run them: as a try. What
 * follows stored events is run by the coordinator itself, once; a caller who could run it besides
 * would have it take effect twice. Those methods are answered UNIMPLEMENTED; a projection can be
 * waited for.
 */
import { codedError } from '../../errors.ts'
import { type GrpcService, grpcService } from '../../host/grpc-service.ts'
import { ProcessManagerCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProjectorCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { SagaCoordinatorService } from '../../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type { ServedCoordinator } from './served-coordinator.ts'

/** `SagaCoordinatorService`. */
export function sagaService({ reads }: ServedCoordinator): GrpcService {
  return grpcService(SagaCoordinatorService, {
    execute: () => runByItself('SagaCoordinatorService/Execute'),
    executeSpeculative: async (request, { signal }) =>
      await reads.speculative.saga(request, { signal }),
  })
}

/** `ProcessManagerCoordinatorService`. */
export function processManagerService({ reads }: ServedCoordinator): GrpcService {
  return grpcService(ProcessManagerCoordinatorService, {
    handle: () => runByItself('ProcessManagerCoordinatorService/Handle'),
    handleSpeculative: async (request, { signal }) =>
      await reads.speculative.processManager(request, { signal }),
  })
}

/** `ProjectorCoordinatorService`. */
export function projectorService({ coordinator, reads }: ServedCoordinator): GrpcService {
  return grpcService(ProjectorCoordinatorService, {
    handleSync: async (request, { signal }) =>
      await coordinator.services.handleSync(request, { signal }),
    handle: () => runByItself('ProjectorCoordinatorService/Handle'),
    handleSpeculative: async (request, { signal }) =>
      await reads.speculative.projector(request, { signal }),
  })
}

function runByItself(call: string): never {
  throw codedError('CALL_UNSUPPORTED', {
    details: { call },
    hint: 'The coordinator runs it for every stored event; send the command, and wait by sync mode.',
  })
}
