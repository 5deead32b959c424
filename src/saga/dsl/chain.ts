/**
 * The types of a saga while it is written. Each step has the type of the context behind it; a slot that
 * is filled is gone, and so is `onFailure` behind the pivot.
 *
 * `In` is what the saga starts with, `Context` what the next step gets, `P` where it stands: before
 * the pivot (`compensatable`) or behind it (`retriable`).
 */
import type { Runnable } from '../../machine/bindings.ts'
import type { Definition } from '../../machine/definition.ts'
import type { ReceivedBy, Schema, SentBy } from '../messages/border.ts'
import type { SagaRequest } from '../messages/saga-request.ts'
import type { IfThenAlternative, ElseThenAlternative } from './alternative.ts'
import type {
  ConditionCallback,
  ContextResult,
  LocalCallback,
  LocalUndo,
  Nothing,
  RequestCallback,
  ResponseCallback,
  SagaContextOf,
} from './callbacks.ts'
import type { ConditionalSagaStep } from './conditional-saga-step.ts'
import type { Behind, ContextLeft, Merged, ReplyOf, Undone } from './context-types.ts'
import type { LocalSagaStep, LocalStepOptions } from './local-saga-step.ts'
import type { NestedStepOptions } from './nested-saga-step.ts'
import type { ParallelStepOptions } from './parallel-saga-step.ts'
import type { ErrorSlotOptions, RemoteSagaStep, RemoteStepOptions } from './remote-saga-step.ts'
import type { SagaOperation } from './saga-operation.ts'
import type { SagaSettings } from './saga-settings.ts'
import type { SagaStep } from './saga-step.ts'
import type { SignalStepOptions } from './signal-saga-step.ts'
import type { SlotOptions } from './slot.ts'
import type { NamedStepOptions } from './step-options.ts'

/** Where a step stands: it can be undone, or it runs forward until it succeeds. */
export type Phase = 'compensatable' | 'retriable'

/** What may be returned by a callback that makes a request. */
type MadeRequest = SagaRequest | Nothing

type MaybeLater<T> = T | PromiseLike<T>

/** A committed saga: what can be run, or stand as a branch in another one. */
export interface CommittedSaga<In, Out> extends Runnable<In, Out> {
  readonly name: string
  readonly version: string
  readonly committed: boolean
  readonly steps: readonly SagaStep[]
  /** @throws SagaError what is wrong with the saga */
  validate(): void
  /** The saga as plain data: its steps with their paths, kinds and policies. */
  describe(): Definition
}

/** The ways on from where a saga stands. */
export interface Chain<In, Context extends object, P extends Phase> {
  /**
   * A step that calls a function. Its operation gets a copy of the context; a returned object replaces
   * the context, nothing returned keeps the copy, a returned Error refuses.
   *
   * @throws SagaError `SAGA_ALREADY_COMMITTED`, `SAGA_STEP_ATTACHED`; CodedError
   *   `SAGA_STEP_KIND_INVALID`, `SAGA_OPTION_INVALID`, `SAGA_STEP_NAME_INVALID`
   */
  localStep(
    later?: undefined,
    options?: LocalStepOptions<Context>,
  ): LocalStep<In, Context, Context, P, never>
  localStep(step: LocalSagaStep<Context>): LocalStep<In, Context, Context, P, 'onExecute'>
  localStep(
    operation: SagaOperation,
    options?: LocalStepOptions<Context>,
  ): LocalStep<In, Context, Context, P, 'onExecute'>
  localStep<R extends MaybeLater<ContextResult>, Q = undefined>(
    run: LocalCallback<Context, R, Q>,
    options?: LocalStepOptions<Context> & SlotOptions<Q>,
  ): LocalStep<In, Context, Behind<Context, ContextLeft<Context, R>>, P, 'onExecute'>

  /**
   * A step that sends a request. The callback makes it; when it returns nothing there is nothing to
   * send, and the step is done.
   *
   * @throws like `localStep`
   */
  remoteStep(
    later?: undefined,
    options?: RemoteStepOptions,
  ): RemoteStep<In, Context, Context, never, unknown, P, never>
  remoteStep(
    step: RemoteSagaStep<Context>,
  ): RemoteStep<In, Context, Context, never, unknown, P, 'onExecute'>
  remoteStep(
    operation: SagaOperation,
    options?: RemoteStepOptions,
  ): RemoteStep<In, Context, Context, never, unknown, P, 'onExecute'>
  remoteStep<R extends MaybeLater<MadeRequest>, Q = undefined>(
    request: RequestCallback<Context, R, Q>,
    options?: RemoteStepOptions & SlotOptions<Q>,
  ): RemoteStep<In, Context, Context, never, ReplyOf<R>, P, 'onExecute'>

