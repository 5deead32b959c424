/** What authors write into the slots of steps. Each callback may answer at once or later. */
import type { Awaitable } from '../../awaitable.ts'
import type { AttemptInfo, CallInfo, UndoInfo } from '../../machine/bindings.ts'
import type { SagaContext } from '../context/saga-context.ts'
import type { SagaRequest } from '../messages/saga-request.ts'
import type { SagaResponse } from '../messages/saga-response.ts'

/** The context a callback gets: a copy of its own. */
export type SagaContextOf<Context extends object> = SagaContext<Context>

/** What the last argument of a callback says beside anything else: the parameters of its slot. */
export type WithParameters<P> = { readonly parameters: P }

/** Nothing at all, in all its spellings. */
export type Nothing = void | undefined | null

/** What a callback of a step may return: a context, nothing to keep its own, or why it refuses. */
export type ContextResult = object | Error | Nothing

/** Does something in this process. */
export type LocalCallback<Context extends object, R = Awaitable<ContextResult>, P = undefined> = (
  context: SagaContextOf<Context>,
  info: AttemptInfo & WithParameters<P>,
) => R

/** Undoes something in this process. It gets the latest context, and may replace it. */
export type LocalUndo<Context extends object, P = undefined> = (
  context: SagaContextOf<Context>,
  info: UndoInfo & WithParameters<P>,
) => Awaitable<ContextResult>

/** Makes a request, or nothing when there is nothing to send. */
export type RequestCallback<
  Context extends object,
  R = Awaitable<SagaRequest | Nothing>,
  P = undefined,
> = (context: SagaContextOf<Context>, info: CallInfo & WithParameters<P>) => R

/** Handles a reply. */
export type ResponseCallback<
  Context extends object,
  Reply = unknown,
  R = Awaitable<ContextResult>,
  P = undefined,
> = (
  context: SagaContextOf<Context>,
  response: SagaResponse<Reply>,
  info: CallInfo & WithParameters<P>,
) => R

/** Says whether a branch is taken. What it does to its context stays with it. */
export type ConditionCallback<Context extends object, P = undefined> = (
  context: SagaContextOf<Context>,
  info: CallInfo & WithParameters<P>,
) => Awaitable<boolean>
