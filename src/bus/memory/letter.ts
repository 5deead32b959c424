import type { Timer } from '../../clock.ts'
import type { BusMessage } from '../bus.ts'

/** A message on a topic, from its sending until it is settled. */
export type Letter = {
  readonly message: BusMessage
  /** Deliveries begun so far. */
  count: number
  /** While it pauses before the next delivery. */
  pause: Timer | undefined
}
