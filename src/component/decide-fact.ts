/** Admitting facts: events from outside, which an aggregate turns into events of its own. */
import { isMessage, type Message } from '@bufbuild/protobuf'
import { type EventBook, EventBookSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messagesOf } from './decide-command.ts'
import type { AggregateDefinition } from './definition.ts'
import type { FactContext } from './handler-context.ts'
import { type Awaitable, then } from '../awaitable.ts'
import { type HandledType, handlerTable } from './handler-table.ts'
import { inOrder } from './in-order.ts'

/** Admits the facts of one definition. */
export interface FactDecider {
  /** Whether the aggregate declares any fact handler; if not, facts are stored as they are. */
  readonly declared: boolean
  /** The type by its full name, when the aggregate handles facts of it. */
  handles(typeName: string): HandledType | undefined
  /**
   * Runs the handlers of a type in the order of their declaration; no answers for a type without
   * one. `self` is the instance whose methods are called, a new one without it.
   */
  decide(
    typeName: string,
    fact: Message,
    state: object,
    context: FactContext,
    self?: object,
  ): Awaitable<readonly FactAnswer[]>
}

/** What a fact handler's answer means. */
export type FactAnswer =
  | { readonly kind: 'events'; readonly messages: readonly Message[] }
  | { readonly kind: 'book'; readonly book: EventBook }

/** The fact decider of a definition. */
export function factDecider(definition: AggregateDefinition): FactDecider {
  const table = handlerTable(definition.entries, 'handlesFact')
  return {
    declared: table.size > 0,
    handles: (typeName) => table.get(typeName),
    decide: (typeName, fact, state, context, self) => {
      const calls = table.get(typeName)?.calls
      if (calls === undefined) return []
      const instance = self ?? definition.create()
      return inOrder(calls, (call) =>
        then(call(instance, [fact, state, context]), normalizeFactResult),
      )
    },
  }
}

/**
 * Reads the answer of a fact handler.
 *
 * @throws DispatchError `HANDLER_WRONG_RESPONSE_KIND` for anything that is no answer
 */
function normalizeFactResult(value: unknown): FactAnswer {
  if (value === undefined || value === null) return { kind: 'events', messages: [] }
  if (isMessage(value, EventBookSchema)) return { kind: 'book', book: value }
  return { kind: 'events', messages: messagesOf(value) }
}