  /** A step that takes one of several branches. */
  conditionalStep(
    step?: ConditionalSagaStep<Context> | NamedStepOptions,
  ): ConditionalStep<In, Context, never, P>

  /**
   * Runs committed sagas side by side, each with a copy of the context, and puts together what they
   * changed of it.
   */
  parallel<const B extends readonly CommittedSaga<Context, object>[]>(
    branches: B,
    options?: ParallelStepOptions,
  ): Chain<In, AsContext<Merged<Context, OutsOf<B>>>, P>

  /** Runs another saga as an execution of its own, and undoes it like a step. */
  sagaStep<Out extends object>(
    definition: Runnable<Context, Out>,
    options?: NestedStepOptions,
  ): Pivotable<In, Out, P>

  /** Waits until somebody signals the execution. Its data comes as it was sent, or as a schema says. */
  waitFor<S extends Schema = never, R extends MaybeLater<ContextResult> = undefined>(
    signal: string,
    receive?: (
      context: SagaContextOf<Context>,
      data: [S] extends [never] ? unknown : ReceivedBy<S>,
    ) => R,
    options?: SignalStepOptions<S>,
  ): Pivotable<In, Behind<Context, ContextLeft<Context, R>>, P>

  /**
   * Ends the definition: checks it, and makes it something to run.
   *
   * @throws SagaError what is wrong with it
   */
  commit(): CommittedSaga<In, Context>
}

type AsContext<T> = T extends object ? T : never

type OutsOf<B extends readonly unknown[]> = {
  [I in keyof B]: B[I] extends CommittedSaga<never, infer Out> ? Out : never
}

/** A saga that is being written. */
export interface SagaDraft<
  In,
  Context extends object,
  P extends Phase = 'compensatable',
> extends Chain<In, Context, P> {
  readonly name: string
  readonly version: string
  readonly steps: readonly SagaStep[]
  readonly committed: boolean
  /** Adds a step that was made by itself. @throws like `localStep` */
  addStep(step: SagaStep): this
  /** @throws SagaError what is wrong with the saga, also that it is not committed */
  validate(): void
}

/** Ways on from a step that can be the pivot. */
export type Pivotable<In, Context, P extends Phase> = Chain<In, AsContext<Context>, P> &
  (P extends 'compensatable' ? CanBePivot<In, AsContext<Context>> : unknown)

type CanBePivot<In, Context extends object> = {
  /**
   * Makes the step the point of no return: when it has succeeded nothing is undone any more, and what
   * follows runs forward until it succeeds.
   */
  pivot(): Chain<In, Context, 'retriable'>
}

/** Ways on from a step once it does something. */
type OnwardOnce<Used, In, Context, P extends Phase> = 'onExecute' extends Used
  ? Pivotable<In, Context, P>
  : unknown

/** Slots that a step does not have where it stands. */
type Closed<P extends Phase, Used> = Used | (P extends 'retriable' ? 'onFailure' : never)

/** A local step; `Used` are its filled slots. */
export type LocalStep<
  In,
  Before extends object,
  After,
  P extends Phase,
  Used extends string,
> = OnwardOnce<Used, In, After, P> & Omit<LocalSlots<In, Before, After, P, Used>, Closed<P, Used>>

interface LocalSlots<In, Before extends object, After, P extends Phase, Used extends string> {
  /** What the step does. See `localStep`. */
  onExecute<R extends MaybeLater<ContextResult>, Q = undefined>(
    run: LocalCallback<Before, R, Q> | SagaOperation,
    options?: SlotOptions<Q>,
  ): LocalStep<In, Before, Behind<Before, ContextLeft<Before, R>>, P, Used | 'onExecute'>
  /**
   * Undoes the step. It gets the latest context and may replace it; what the step itself adds may be
   * missing.
   */
  onFailure<Q = undefined>(
    undo: LocalUndo<AsContext<Undone<Before, After>>, Q> | SagaOperation,
    options?: SlotOptions<Q>,
  ): LocalStep<In, Before, After, P, Used | 'onFailure'>
}

