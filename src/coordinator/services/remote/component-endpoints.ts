/** The endpoint of a component, wherever it runs: a direct call here, a call over a link elsewhere. */
import { ProcessManagerRouter } from '../../../component/process-manager-router.ts'
import type { ProjectionStore } from '../../../component/projection-store.ts'
import { ProjectorRouter } from '../../../component/projector-router.ts'
import { SagaRouter } from '../../../component/saga-router.ts'
import type {
  AggregateDefinition,
  ComponentDefinition,
  ProcessManagerDefinition,
  ProjectorDefinition,
  SagaDefinition,
  UpcasterDefinition,
} from '../../../component/definition.ts'
import {
  type ProcessManagerHandleRequest,
  type ProcessManagerHandleResponse,
  ProcessManagerService,
} from '../../../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProjectorService } from '../../../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import {
  type SagaHandleRequest,
  type SagaResponse,
  SagaService,
} from '../../../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type { EventBook, Projection } from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { localAggregate } from '../../local-aggregate.ts'
import { localProcessManager, localProjector, localSaga } from '../../local-reactive.ts'
import type { CloudEventSource } from '../../projector-endpoint.ts'
import type { ProcessManagerEndpoint, SagaEndpoint } from '../../reactive-endpoint.ts'
import type { AggregateEndpoint } from '../../stateful-endpoint.ts'
import type { CallWatch } from '../../telemetry/call-watch.ts'
import type { Upcast } from '../../upcast-event.ts'
import { localUpcasters, type UpcasterEndpoint } from '../../upcaster-endpoint.ts'
import { remoteAggregate } from './remote-aggregate.ts'
import { type Elsewhere, elsewhere } from './remote-component.ts'
import { remoteProjector } from './remote-projector.ts'
import { remoteProcessManager, remoteSaga } from './remote-reactive.ts'
import { remoteUpcaster } from './remote-upcaster.ts'

/** The endpoint of an aggregate. */
export function aggregateEndpoint(
  definition: AggregateDefinition,
  watch: CallWatch,
): AggregateEndpoint {
  const away = watchedElsewhere(definition, definition.domain, watch)
  return away === undefined
    ? localAggregate(definition)
    : remoteAggregate({ domain: definition.domain, ...away })
}

/** The endpoint of a saga. */
export function sagaEndpoint(
  definition: SagaDefinition,
  upcast: Upcast,
  watch: CallWatch,
): SagaEndpoint {
  const { name, source, target } = definition
  const away = watchedElsewhere(definition, name, watch)
  return away === undefined
    ? localSaga(definition, upcast)
    : remoteSaga({ name, source, target, upcast, ...away })
}

/** The endpoint of a process manager. */
export function processManagerEndpoint(
  definition: ProcessManagerDefinition,
  upcast: Upcast,
  watch: CallWatch,
): ProcessManagerEndpoint {
  const { name, pmDomain, sources, targets } = definition
  const away = watchedElsewhere(definition, name, watch)
  return away === undefined
    ? localProcessManager(definition, upcast)
    : remoteProcessManager({ name, pmDomain, sources, targets, upcast, ...away })
}

/** The endpoint of a projector. */
export function projectorEndpoint(
  definition: ProjectorDefinition,
  upcast: Upcast,
  watch: CallWatch,
): CloudEventSource {
  const { name, domains, editions } = definition
  const away = watchedElsewhere(definition, name, watch)
  return away === undefined
    ? localProjector(definition, upcast)
    : remoteProjector({ name, domains, editions, upcast, ...away })
}

/** The endpoints of upcasters, in their order; those of this process that are neighbours are one. */
export function upcasterEndpoints(
  definitions: readonly UpcasterDefinition[],
  watch: CallWatch,
): readonly UpcasterEndpoint[] {
  const endpoints: UpcasterEndpoint[] = []
  let here: UpcasterDefinition[] = []
  const closeRun = (): void => {
    if (here.length > 0) endpoints.push(localUpcasters(here))
    here = []
  }
  for (const definition of definitions) {
    const { name, domain } = definition
    const away = watchedElsewhere(definition, name, watch)
    if (away === undefined) here.push(definition)
    else {
      closeRun()
      endpoints.push(remoteUpcaster({ domain, ...away }))
    }
  }
  closeRun()
  return endpoints
}

/** Where a component is, if not here, its calls watched. */
function watchedElsewhere(
  definition: ComponentDefinition,
  name: string,
  watch: CallWatch,
): Elsewhere | undefined {
  const away = elsewhere(definition)
  return away && { ...away, call: watch.caller(name, away.call) }
}

/** Tries a saga. */
export async function trySaga(
  definition: SagaDefinition,
  request: SagaHandleRequest,
): Promise<SagaResponse> {
  const away = elsewhere(definition)
  if (away === undefined) return await new SagaRouter([definition]).dispatch(request)
  const correlationId = request.source?.cover?.correlationId ?? ''
  return await away.call(SagaService.method.handle, request, correlationId)
}

/** Tries a process manager. */
export async function tryProcessManager(
  definition: ProcessManagerDefinition,
  request: ProcessManagerHandleRequest,
): Promise<ProcessManagerHandleResponse> {
  const away = elsewhere(definition)
  if (away === undefined) return await new ProcessManagerRouter([definition]).dispatch(request)
  const correlationId = request.trigger?.cover?.correlationId ?? ''
  return await away.call(ProcessManagerService.method.handle, request, correlationId)
}

/** Tries a projector; one of this process on the given rows. */
export async function tryProjector(
  definition: ProjectorDefinition,
  events: EventBook,
  projection: ProjectionStore,
): Promise<Projection> {
  const away = elsewhere(definition)
  if (away === undefined) {
    return await new ProjectorRouter([definition], { projection }).dispatchSpeculative(events)
  }
  const correlationId = events.cover?.correlationId ?? ''
  return await away.call(ProjectorService.method.handleSpeculative, events, correlationId)
}
