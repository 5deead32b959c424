/**
 * `amends`: components, clients and helpers, under the names of the Angzarr client. The engine is
 * in `amends/coordinator`, the messages of the wire in `amends/proto`.
 */

// Components, as functions.
export { defineAggregate } from './component/define-aggregate.ts'
export { defineProcessManager } from './component/define-process-manager.ts'
export { defineProjector } from './component/define-projector.ts'
export { defineSaga } from './component/define-saga.ts'
export { defineUpcaster } from './component/define-upcaster.ts'
export type { Aggregate } from './component/define-aggregate.ts'
export type { Process } from './component/define-process-manager.ts'
export type { ProjectorFunctions } from './component/define-projector.ts'
export type { SagaTranslation } from './component/define-saga.ts'
export type { UpcasterFunctions } from './component/define-upcaster.ts'

// Components, as decorated classes.
export {
  commandHandler,
  processManager,
  projector,
  saga,
  upcaster,
} from './component/decorate-class.ts'
export {
  applies,
  handles,
  handlesFact,
  rejected,
  stateFactory,
  undoes,
  upcasts,
} from './component/decorate-method.ts'
export { definitionOf, handlerConfig } from './component/definition-of.ts'
export type { HandlerConfig } from './component/definition-of.ts'
export type {
  CommandHandlerOptions,
  ProcessManagerOptions,
  ProjectorOptions,
  SagaOptions,
  UpcasterOptions,
} from './component/component-options.ts'
export type {
  AggregateDefinition,
  Component,
  ComponentDefinition,
  ComponentKind,
  ComponentSource,
  ProcessManagerDefinition,
  ProjectorDefinition,
  SagaDefinition,
  StateType,
  UpcasterDefinition,
} from './component/definition.ts'

// What handlers are given and what they answer with.
export { create } from './component/known-messages.ts'
export { command, fact } from './component/outgoing-books.ts'
export type { OutgoingCommandOptions, OutgoingFactOptions } from './component/outgoing-books.ts'
export { Destinations } from './component/destinations.ts'
export {
  ProcessManagerResponse,
  RejectionHandlerResponse,
  SagaHandlerResponse,
} from './component/handler-responses.ts'
export type { Awaitable } from './awaitable.ts'
export type {
  AppliedState,
  CommandResult,
  FactResult,
  ProcessRejectionResult,
  ProcessResult,
  ProjectionResult,
  RejectionResult,
  SagaRejectionResult,
  SagaResult,
} from './component/handler-results.ts'
export type {
  Emitted,
  KnownAs,
  Knows,
  KnowsAny,
  KnowsMessages,
  MessageRole,
} from './component/known-types.ts'
export type {
  CommandContext,
  FactContext,
  ProjectionContext,
  Rejection,
  SagaSource,
  Undo,
} from './component/handler-context.ts'
export type { ProjectionRows, ProjectionStore } from './component/projection-store.ts'
export type { Notification } from './proto/angzarr_client/proto/angzarr/types_pb.ts'

// Compensation.
export {
  CompensationContext,
  delegateToFramework,
  emitCompensationEvents,
  isNotification,
  pmDelegateToFramework,
  pmEmitCompensationEvents,
  PMRevocationResponse,
} from './component/compensation.ts'
export type { DelegationOptions } from './component/compensation.ts'

// Validation.
export {
  requireExists,
  requireNonNegative,
  requireNotEmpty,
  requireNotEmptyStr,
  requireNotExists,
  requirePositive,
  requireStatus,
  requireStatusNot,
} from './component/validation.ts'

// Routers.
export { Router } from './component/router.ts'
export { CommandHandlerRouter } from './component/command-handler-router.ts'
export { ProcessManagerRouter } from './component/process-manager-router.ts'
export { ProjectorRouter } from './component/projector-router.ts'
export { SagaRouter } from './component/saga-router.ts'
export { UpcasterRouter } from './component/upcaster-router.ts'
export type { TypedRouter } from './component/router.ts'
export type { RouterOptions } from './component/built-router.ts'
export { BuildError, DispatchError } from './component/errors.ts'

