/** Sagas: from an event to commands and facts. */
import { isMessage, type Message } from '@bufbuild/protobuf'
import { SagaResponseSchema } from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  type CommandBook,
  CommandBookSchema,
  type EventBook,
  EventBookSchema,
  type Notification,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { withCorrelation } from './correlation.ts'
import type { SagaDefinition } from './definition.ts'
import type { Destinations } from './destinations.ts'
import { dispatchError, typeNameOf } from './errors.ts'
import type { SagaSource } from './handler-context.ts'
import { SagaHandlerResponse } from './handler-responses.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { type HandledType, handlerTable } from './handler-table.ts'
import { inOrder } from './in-order.ts'

/** What a saga emits. */
export type SagaOutput = {
  readonly commands: readonly CommandBook[]
  /** Facts, each addressed by its cover. */
  readonly events: readonly EventBook[]
  /** From a `rejected` handler: to be forwarded upstream. The wire has no place for it. */
  readonly notification?: Notification | undefined
}

/** Runs the handlers of one saga. */
export interface SagaDecider {
  /** The type by its full name, when the saga handles it. */
  handles(typeName: string): HandledType | undefined
  /**
   * Runs every handler of a type in the order of their declaration, each on an instance of its
   * own. Commands and facts without a correlation id get that of the source.
   *
   * @throws DispatchError `SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE`, and what a handler throws
   */
  decide(
    typeName: string,
    event: Message,
    destinations: Destinations,
    source: SagaSource,
  ): Awaitable<SagaOutput>
}

/** The decider of a saga. */
export function sagaDecider(definition: SagaDefinition): SagaDecider {
  const table = handlerTable(definition.entries, 'handles')
  return {
    handles: (typeName) => table.get(typeName),
    decide: (typeName, event, destinations, source) => {
      const answers = inOrder(table.get(typeName)?.calls ?? [], (call) =>
        then(call(definition.create(), [event, destinations, source]), normalizeSagaResult),
      )
      const id = source.sourceCover?.correlationId ?? ''
      return then(answers, (outputs) => correlated(mergeSagaOutputs(outputs), id))
    },
  }
}

/** All outputs in one, in order; the first notification counts. */
export function mergeSagaOutputs(outputs: readonly SagaOutput[]): SagaOutput {
  return {
    commands: outputs.flatMap(({ commands }) => commands),
    events: outputs.flatMap(({ events }) => events),
    notification: outputs.find(({ notification }) => notification !== undefined)?.notification,
  }
}

/** The same output, books without a correlation id given this one. */
export function correlated(output: SagaOutput, correlationId: string): SagaOutput {
  return {
    ...output,
    commands: output.commands.map((book) => withCorrelation(book, correlationId)),
    events: output.events.map((book) => withCorrelation(book, correlationId)),
  }
}

/**
 * Reads the answer of a saga's handler.
 *
 * @throws DispatchError `SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE` for anything that is no answer
 */
export function normalizeSagaResult(value: unknown): SagaOutput {
  if (value === undefined || value === null) return { commands: [], events: [] }
  if (value instanceof SagaHandlerResponse) return value
  if (isMessage(value, SagaResponseSchema)) {
    return { commands: value.commands, events: value.events }
  }
  const commands: CommandBook[] = []
  const events: EventBook[] = []
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const item of items) {
    if (isMessage(item, CommandBookSchema)) commands.push(item)
    else if (isMessage(item, EventBookSchema)) events.push(item)
    else {
      const extras = { actual_return_type: typeNameOf(item) }
      throw dispatchError('SAGA_HANDLER_UNSUPPORTED_RETURN_TYPE', extras, {
        hint: 'Return command(...), fact(...), an array of them, a SagaHandlerResponse, or nothing.',
      })
    }
  }
  return { commands, events }
}
