/** Everything that a coordinator answers over gRPC. */
import { type Clock, systemClock } from '../../clock.ts'
import type { GrpcService } from '../../host/grpc-service.ts'
import type { Coordinator } from '../coordinator.ts'
import { commandService } from './command-service.ts'
import { deadLetterService } from './dead-letter-service.ts'
import { eventStreamService } from './event-stream-service.ts'
import { queryService } from './query-service.ts'
import { processManagerService, projectorService, sagaService } from './reaction-services.ts'
import { servedCoordinator } from './served-coordinator.ts'

/** Options of {@link coordinatorServices}. */
export type CoordinatorServicesOptions = {
  /** Aborts when callers of endless streams are to leave. Default: never. */
  readonly draining?: AbortSignal | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/**
 * The services of the contract: commands, queries, live events, tries of sagas, process managers and
 * projectors, and the dead-letter desk.
 */
export function coordinatorServices(
  coordinator: Coordinator,
  options: CoordinatorServicesOptions = {},
): readonly GrpcService[] {
  const { draining = new AbortController().signal, clock = systemClock() } = options
  const served = servedCoordinator(coordinator, { clock, draining })
  return [
    commandService(served),
    queryService(served),
    eventStreamService(served),
    sagaService(served),
    processManagerService(served),
    projectorService(served),
    deadLetterService(served),
  ]
}
