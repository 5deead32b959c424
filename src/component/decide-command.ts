/** Deciding commands: which handler, what it is given, and what its answer means. */
import { isMessage, type Message } from '@bufbuild/protobuf'
import { CommandRejectedError } from '../errors/client-error.ts'
import type { Sequence } from '../identity.ts'
import {
  type BusinessResponse,
  BusinessResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type Cover,
  type EventBook,
  EventBookSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeUrl } from '../wire/type-url.ts'
import type { AggregateDefinition } from './definition.ts'
import { type DispatchError, dispatchError, typeNameOf } from './errors.ts'
import type { CommandContext } from './handler-context.ts'
import { type HandledType, handlerTable } from './handler-table.ts'
import { isPromise } from '../awaitable.ts'

/** Decides the commands of one definition. */
export interface CommandDecider {
  /** The type by its full name, when the aggregate handles it. */
  handles(typeName: string): HandledType | undefined
  /**
   * Runs the handler; it is a promise only if the handler's answer is. `self` is the instance whose
   * method is called, a new one without it.
   *
   * @throws DispatchError `NO_HANDLER_REGISTERED`; whatever the handler throws, a
   *   {@link CommandRejectedError} with the command's cover filled in
   */
  decide(
    typeName: string,
    command: Message,
    state: object,
    sequence: Sequence,
    context: CommandContext,
    self?: object,
  ): unknown
}

/** The decider of a definition. */
export function commandDecider(definition: AggregateDefinition): CommandDecider {
  const table = handlerTable(definition.entries, 'handles')
  return {
    handles: (typeName) => table.get(typeName),
    decide: (typeName, command, state, sequence, context, self) => {
      const handler = table.get(typeName)
      if (handler === undefined) throw noHandler(definition.domain, typeUrl(typeName))
      try {
        const instance = self ?? definition.create()
        const answer = handler.calls[0](instance, [command, state, sequence, context])
        if (!isPromise(answer)) return answer
        return answer.then(undefined, (error: unknown) => {
          throw withCover(error, context)
        })
      } catch (error) {
        throw withCover(error, context)
      }
    },
  }
}

/** What a command handler's answer means. */
export type CommandAnswer =
  | { readonly kind: 'events'; readonly messages: readonly Message[] }
  | { readonly kind: 'book'; readonly book: EventBook }
  | { readonly kind: 'response'; readonly response: BusinessResponse }

/**
 * Reads the answer of a command handler.
 *
 * @throws DispatchError `HANDLER_WRONG_RESPONSE_KIND` for anything that is no answer
 */
export function normalizeCommandResult(value: unknown): CommandAnswer {
  if (value === undefined || value === null) return { kind: 'events', messages: [] }
  if (isMessage(value)) {
    if (isMessage(value, EventBookSchema)) return { kind: 'book', book: value }
    if (isMessage(value, BusinessResponseSchema)) return { kind: 'response', response: value }
  }
  return { kind: 'events', messages: messagesOf(value) }
}

/**
 * One event, or several.
 *
 * @throws DispatchError `HANDLER_WRONG_RESPONSE_KIND` for anything else
 */
export function messagesOf(value: unknown): readonly Message[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  return items.map((item) => (isEvent(item) ? item : wrong(item)))
}

/** Whether something is one event or several. */
export function isEventOrEvents(value: unknown): boolean {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  return items.every(isEvent)
}

/** Envelopes of the contract are no events. */
const CONTRACT_PACKAGE = 'angzarr_client.proto.angzarr.'

function isEvent(value: unknown): value is Message {
  return isMessage(value) && !value.$typeName.startsWith(CONTRACT_PACKAGE)
}

function wrong(value: unknown): never {
  const extras = { expected_kind: 'events', actual: typeNameOf(value) }
  throw dispatchError('HANDLER_WRONG_RESPONSE_KIND', extras, {
    hint: 'Return an event, an array of events, an EventBook, a BusinessResponse, or nothing.',
  })
}

/** The error; a refusal tells the cover of the command it was about, unless its author did. */
export function withCover(error: unknown, about: { readonly cover: Cover }): unknown {
  if (error instanceof CommandRejectedError) error.cover ??= about.cover
  return error
}

/** Nobody handles this command. */
export function noHandler(domain: string, url: string): DispatchError {
  return dispatchError('NO_HANDLER_REGISTERED', { domain, type_url: url })
}
