/** `amends/saga`: sagas and workflows that survive. */
export { openSagaManager } from './manager/open-saga-manager.ts'
export type {
  AnyRunnable,
  CompletedSaga,
  HeldUpSaga,
  Resolution,
  RunSagaOptions,
  SagaDetails,
  SagaEnded,
  SagaFilter,
  SagaManager,
  SagaManagerOptions,
  SagaManagerStatus,
  SagaOutcome,
  SagaPage,
  SagaReport,
  SagaSummary,
  StartedSaga,
  StartSagaOptions,
  StepReport,
  UnwoundSaga,
  WaitOptions,
} from './manager/saga-manager.ts'
export type { Standing } from './runner/spaces.ts'
export type { WaitingFor } from './runner/execution-row.ts'
export type { WorkItem } from '../machine/work-items.ts'
export type { Awaitable } from '../awaitable.ts'
export type { AttemptInfo, Probed, Runnable, UndoInfo } from '../machine/bindings.ts'
export type { Backward, Failure, Forward, Verb } from '../machine/journal.ts'
export { RefusedError, refuse } from '../machine/refusal.ts'
export { Saga } from './dsl/saga.ts'
export type {
  Chain,
  ConditionalStep,
  LocalStep,
  RemoteStep,
  CommittedSaga,
  SagaDraft,
} from './dsl/chain.ts'
export type { SagaContextOf } from './dsl/callbacks.ts'
export { ElseThenAlternative, IfThenAlternative } from './dsl/alternative.ts'
export { ConditionalSagaStep } from './dsl/conditional-saga-step.ts'
export { LocalSagaStep, type LocalStepOptions } from './dsl/local-saga-step.ts'
export { NestedSagaStep, type NestedStepOptions } from './dsl/nested-saga-step.ts'
export { ParallelSagaStep, type ParallelStepOptions } from './dsl/parallel-saga-step.ts'
export { RemoteSagaStep, type RemoteStepOptions } from './dsl/remote-saga-step.ts'
export { SignalSagaStep, type SignalStepOptions } from './dsl/signal-saga-step.ts'
export { SagaOperation } from './dsl/saga-operation.ts'
export { SagaStep } from './dsl/saga-step.ts'
export type { SagaSettings } from './dsl/saga-settings.ts'
export { SagaContext } from './context/saga-context.ts'
export { handle } from './messages/handle.ts'
export {
  type AnyCommandType,
  type CommandReply,
  type CommandType,
  commandType,
  type CommandTypeOptions,
} from './messages/command-type.ts'
export type { CommandClient, CommandSource } from './manager/command-source.ts'
export { requestType, type RequestType } from './messages/request-type.ts'
export { SagaRequest } from './messages/saga-request.ts'
export { SagaResponse, type SagaResponseInit } from './messages/saga-response.ts'
export { SagaResponseStatus, sagaResponseStatusFromRaw } from './messages/saga-response-status.ts'
export type { StandardSchema } from './messages/standard-schema.ts'
export type { RequestHandler, RequestInfo } from '../participant/request-handler.ts'
export {
  AlreadyCommittedError,
  AlreadyOnSagaError,
  EmptySagaError,
  EmptySagaStepError,
  MultipleElseThenError,
  MultipleOnErrorError,
  MultipleOnExecuteError,
  MultipleOnFailureError,
  MultipleOnSuccessError,
  SagaNotCommittedError,
  SagaNotDefinedError,
  SagaStepError,
  UndefinedOnExecuteError,
} from './errors/definition-errors.ts'
export {
  isSagaStepExecutionError,
  SagaExecutionAlreadyExecutedError,
  SagaExecutionError,
  SagaExecutionNotFoundError,
  SagaFailedExecutionError,
  SagaFailedExecutionStepError,
  SagaResponseError,
  SagaRollbackExecutionError,
  SagaRollbackExecutionStepError,
  SagaStepExecutionError,
} from './errors/execution-errors.ts'
export { isSagaError, SagaError } from './errors/saga-error.ts'
export {
  AlreadyCommittedException,
  AlreadyOnSagaException,
  EmptySagaException,
  EmptySagaStepException,
  MultipleElseThenException,
  MultipleOnErrorException,
  MultipleOnExecuteException,
  MultipleOnFailureException,
  MultipleOnSuccessException,
  SagaException,
  SagaExecutionAlreadyExecutedException,
  SagaExecutionException,
  SagaExecutionNotFoundException,
  SagaFailedExecutionException,
  SagaFailedExecutionStepException,
  SagaNotCommittedException,
  SagaNotDefinedException,
  SagaResponseException,
  SagaRollbackExecutionException,
  SagaRollbackExecutionStepException,
  SagaStepException,
  SagaStepExecutionException,
  UndefinedOnExecuteException,
} from './errors/exception-names.ts'
