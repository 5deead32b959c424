/** The desk of what could not be delivered: nothing leaves it but by replay or discard. */
import type { AngzarrDeadLetter } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Nanoseconds } from '../clock.ts'
import type { Position } from '../identity.ts'

/** What kind of failure a dead letter is about. */
export type DeadLetterReason =
  | 'sequence_mismatch'
  | 'event_processing_failed'
  | 'payload_retrieval_failed'
  | 'compensation_delivery_failed'
  | 'unknown'

/** One dead letter. */
export type DeadLetter = {
  readonly id: string
  readonly component: string
  readonly kind: 'aggregate' | 'saga' | 'process_manager' | 'projector'
  /** The key that waits behind it; `undefined` when nothing waits. */
  readonly key: string | undefined
  /** Domain of the failed message. */
  readonly domain: string
  readonly correlationId: string
  readonly rejectionType: DeadLetterReason
  readonly reason: string
  readonly code: string
  readonly attempts: number
  readonly position: Position
  readonly occurredAt: Nanoseconds
  /** The contract's message, with the failed command or events in it. */
  readonly letter: AngzarrDeadLetter
}

/** Which dead letters to list; every given field must match. */
export type DeadLetterFilter = {
  readonly component?: string | undefined
  readonly domain?: string | undefined
  readonly correlationId?: string | undefined
  readonly rejectionType?: DeadLetterReason | undefined
  /** Only what occurred after this time. */
  readonly occurredAfter?: Nanoseconds | undefined
  /** Only what occurred before this time. */
  readonly occurredBefore?: Nanoseconds | undefined
  /** Continue behind this id. */
  readonly after?: string | undefined
  /** Default 50. */
  readonly limit?: number | undefined
}

/** The dead-letter desk. */
export interface DeadLetters {
  /** @throws CodedError `QUERY_INVALID` for a limit that is no positive whole number */
  list(filter?: DeadLetterFilter): Promise<readonly DeadLetter[]>
  get(id: string): Promise<DeadLetter | undefined>
  /**
   * Tries the message again where it came from; resolves when its key has caught up. A command that
   * nothing waits behind is sent again, at whatever sequence its aggregate has by now, once in effect;
   * its letter leaves the desk in the commit that stores what it brings about.
   *
   * @throws CodedError `DEAD_LETTER_NOT_FOUND`, also for an event that nothing waits behind; what the message fails with when it fails again
   */
  replay(id: string): Promise<void>
  /** Gives the message up; what waited behind it goes on. @throws CodedError `DEAD_LETTER_NOT_FOUND` */
  discard(id: string): Promise<void>
}
