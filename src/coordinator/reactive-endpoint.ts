/** Where the reactions of a saga or process manager are decided. */
import type { StoredEvent, StreamKey } from '../ledger/ledger.ts'
import type { Outputs, StatefulEndpoint } from './stateful-endpoint.ts'
import type { Trigger } from './trigger.ts'

/** A saga: no state; the same trigger always gives the same outputs. */
export interface SagaEndpoint {
  readonly kind: 'saga'
  readonly name: string
  /** The key that orders this event; `undefined` when it does not concern the saga. */
  laneOf(event: StoredEvent): string | undefined
  /** True when the saga has something to say about a rejection of this command. */
  listens(domain: string, commandType: string): boolean
  /** @param traceparent where the reaction belongs to in a trace */
  decide(trigger: Trigger, traceparent?: string | undefined): Outputs | Promise<Outputs>
}

/** A process manager: decides on the state folded from its own stream. */
export interface ProcessManagerEndpoint {
  readonly kind: 'process_manager'
  readonly name: string
  laneOf(event: StoredEvent): string | undefined
  listens(domain: string, commandType: string): boolean
  /** The stream of the process a correlation id names. */
  streamOf(correlationId: string, edition: string): StreamKey
  readonly stateful: StatefulEndpoint
}

/** Either of the two. */
export type ReactiveEndpoint = SagaEndpoint | ProcessManagerEndpoint