// Errors.
export { CodedError, codeOf, messageOf } from './errors.ts'
export type { CodedErrorOptions, ErrorCode, ErrorDetails } from './errors.ts'
export {
  ClientError,
  CommandRejectedError,
  ConnectionError,
  GRPCError,
  InvalidArgumentError,
  InvalidTimestampError,
  TransportError,
} from './errors/client-error.ts'
export type { ClientErrorOptions } from './errors/client-error.ts'
export type { GrpcStatusName } from './errors/error-row.ts'

// Clients and builders.
export { CommandBuilder } from './client/command-builder.ts'
export { QueryBuilder } from './client/query-builder.ts'
export { CommandHandlerClient } from './client/command-handler-client.ts'
export { QueryClient } from './client/query-client.ts'
export { SpeculativeClient } from './client/speculative-client.ts'
export { DomainClient } from './client/domain-client.ts'
export type { ClientOptions } from './client/client-options.ts'
export type { CommandBuilderOptions, ExecuteOptions } from './client/command-builder.ts'
export type { HandleOptions } from './client/command-handler-client.ts'
export type { DomainClientOptions } from './client/domain-client.ts'
export type { DomainQuery } from './client/domain-query.ts'
export type { QueryAccess } from './client/query-access.ts'
export type { ListOptions, QueryCalls } from './client/query-calls.ts'
export { eventsOf } from './client/typed-event.ts'
export type { TypedEvent } from './client/typed-event.ts'
export type { CallOptions, CommandCallOptions, CoordinatorTransport } from './client/transport.ts'
export type { OutgoingCommand } from './client/outgoing-command.ts'
export { TransportMode } from './client/endpoint.ts'
export type { EndpointOptions } from './client/endpoint.ts'
export { resolveChEndpoint } from './client/endpoint-from-env.ts'
export {
  defaultRetryPolicy,
  ExponentialBackoffRetry,
  isRetryable,
  RetryPolicy,
} from './client/retry.ts'
export type { ExponentialBackoffOptions, Retryability, RetryRunOptions } from './client/retry.ts'

// Error codes, as data.
export { errorCodes } from './errors/error-codes.ts'

// Helpers and constants of the wire.
export {
  CORRELATION_ID_HEADER,
  DEFAULT_EDITION,
  META_ANGZARR_DOMAIN,
  PROJECTION_DOMAIN_PREFIX,
  PROJECTION_TYPE_URL,
  TYPE_URL_PREFIX,
  UNKNOWN_DOMAIN,
  WILDCARD_DOMAIN,
} from './wire/constants.ts'
export { correlatedMetadata } from './client/correlated-metadata.ts'
export { packAny, tryUnpackAny, unpackAny } from './wire/any.ts'
export { destinationMap, newCommandBook, newCommandPage } from './wire/book.ts'
export { divergenceFor, implicitEdition, newCover } from './wire/cover.ts'
export type { CoverParts } from './wire/cover.ts'
export { decodeEvent, eventsFromResponse } from './wire/event.ts'
export { deferredKey } from './wire/header.ts'
export type { MessageOr } from './wire/message-or.ts'
export { formatTimestamp, now, parseTimestamp } from './wire/timestamp.ts'
export {
  fullTypeUrl,
  fullTypeUrl as fullTypeUrlFor,
  typeNameFromUrl,
  typeUrl,
  typeUrlMatches,
  typeUrlMatches as typeUrlMatchesExact,
  wireName,
} from './wire/type-url.ts'
export {
  bytesToUuidText,
  protoToUuid,
  protoUuidToHex,
  protoUuidToText,
  uuidToProto,
} from './wire/uuid.ts'

// Identity.
export {
  cartRoot,
  computeRoot,
  customerRoot,
  fulfillmentRoot,
  INVENTORY_PRODUCT_NAMESPACE,
  inventoryProductRoot,
  inventoryRoot,
  orderRoot,
  productRoot,
  toProtoBytes,
} from './identity/compute-root.ts'
export type { Random, Root, Sequence } from './identity.ts'