/** A remote step; `Success` and `Failed` are what its handlers leave, `Used` its filled slots. */
export type RemoteStep<
  In,
  Before extends object,
  Success,
  Failed,
  Reply,
  P extends Phase,
  Used extends string,
> = OnwardOnce<Used, In, Behind<Before, Success | Failed>, P> &
  Omit<RemoteSlots<In, Before, Success, Failed, Reply, P, Used>, Closed<P, Used>>

interface RemoteSlots<
  In,
  Before extends object,
  Success,
  Failed,
  Reply,
  P extends Phase,
  Used extends string,
> {
  /** Makes the request. See `remoteStep`. */
  onExecute<R extends MaybeLater<MadeRequest>, Q = undefined>(
    request: RequestCallback<Before, R, Q> | SagaOperation,
    options?: SlotOptions<Q>,
  ): RemoteStep<In, Before, Success, Failed, ReplyOf<R>, P, Used | 'onExecute'>
  /**
   * Handles the reply of a request that took effect. It leaves a context like a local step; if it
   * fails, the step is undone too.
   */
  onSuccess<R extends MaybeLater<ContextResult>, Q = undefined>(
    handle: ResponseCallback<Before, Reply, R, Q> | SagaOperation,
    options?: SlotOptions<Q>,
  ): RemoteStep<In, Before, ContextLeft<Before, R>, Failed, Reply, P, Used | 'onSuccess'>
  /**
   * Handles the reply of a service that refused, and lets the saga go on. Without it a refusal fails
   * the step.
   */
  onError<R extends MaybeLater<ContextResult>, Q = undefined>(
    handle: ResponseCallback<Before, unknown, R, Q> | SagaOperation,
    options?: ErrorSlotOptions & SlotOptions<Q>,
  ): RemoteStep<In, Before, Success, ContextLeft<Before, R>, Reply, P, Used | 'onError'>
  /**
   * Makes the request that undoes the step; nothing returned is nothing to undo. It gets the latest
   * context; what the step itself adds may be missing. Without it the step needs no undo.
   */
  onFailure<Q = undefined>(
    undo:
      | RequestCallback<
          AsContext<Undone<Before, Behind<Before, Success | Failed>>>,
          MaybeLater<MadeRequest>,
          Q
        >
      | SagaOperation,
    options?: SlotOptions<Q>,
  ): RemoteStep<In, Before, Success, Failed, Reply, P, Used | 'onFailure'>
}

/**
 * A conditional step; `Out` is what its branches leave. Without `elseThen` the context may also stay
 * as it was.
 */
export interface ConditionalStep<In, Before extends object, Out, P extends Phase> extends Chain<
  In,
  AsContext<Before | Out>,
  P
> {
  /** A branch, taken if its condition is the first that holds. Conditions are evaluated once. */
  ifThen<O extends object, Q = undefined>(
    condition: ConditionCallback<Before, Q> | SagaOperation,
    saga: CommittedSaga<Before, O>,
    options?: SlotOptions<Q>,
  ): ConditionalStep<In, Before, Out | O, P>
  ifThen(alternative: IfThenAlternative<Before>): ConditionalStep<In, Before, Out | Before, P>
  /** The branch taken when no condition holds. */
  elseThen<O extends object>(saga: CommittedSaga<Before, O>): Chain<In, AsContext<Out | O>, P>
  elseThen(alternative: ElseThenAlternative): Chain<In, AsContext<Out | Before>, P>
}

/** How a saga is begun. */
export interface SagaConstructor {
  /**
   * A saga whose context starts as `In` and grows from step to step. When it is written statement by
   * statement, `In` is the whole context, and steps change it in place.
   *
   * @param name executions are found by it
   * @throws CodedError `SAGA_NAME_INVALID`, `SAGA_OPTION_INVALID`
   */
  new <In extends object = Record<never, never>>(
    name: string,
    options?: SagaSettings<never>,
  ): SagaDraft<In, In>
  /** A saga whose context starts as its schema says. */
  new <S extends Schema>(
    name: string,
    options: SagaSettings<S> & { readonly input: S },
  ): SagaDraft<SentBy<S>, AsContext<ReceivedBy<S>>>
}
