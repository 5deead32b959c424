/**
 * Rejections and requests to undo: who answers, and what the answers amount to. `undefined` means
 * that nobody declared a handler, which leaves it to the framework; a handler that answers nothing
 * has answered.
 */
import { create, isMessage } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import {
  type BusinessResponse,
  BusinessResponseSchema,
  type RevocationResponse,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type Cover,
  type EventBook,
  EventBookSchema,
  type EventPage,
  type Notification,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CompensationContext, delegateToFramework, PMRevocationResponse } from './compensation.ts'
import { isEventOrEvents, messagesOf, normalizeCommandResult } from './decide-command.ts'
import {
  correlatedProcess,
  mergeProcessOutputs,
  normalizeProcessResult,
  type ProcessOutput,
  type StateFor,
} from './decide-process.ts'
import {
  correlated,
  mergeSagaOutputs,
  normalizeSagaResult,
  type SagaOutput,
} from './decide-saga.ts'
import type { AggregateDefinition, ProcessManagerDefinition, SagaDefinition } from './definition.ts'
import { booksOf, RejectionHandlerResponse } from './handler-responses.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { handlerTable } from './handler-table.ts'
import { inOrder } from './in-order.ts'
import { packEvents, renumber } from './pack-events.ts'
import { answering, compensateOf, refusedCommandOf, rejectionFor, undoFor } from './rejection.ts'

/** What one handler of an aggregate answered. */
export type RejectionAnswer = {
  /** Events that compensate, not numbered yet. */
  readonly pages: readonly EventPage[]
  readonly cover?: Cover | undefined
  readonly revocation?: RevocationResponse | undefined
  readonly notification?: Notification | undefined
}

/**
 * Lets an aggregate answer a rejection: every handler that answers it, each on an instance and a
 * state of its own; `undefined` when none was declared.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for a malformed notification,
 *   `HANDLER_WRONG_RESPONSE_KIND`, and what a handler throws
 */
export function answerRejection(
  definition: AggregateDefinition,
  notification: Notification,
  stateFor: StateFor,
): Awaitable<readonly RejectionAnswer[]> | undefined {
  const refused = refusedCommandOf(notification)
  const entries = refused === undefined ? [] : answering(definition.entries, refused)
  if (refused === undefined || entries.length === 0) return undefined
  return inOrder(entries, ({ call, command }) => {
    const self = definition.create()
    const args = [notification, stateFor(self), rejectionFor(command, refused)]
    return then(call(self, args), normalizeRejectionResult)
  })
}

/**
 * Lets an aggregate undo a command; `undefined` when the notification asks for something else, or
 * no handler was declared for the command's type.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for a malformed notification,
 *   `HANDLER_WRONG_RESPONSE_KIND`, and what the handler throws
 */
export function answerUndo(
  definition: AggregateDefinition,
  notification: Notification,
  stateFor: StateFor,
): Awaitable<RejectionAnswer> | undefined {
  const compensate = compensateOf(notification)
  if (compensate === undefined) return undefined
  const handlers = handlerTable(definition.entries, 'undoes').get(compensate.commandType)
  if (handlers === undefined) return undefined
  const self = definition.create()
  const args = [notification, stateFor(self), undoFor(compensate)]
  return then(handlers.calls[0](self, args), normalizeRejectionResult)
}

/**
 * What a rejection amounts to when no handler was declared for it: the framework records that it
 * was not compensated.
 */
export function undeclaredRejection(notification: Notification): BusinessResponse {
  const { dispatchKey } = CompensationContext.fromNotification(notification)
  return delegateToFramework(`no custom handler for ${dispatchKey || 'an unknown command'}`)
}

/**
 * Reads the answer of a `rejected` or `undoes` handler of an aggregate.
 *
 * @throws DispatchError `HANDLER_WRONG_RESPONSE_KIND` for anything that is no answer
 */
function normalizeRejectionResult(value: unknown): RejectionAnswer {
  if (value instanceof RejectionHandlerResponse) {
    return { ...joined(value.events), notification: value.notification }
  }
  const answer = normalizeCommandResult(value)
  switch (answer.kind) {
    case 'events':
      return { pages: packEvents(answer.messages) }
    case 'book':
      return joined([answer.book])
    case 'response':
      return fromResponse(answer.response)
  }
}

