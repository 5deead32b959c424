/** A failed compensation that a human is to be told of, and who tells. */
import type { Nanoseconds } from '../clock.ts'

/** A failed compensation, as it is sent. */
export type Escalation = {
  readonly sourceDomain: string
  /** Root of the source, 32 hexadecimal digits. */
  readonly sourceRootId: string
  readonly sourceSeq: number
  /** Why the command was rejected. */
  readonly rejectionReason: string
  /** Why the rejection was not compensated. */
  readonly compensationReason: string
  readonly correlationId: string
  readonly occurredAt: Nanoseconds
}

/**
 * Tells somebody. `refused` is the answer of a receiver that will never take it; a rejection is tried
 * again, three times in all.
 */
export type EscalationSender = (escalation: Escalation) => Promise<'sent' | 'refused'>
