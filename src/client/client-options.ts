/** What every client is made with. */
import { type Clock, systemClock } from '../clock.ts'
import { type Random, systemRandom } from '../identity.ts'

/** Options of every client. */
export type ClientOptions = {
  /** Whether `close` closes the transport too. Default true; false leaves it to its maker. */
  readonly ownsTransport?: boolean | undefined
  /** Measures deadlines. Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Makes roots, correlation ids and idempotency keys. Default: that of this machine. */
  readonly random?: Random | undefined
}

/** The options with their defaults. */
export type ResolvedClientOptions = {
  readonly ownsTransport: boolean
  readonly clock: Clock
  readonly random: Random
}

/** Fills in the defaults. Timers of the default clock keep the process alive, as calls do. */
export function resolveClientOptions(options: ClientOptions): ResolvedClientOptions {
  return {
    ownsTransport: options.ownsTransport ?? true,
    clock: options.clock ?? systemClock(),
    random: options.random ?? systemRandom(),
  }
}