function fromResponse({ result }: BusinessResponse): RejectionAnswer {
  switch (result.case) {
    case 'events':
      return joined([result.value])
    case 'revocation':
      return { pages: [], revocation: result.value }
    case 'notification':
      return { pages: [], notification: result.value }
    case undefined:
      return { pages: [] }
  }
}

/** The pages of several books; the cover of the first one that has events counts. */
function joined(books: readonly EventBook[]): Pick<RejectionAnswer, 'pages' | 'cover'> {
  const cover = books.find(({ pages }) => pages.length > 0)?.cover
  return { pages: books.flatMap(({ pages }) => pages), cover }
}

/**
 * All answers in one: their events, numbered in one run from `first`; without any event the first
 * revocation or notification.
 */
export function combineAnswers(
  answers: readonly RejectionAnswer[],
  first: Sequence,
): BusinessResponse {
  const pages = answers.flatMap((answer) => answer.pages)
  const other = answers.find(
    ({ revocation, notification }) => revocation !== undefined || notification !== undefined,
  )
  if (pages.length === 0 && other?.revocation !== undefined) {
    const { revocation: value } = other
    return create(BusinessResponseSchema, { result: { case: 'revocation', value } })
  }
  if (pages.length === 0 && other?.notification !== undefined) {
    const { notification: value } = other
    return create(BusinessResponseSchema, { result: { case: 'notification', value } })
  }
  const cover = answers.find((answer) => answer.cover !== undefined)?.cover
  const value = create(EventBookSchema, { pages: renumber(pages, first) })
  if (cover !== undefined) value.cover = cover
  return create(BusinessResponseSchema, { result: { case: 'events', value } })
}

/**
 * Lets a saga answer a rejection; `undefined` when no handler was declared.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for a malformed notification,
 *   `SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE`, and what a handler throws
 */
export function answerSagaRejection(
  definition: SagaDefinition,
  notification: Notification,
): Awaitable<SagaOutput> | undefined {
  const refused = refusedCommandOf(notification)
  const entries = refused === undefined ? [] : answering(definition.entries, refused)
  if (refused === undefined || entries.length === 0) return undefined
  const answers = inOrder(entries, ({ call, command }) =>
    then(
      call(definition.create(), [notification, rejectionFor(command, refused)]),
      normalizeSagaRejection,
    ),
  )
  const id = notification.cover?.correlationId ?? ''
  return then(answers, (outputs) => correlated(mergeSagaOutputs(outputs), id))
}

function normalizeSagaRejection(value: unknown): SagaOutput {
  if (!(value instanceof RejectionHandlerResponse)) return normalizeSagaResult(value)
  return { commands: [], events: value.events, notification: value.notification }
}

/**
 * Lets a process manager answer a rejection, each handler on an instance and a state of its own;
 * `undefined` when no handler was declared.
 *
 * @throws DispatchError `ANY_DECODE_FAILED` for a malformed notification,
 *   `PM_HANDLER_WRONG_RETURN_TYPE`, and what a handler throws
 */
export function answerProcessRejection(
  definition: ProcessManagerDefinition,
  notification: Notification,
  stateFor: StateFor,
): Awaitable<ProcessOutput> | undefined {
  const refused = refusedCommandOf(notification)
  const entries = refused === undefined ? [] : answering(definition.entries, refused)
  if (refused === undefined || entries.length === 0) return undefined
  const answers = inOrder(entries, ({ call, command }) => {
    const self = definition.create()
    const args = [notification, stateFor(self), rejectionFor(command, refused)]
    return then(call(self, args), normalizeProcessRejection)
  })
  const id = notification.cover?.correlationId ?? ''
  return then(answers, (outputs) => correlatedProcess(mergeProcessOutputs(outputs), id))
}

function normalizeProcessRejection(value: unknown): ProcessOutput {
  const none = { processEvents: [], commands: [], facts: [] }
  if (value instanceof RejectionHandlerResponse) {
    return { ...none, processEvents: value.events, notification: value.notification }
  }
  if (value instanceof PMRevocationResponse) {
    const { processEvents: book, revocation } = value
    return { ...none, processEvents: book === undefined ? [] : [book], revocation }
  }
  if (isMessage(value, EventBookSchema)) return { ...none, processEvents: [value] }
  if (isEventOrEvents(value)) return { ...none, processEvents: booksOf(messagesOf(value)) }
  return normalizeProcessResult(value)
}
