/**
 * What the machine calls for each step: the author's callbacks, with contexts made for them.
 *
 * 1. Each call gets a context of its own. What a callback leaves is plain data.
 */
import { type Awaitable, then } from '../../awaitable.ts'
import type {
  CallInfo,
  ChoiceBinding,
  OperationBinding,
  Probed,
  Reply,
  RequestBinding,
  SignalBinding,
} from '../../machine/bindings.ts'
import type { Request } from '../../machine/journal.ts'
import { codedError } from '../../errors.ts'
import { copyValue } from '../../wire/values/copy-value.ts'
import type { Border } from '../messages/border.ts'
import { SagaRequest } from '../messages/saga-request.ts'
import { SagaResponse } from '../messages/saga-response.ts'
import { SagaResponseStatus, sagaResponseStatusFromRaw } from '../messages/saga-response-status.ts'
import { asRefusal, contextCopy, recordLeft } from './context-copy.ts'
import type { LocalSagaStep } from './local-saga-step.ts'
import type { RemoteSagaStep } from './remote-saga-step.ts'
import { ReplyBorders } from './reply-borders.ts'
import { refusalIn, serviceFailure } from './failed-reply.ts'
import type { SagaOperation } from './saga-operation.ts'
import type { SignalSagaStep } from './signal-saga-step.ts'

/** Calls an operation with a context of its own, and gives what it leaves. */
function leave(
  operation: SagaOperation,
  value: unknown,
  rest: readonly unknown[],
  info?: object,
): Awaitable<unknown> {
  const context = contextCopy(value)
  return then(operation.call([context, ...rest], info), (result) => recordLeft(context, result))
}

/** What a local step does. */
export function bindLocal(step: LocalSagaStep): OperationBinding {
  const { onExecuteOperation: onExecute, onFailureOperation: onFailure } = step
  const { undoUnknown, probe } = step.options
  if (onExecute === undefined) throw codedError('SAGA_STEP_NOT_BEGUN')
  return {
    kind: 'operation',
    run: (value, info) => leave(onExecute, value, [], info),
    undo: onFailure && ((value, info) => leave(onFailure, value, [], info)),
    undoUnknown:
      undoUnknown &&
      ((input, info) => {
        const context = contextCopy(input)
        const result = undoUnknown(context as never, info)
        return then(result, (left) => (left === undefined ? undefined : recordLeft(context, left)))
      }),
    probe:
      probe &&
      ((input, info) => {
        const context = contextCopy(input)
        return then(probe(context as never, info), (found): Probed => {
          if (found === 'unknown' || !found.happened) return found
          const output = recordLeft(context, found.output)
          return output instanceof Error ? 'unknown' : { happened: true, output }
        })
      }),
  }
}

/** Whether `onReply` is for replies with status `SYSTEM_ERROR` too. */
type HandlesSystemErrors = { readonly handlesSystemErrors: boolean }

/** What a remote step does. */
export function bindRemote(step: RemoteSagaStep): RequestBinding & HandlesSystemErrors {
  const { onExecuteOperation, onSuccessOperation, onErrorOperation, onFailureOperation } = step
  if (onExecuteOperation === undefined) throw codedError('SAGA_STEP_NOT_BEGUN')
  const borders = new ReplyBorders((value, info) => makeRequest(onExecuteOperation, value, info))
  return {
    kind: 'request',
    // What no handler asks for fails the step here, with an error that a caller knows.
    handlesSystemErrors: true,
    request: (value, info) =>
      then(makeRequest(onExecuteOperation, value, info), (made) => {
        if (made !== undefined) borders.remember(value, made)
        return packed(made)
      }),
    onReply: (value, reply, info) => {
      const { SUCCESS, ERROR } = SagaResponseStatus
      const status = sagaResponseStatusFromRaw(reply.status)
      if (status === SUCCESS) {
        if (onSuccessOperation === undefined) return undefined
        return answered(onSuccessOperation, value, { reply, info, border: borders.of(value, info) })
      }
      if (onErrorOperation !== undefined && (status === ERROR || step.handlesSystemErrors)) {
        return answered(onErrorOperation, value, { reply, info, border: undefined })
      }
      throw status === ERROR ? refusalIn(reply) : serviceFailure(reply)
    },
    undo:
      onFailureOperation &&
      ((value, info) => then(makeRequest(onFailureOperation, value, info), packed)),
  }
}

function answered(
  operation: SagaOperation,
  value: unknown,
  { reply, info, border }: Answer,
): Awaitable<unknown> {
  const { content, services, status } = reply
  const response = new SagaResponse(content, services, status, info.executionId, border)
  return leave(operation, value, [response], info)
}

type Answer = {
  readonly reply: Reply
  readonly info: CallInfo
  readonly border: Border | undefined
}

function makeRequest(
  operation: SagaOperation,
  value: unknown,
  info: CallInfo,
): Awaitable<SagaRequest | undefined> {
  return then(operation.call([contextCopy(value)], info), (made) => {
    if (made === undefined || made === null) return undefined
    if (made instanceof SagaRequest) return made
    if (made instanceof Error) throw asRefusal(made)
    const hint = 'Return a SagaRequest, or nothing when there is nothing to send.'
    throw codedError('SAGA_REQUEST_INVALID', { details: { got: typeof made }, hint })
  })
}

async function packed(request: SagaRequest | undefined): Promise<Request | undefined> {
  if (request === undefined) return undefined
  const content = await request.content()
  const border = SagaRequest.bordersOf(request)?.content
  return {
    target: request.target,
    content: copyValue(border === undefined ? content : await border.pack(content)),
  }
}

/** Whether a condition holds. */
export function bindCondition(condition: SagaOperation): ChoiceBinding['conditions'][number] {
  return (value, info) =>
    then(condition.call([contextCopy(value)], info), (holds) => Boolean(holds))
}

/** What a signal leaves. */
export function bindSignal(step: SignalSagaStep): SignalBinding {
  const { receiveOperation: receive, border } = step
  return {
    kind: 'signal',
    receive: (value, data) =>
      then(border === undefined ? data : border.unpack(data), (checked) =>
        receive === undefined ? undefined : leave(receive, value, [checked]),
      ),
  }
}
