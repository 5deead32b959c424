/** Routers as gRPC services: one adapter per kind of component. */
import type { CommandHandlerRouter } from '../component/command-handler-router.ts'
import type { ProcessManagerRouter } from '../component/process-manager-router.ts'
import type { ProjectorRouter } from '../component/projector-router.ts'
import type { TypedRouter } from '../component/router.ts'
import type { SagaRouter } from '../component/saga-router.ts'
import type { UpcasterRouter } from '../component/upcaster-router.ts'
import { codedError } from '../errors.ts'
import {
  type BusinessResponse,
  CommandHandlerService,
  type FactRequest,
  type ReplayRequest,
  type ReplayResponse,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type ProcessManagerHandleRequest,
  type ProcessManagerHandleResponse,
  ProcessManagerService,
} from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProjectorService } from '../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import {
  type SagaHandleRequest,
  type SagaResponse,
  SagaService,
} from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type {
  ContextualCommand,
  EventBook,
  Projection,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  type UpcastRequest,
  type UpcastResponse,
  UpcasterService,
} from '../proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { type GrpcService, grpcService } from './grpc-service.ts'

/** What an adapter has: the service that a server serves. */
export interface ComponentAdapter {
  readonly service: GrpcService
}

/** Serves aggregates (Angzarr client: `CommandHandlerGrpc`). */
export class CommandHandlerGrpc implements ComponentAdapter {
  readonly #router: CommandHandlerRouter
  readonly service: GrpcService

  constructor(router: CommandHandlerRouter) {
    this.#router = router
    this.service = grpcService(CommandHandlerService, {
      handle: (request) => this.handle(request),
      handleFact: (request) => this.handleFact(request),
      replay: (request) => this.replay(request),
    })
  }

  /** Decides a command, or answers a notification. Throws what the router throws. */
  async handle(request: ContextualCommand): Promise<BusinessResponse> {
    return await this.#router.dispatch(request)
  }

  /**
   * Turns facts into events.
   *
   * @throws CodedError `FACTS_UNSUPPORTED`, status UNIMPLEMENTED, when no aggregate of the domain
   *   handles facts: the coordinator stores them as they are then; `NO_FACT_HANDLER` for a fact that
   *   none of those declares that do
   */
  async handleFact(request: FactRequest): Promise<EventBook> {
    const domain = request.facts?.cover?.domain
    if (!this.#router.supportsHandleFact(domain)) throw codedError('FACTS_UNSUPPORTED')
    this.#router.checkFacts(request)
    return await this.#router.dispatchFact(request)
  }

  /**
   * Folds events into a state.
   *
   * @throws CodedError `HANDLER_DOES_NOT_SUPPORT_REPLAY`, status UNIMPLEMENTED, when no aggregate
   *   opted in: the coordinator treats MERGE_COMMUTATIVE as MERGE_STRICT then
   */
  async replay(request: ReplayRequest): Promise<ReplayResponse> {
    if (!this.#router.supportsReplay()) throw codedError('HANDLER_DOES_NOT_SUPPORT_REPLAY')
    return await this.#router.dispatchReplay(request)
  }
}

/** Serves sagas (Angzarr client: `SagaGrpc`). */
export class SagaGrpc implements ComponentAdapter {
  readonly #router: SagaRouter
  readonly service: GrpcService

  constructor(router: SagaRouter) {
    this.#router = router
    this.service = grpcService(SagaService, { handle: (request) => this.handle(request) })
  }

  /** Translates events. Throws what the router throws. */
  async handle(request: SagaHandleRequest): Promise<SagaResponse> {
    return await this.#router.dispatch(request)
  }
}

/** Serves process managers (Angzarr client: `ProcessManagerGrpc`). */
export class ProcessManagerGrpc implements ComponentAdapter {
  readonly #router: ProcessManagerRouter
  readonly service: GrpcService

  constructor(router: ProcessManagerRouter) {
    this.#router = router
    this.service = grpcService(ProcessManagerService, { handle: (request) => this.handle(request) })
  }

  /** Answers a trigger. Throws what the router throws. */
  async handle(request: ProcessManagerHandleRequest): Promise<ProcessManagerHandleResponse> {
    return await this.#router.dispatch(request)
  }
}

/** Serves projectors (Angzarr client: `ProjectorGrpc`). */
export class ProjectorGrpc implements ComponentAdapter {
  readonly #router: ProjectorRouter
  readonly service: GrpcService

  constructor(router: ProjectorRouter) {
    this.#router = router
    this.service = grpcService(ProjectorService, {
      handle: (events) => this.handle(events),
      handleSpeculative: (events) => this.handleSpeculative(events),
    })
  }

  /** Projects events. Throws what the router throws. */
  async handle(events: EventBook): Promise<Projection> {
    return await this.#router.dispatch(events)
  }

  /** The same as a try: handlers are told so. */
  async handleSpeculative(events: EventBook): Promise<Projection> {
    return await this.#router.dispatchSpeculative(events)
  }
}

/** Serves upcasters (Angzarr client: `UpcasterGrpc`). */
export class UpcasterGrpc implements ComponentAdapter {
  readonly #router: UpcasterRouter
  readonly service: GrpcService

  constructor(router: UpcasterRouter) {
    this.#router = router
    this.service = grpcService(UpcasterService, { upcast: (request) => this.upcast(request) })
  }

  /** Brings events into their newest form. Throws what the router throws. */
  async upcast(request: UpcastRequest): Promise<UpcastResponse> {
    return await this.#router.dispatch(request)
  }
}

/** The service of any router. */
export function serviceOf(router: TypedRouter): GrpcService {
  switch (router.kind) {
    case 'command_handler':
      return new CommandHandlerGrpc(router as CommandHandlerRouter).service
    case 'saga':
      return new SagaGrpc(router as SagaRouter).service
    case 'process_manager':
      return new ProcessManagerGrpc(router as ProcessManagerRouter).service
    case 'projector':
      return new ProjectorGrpc(router as ProjectorRouter).service
    case 'upcaster':
      return new UpcasterGrpc(router as UpcasterRouter).service
  }
}
