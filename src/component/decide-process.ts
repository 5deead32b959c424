/** Process managers: from an event and a state to commands, facts and events of their own. */
import { isMessage, type Message } from '@bufbuild/protobuf'
import type { RevocationResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { ProcessManagerHandleResponseSchema } from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import type {
  CommandBook,
  EventBook,
  Notification,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { withCorrelation } from './correlation.ts'
import type { ProcessManagerDefinition } from './definition.ts'
import type { Destinations } from './destinations.ts'
import { dispatchError, typeNameOf } from './errors.ts'
import type { SagaSource } from './handler-context.ts'
import { ProcessManagerResponse } from './handler-responses.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { type HandledType, handlerTable } from './handler-table.ts'
import { inOrder } from './in-order.ts'

/** What a process manager emits. */
export type ProcessOutput = {
  /** For its own stream, without sequences; a book without a cover means its own. */
  readonly processEvents: readonly EventBook[]
  readonly commands: readonly CommandBook[]
  readonly facts: readonly EventBook[]
  /** To be forwarded upstream. */
  readonly notification?: Notification | undefined
  /** From a `rejected` handler: what the framework shall do. The wire has no place for it. */
  readonly revocation?: RevocationResponse | undefined
}

/** The state for one handler, rebuilt with the instance whose method is called. */
export type StateFor = (self: object | undefined) => object

/** Runs the handlers of one process manager. */
export interface ProcessDecider {
  /** The type by its full name, when the process manager handles it. */
  handles(typeName: string): HandledType | undefined
  /**
   * Runs every handler of a type in the order of their declaration, each on an instance and a state
   * of its own. Books without a correlation id get that of the source.
   *
   * @throws DispatchError `PM_HANDLER_WRONG_RETURN_TYPE`, and what a handler throws
   */
  decide(
    typeName: string,
    event: Message,
    stateFor: StateFor,
    destinations: Destinations,
    source: SagaSource,
  ): Awaitable<ProcessOutput>
}

/** The decider of a process manager. */
export function processDecider(definition: ProcessManagerDefinition): ProcessDecider {
  const table = handlerTable(definition.entries, 'handles')
  return {
    handles: (typeName) => table.get(typeName),
    decide: (typeName, event, stateFor, destinations, source) => {
      const answers = inOrder(table.get(typeName)?.calls ?? [], (call) => {
        const self = definition.create()
        const args = [event, stateFor(self), destinations, source]
        return then(call(self, args), normalizeProcessResult)
      })
      const id = source.sourceCover?.correlationId ?? ''
      return then(answers, (outputs) => correlatedProcess(mergeProcessOutputs(outputs), id))
    },
  }
}

/** All outputs in one, in order; the first notification and the first revocation count. */
export function mergeProcessOutputs(outputs: readonly ProcessOutput[]): ProcessOutput {
  return {
    processEvents: outputs.flatMap(({ processEvents }) => processEvents),
    commands: outputs.flatMap(({ commands }) => commands),
    facts: outputs.flatMap(({ facts }) => facts),
    notification: outputs.find(({ notification }) => notification !== undefined)?.notification,
    revocation: outputs.find(({ revocation }) => revocation !== undefined)?.revocation,
  }
}

/** The same output, books without a correlation id given this one. */
export function correlatedProcess(output: ProcessOutput, correlationId: string): ProcessOutput {
  return {
    ...output,
    processEvents: output.processEvents.map((book) => withCorrelation(book, correlationId)),
    commands: output.commands.map((book) => withCorrelation(book, correlationId)),
    facts: output.facts.map((book) => withCorrelation(book, correlationId)),
  }
}

/**
 * Reads the answer of a process manager's handler.
 *
 * @throws DispatchError `PM_HANDLER_WRONG_RETURN_TYPE` for anything that is no answer
 */
export function normalizeProcessResult(value: unknown): ProcessOutput {
  if (value === undefined || value === null) return { processEvents: [], commands: [], facts: [] }
  if (value instanceof ProcessManagerResponse) return value
  if (isMessage(value, ProcessManagerHandleResponseSchema)) {
    const { processEvents, commands, facts, notification } = value
    return { processEvents, commands, facts, notification }
  }
  throw dispatchError(
    'PM_HANDLER_WRONG_RETURN_TYPE',
    { actual_return_type: typeNameOf(value) },
    { hint: 'Return a ProcessManagerResponse with commands, facts and processEvents, or nothing.' },
  )
}
