/**
 * The port of messages between services. A bus carries messages to topics; whoever consumes a topic
 * gets them. What every bus promises, whatever stands behind it:
 *
 * 1. At least once: a message whose `send` has resolved is delivered until it is settled. It is
 *    settled when its handler resolves, or when it is put among the dead letters; nothing else
 *    settles it. It may come more than once, and the same message sent twice comes at least twice.
 * 2. Order per key: of the messages of one topic that have the same key, one at a time is with a
 *    handler, over all consumers, in the order in which they were sent: those behind it wait, also
 *    while it is redelivered. Messages with different keys, or without one, do not wait for each
 *    other.
 * 3. A handler that rejects gets its message again after a pause, with a higher count. A message
 *    whose consumer goes away before it is settled goes to another one, or waits for one.
 * 4. A message that was delivered too often, or that its handler gives up, becomes a dead letter,
 *    with a code and a reason, on the dead-letter topic of its topic. Then its key goes on. When
 *    there is no room for dead letters it stays where it is and its key waits.
 * 5. A topic exists from its first consumer on, and keeps its messages while nobody consumes it. A
 *    message to a topic that does not exist is refused with `MESSAGE_UNROUTABLE`.
 * 6. Queues are bounded. When one is full, senders wait; when too many wait, or one waits too long,
 *    `BUS_OVERLOADED` says that nothing was sent.
 * 7. A message travels as it stood when `send` was called.
 * 8. What a bus forgets when its process ends, its own documentation says. Nothing else is dropped.
 */
import type { AbortOptions } from '../abort.ts'

/** One message. The reference system's broker message, with an ordering key. */
export type BusMessage = {
  /** Where it goes: 1 to 200 visible ASCII characters, not ending in `.dead`. */
  readonly topic: string
  /** Names the message; the same message sent again has the same id. 1 to 1,024 characters. */
  readonly id: string
  /** Messages of a topic with the same key keep their order; '' has none. Up to 1,024 characters. */
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly content: Uint8Array
  /** Of a reply: 200, 400 or 500. */
  readonly status?: number | undefined
  /** The topic on which an answer is expected; without it none is. */
  readonly replyTo?: string | undefined
}

/** A message in the hands of a handler. */
export interface Delivery {
  readonly message: BusMessage
  /** Counts from 1. A bus may begin anew when it has been restarted itself. */
  readonly count: number
  /** Aborts when the subscription no longer waits for this handler; the message goes elsewhere. */
  readonly signal: AbortSignal
}

/** What a handler may resolve to in order to give a message up at once. */
export type GivenUp = {
  readonly kind: 'dead-letter'
  /** SCREAMING_SNAKE. */
  readonly code: string
  readonly reason: string
}

/** Settles a message by resolving; has it redelivered by rejecting. */
export type MessageHandler = (
  delivery: Delivery,
  // A handler without a result is the usual one.
  // oxlint-disable-next-line typescript/no-invalid-void-type
) => void | GivenUp | PromiseLike<void | GivenUp>

/** How a topic is consumed. */
export type ConsumeOptions = {
  /** Messages that may be with the handler at a time. Default: 64. */
  readonly concurrency?: number | undefined
  /**
   * Messages that may be fetched before a handler is free, where fetching takes time. Default: 256.
   */
  readonly prefetch?: number | undefined
  /** Deliveries after which a message becomes a dead letter; Infinity: never. Default: 10. */
  readonly deliveriesMax?: number | undefined
  /** First pause before a redelivery, doubled each time. Default: 10. */
  readonly redeliverMsMin?: number | undefined
  /** Longest pause before a redelivery. Default: 2,000. */
  readonly redeliverMsMax?: number | undefined
  /** Closes the subscription when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** How a subscription or a bus is closed. */
export type CloseOptions = {
  /** How long handlers that run are waited for; 0: a turn of the event loop. Default: 30,000. */
  readonly drainMs?: number | undefined
}

/** A consumer of a topic. Disposing it closes it. */
export interface Subscription extends AsyncDisposable {
  readonly topic: string
  /**
   * Takes no more messages and waits for the handlers that run. Those that take longer than
   * `drainMs` have their signal aborted, and their messages go back to the topic. Closing twice is
   * fine; a handler must not wait for the closing of its own subscription.
   */
  close(options?: CloseOptions): Promise<void>
}

/** A bus. Disposing it closes it. */
export interface Bus extends AsyncDisposable {
  /**
   * Resolves when the bus has taken the responsibility for the message. After a rejection nothing
   * was sent, but for `SEND_OUTCOME_UNKNOWN`.
   *
   * @throws CodedError `MESSAGE_INVALID`, `MESSAGE_TOO_LARGE`, `MESSAGE_UNROUTABLE`,
   *   `BUS_OVERLOADED`, `BUS_CLOSED`, `SEND_OUTCOME_UNKNOWN`; `ABORTED` or `DEADLINE_EXCEEDED` when
   *   it had to wait
   */
  send(message: BusMessage, options?: AbortOptions): Promise<void>
  /**
   * Delivers the messages of a topic, those that wait there included. Several consumers of a topic
   * share its messages.
   *
   * @throws CodedError `MESSAGE_INVALID` for a bad topic, `CONFIGURATION_INVALID`, `BUS_CLOSED`
   */
  consume(topic: string, handler: MessageHandler, options?: ConsumeOptions): Promise<Subscription>
  /**
   * Closes the subscriptions; handlers that run may still send meanwhile. Then everything is
   * refused with `BUS_CLOSED`. Closing twice is fine.
   */
  close(options?: CloseOptions): Promise<void>
}
