/** A message on its way to the broker, from `send` until somebody has told what became of it. */
import type { BusMessage } from '../bus.ts'
import type { Publication } from './envelope.ts'

/** See the top of this file. */
export type Sending = {
  readonly topic: string
  readonly publication: Publication
  /** A reading of the monotonic clock, in milliseconds, at which it is given up. */
  readonly untilMs: number
  /**
   * `waiting` for its turn; `published`, and the broker has not answered; `doubtful`: the same, on a
   * connection that is gone; it waits to be published again.
   */
  state: 'waiting' | 'published' | 'doubtful' | 'settled'
  /** Of its last publication. */
  number: number
  /** The broker had no queue for it. */
  isReturned: boolean
  readonly settle: (error?: unknown) => void
}

/** A sending, and the promise of what becomes of it. */
export function newSending(
  message: BusMessage,
  publication: Publication,
  untilMs: number,
): { readonly sending: Sending; readonly sent: Promise<void> } {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const sending: Sending = {
    topic: message.topic,
    publication,
    untilMs,
    state: 'waiting',
    number: 0,
    isReturned: false,
    settle: (error) => {
      sending.state = 'settled'
      if (error === undefined) resolve()
      else reject(error as Error)
    },
  }
  return { sending, sent: promise }
}