// Time.
export type { Clock, Nanoseconds } from './clock.ts'

// Wrappers.
export { Wrapped } from './client/wrappers/wrapped.ts'
export { CoverBearer } from './client/wrappers/cover-bearer.ts'
export { Cover } from './client/wrappers/cover.ts'
export { EventBook } from './client/wrappers/event-book.ts'
export { CommandBook } from './client/wrappers/command-book.ts'
export { Query } from './client/wrappers/query.ts'
export { EventPage } from './client/wrappers/event-page.ts'
export { CommandPage } from './client/wrappers/command-page.ts'
export { CommandResponse } from './client/wrappers/command-response.ts'

// Channels and calls of any service.
export { connectChannel } from './client/grpc/connect.ts'
export { serviceClient } from './client/grpc/service-client.ts'
export type { ConnectOptions } from './client/grpc/connect.ts'
export type { ConnectingClientOptions } from './client/grpc/connected-transport.ts'
export type { ConnectingDomainClientOptions } from './client/domain-client.ts'
export type { Channel, ChannelOptions, ForeignChannel, TlsOptions } from './client/grpc/channel.ts'
export type { BesideRequest } from './client/grpc/beside-request.ts'
export type { ReceivedStatus } from './client/grpc/received-error.ts'
export { StaleCommandError } from './client/grpc/stale-command-error.ts'
export type { ServiceCallOptions, ServiceClient } from './client/grpc/service-client.ts'

// Servers.
export {
  CommandHandlerGrpc,
  ProcessManagerGrpc,
  ProjectorGrpc,
  SagaGrpc,
  serviceOf,
  UpcasterGrpc,
} from './host/component-services.ts'
export { grpcService } from './host/grpc-service.ts'
export { createServer } from './host/create-server.ts'
export { startServer } from './host/start-server.ts'
export {
  runCommandHandlerServer,
  runProcessManagerServer,
  runProjectorServer,
  runSagaServer,
  runServer,
  runUpcasterServer,
} from './host/run-server.ts'
export { runComponentHost, startComponentHost } from './host/component-host.ts'
export {
  cleanupSocket,
  DEFAULT_BIND_HOST,
  ENV_BIND_ADDRESS,
  getTransportConfig,
  resolveBindAddress,
  ServerConfig,
} from './host/bind-address.ts'
export { configureLogging, jsonLog } from './host/log.ts'
export {
  BusProbe,
  DEFAULT_PROBE_INTERVAL_MS,
  DEFAULT_PROBE_TIMEOUT_MS,
  ENV_BUS_ENDPOINT,
  ENV_INTERVAL,
  ENV_TIMEOUT,
  OutputDomainProbe,
  probeConfigFromEnv,
  TransportProbe,
  TransportSignal,
} from './host/probe.ts'
export { runSupervisor } from './host/supervisor.ts'
export { healthRegistry } from './host/health.ts'
export { dialCoordinator } from './host/session/dial-coordinator.ts'
export type { CoordinatorLink, DialOptions } from './host/session/dial-coordinator.ts'
export type { CallContext, GrpcService, ServiceImplementation } from './host/grpc-service.ts'
export type { ComponentAdapter } from './host/component-services.ts'
export type { CreateServerOptions, ServerHandle, StopOptions } from './host/create-server.ts'
export type { ServerOptions, ServerTls } from './host/server-options.ts'
export type { RunningServer, StartServerOptions } from './host/start-server.ts'
export type { RunComponentServerOptions, RunOptions, RunServerOptions } from './host/run-server.ts'
export type { ComponentHostOptions } from './host/component-host.ts'
export type { TransportConfig, TransportType } from './host/bind-address.ts'
export type { JsonLogOptions, LogFields, Logger } from './host/log.ts'
export type { Probe, ProbeConfig } from './host/probe.ts'
export type { Supervisor, SupervisorOptions } from './host/supervisor.ts'
export type { HealthRegistry, HealthStatus } from './host/health.ts'
