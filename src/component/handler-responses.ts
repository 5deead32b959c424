/** What handlers of sagas and process managers may answer with when one book is not enough. */
import { create, isMessage, type Message } from '@bufbuild/protobuf'
import {
  type CommandBook,
  type EventBook,
  EventBookSchema,
  type Notification,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packEvents } from './pack-events.ts'

/** Books of events, or bare messages; neighbouring messages share one book without a cover. */
export type Events = readonly (EventBook | Message)[]

/** Answer of a saga's handler (Angzarr client: `SagaHandlerResponse`). Lists default to empty. */
export class SagaHandlerResponse {
  /** Commands for other aggregates. */
  readonly commands: readonly CommandBook[]
  /** Facts for other aggregates, each addressed by its cover. */
  readonly events: readonly EventBook[]

  constructor(
    parts: {
      readonly commands?: readonly CommandBook[] | undefined
      readonly events?: readonly EventBook[] | undefined
    } = {},
  ) {
    this.commands = parts.commands ?? []
    this.events = parts.events ?? []
  }
}

/**
 * Answer of a process manager's handler (Angzarr client: `ProcessManagerResponse`). Lists default
 * to empty.
 */
export class ProcessManagerResponse {
  /** Commands for other aggregates. */
  readonly commands: readonly CommandBook[]
  /** Events for the process manager's own stream; given as books or bare messages. */
  readonly processEvents: readonly EventBook[]
  /** Facts for other aggregates, each addressed by its cover. */
  readonly facts: readonly EventBook[]

  constructor(
    parts: {
      readonly commands?: readonly CommandBook[] | undefined
      readonly processEvents?: Events | undefined
      readonly facts?: readonly EventBook[] | undefined
    } = {},
  ) {
    this.commands = parts.commands ?? []
    this.processEvents = booksOf(parts.processEvents ?? [])
    this.facts = parts.facts ?? []
  }
}

/**
 * Answer of a `rejected` handler (Angzarr client: `RejectionHandlerResponse`): events that
 * compensate, and a notification to forward upstream.
 */
export class RejectionHandlerResponse {
  /** Events to store; given as books or bare messages. */
  readonly events: readonly EventBook[]
  /** To be forwarded when there are no events. */
  readonly notification: Notification | undefined

  constructor(
    parts: {
      readonly events?: Events | undefined
      readonly notification?: Notification | undefined
    } = {},
  ) {
    this.events = booksOf(parts.events ?? [])
    this.notification = parts.notification
  }
}

/** Books as they are; runs of bare messages packed into a book each, without cover or sequences. */
export function booksOf(events: Events): readonly EventBook[] {
  const books: EventBook[] = []
  let run: Message[] = []
  const close = (): void => {
    if (run.length > 0) books.push(create(EventBookSchema, { pages: packEvents(run) }))
    run = []
  }
  for (const item of events) {
    if (isMessage(item, EventBookSchema)) {
      close()
      books.push(item)
    } else run.push(item)
  }
  close()
  return books
}
