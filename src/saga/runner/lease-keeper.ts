/**
 * Who runs the executions of a ledger: one process at a time, by a lease. It is asked for again and
 * again, and renewed while it is held.
 */
import { type Clock, type Timer } from '../../clock.ts'
import type { Leases } from '../../coordinator/leases.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { RUNNER } from './spaces.ts'

/** What a keeper is made from. */
export type LeaseKeeperOptions = {
  readonly ledger: Ledger
  readonly leases: Leases
  readonly clock: Clock
  readonly renewalMs: number
  /** The lease is held from now on. */
  readonly gained: () => void
  /** Another process has it. */
  readonly lost: () => void
  readonly failed: (error: unknown) => void
}

/** See the top of this file. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  #isHeld = false
  #isOn = true
  #timer: Timer | undefined
  #asking: Promise<void> | undefined

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  /** Whether this process runs the executions. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Asks for the lease, and goes on asking or renewing. */
  async start(): Promise<void> {
    await this.#ask()
    this.#arm()
  }

  /** Stops asking and gives the lease back. */
  async stop(): Promise<void> {
    this.#isOn = false
    this.#timer?.cancel()
    await this.#asking
    if (this.#isHeld) await this.#options.leases.giveUp(RUNNER)
    this.#isHeld = false
  }

  /** A write has shown that another process has it. */
  lose(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#options.lost()
  }

  #arm(): void {
    if (!this.#isOn) return
    const { clock, renewalMs } = this.#options
    this.#timer = clock.after(renewalMs, () => {
      this.#asking = this.#ask().finally(() => this.#arm())
    })
    // Keeping a lease is no reason for the process to stay.
    this.#timer.unref?.()
  }

  async #ask(): Promise<void> {
    const { leases, gained, failed } = this.#options
    try {
      if (this.#isHeld) {
        if ((await leases.renew()).length > 0) this.lose()
      } else if (await leases.acquire(RUNNER, [])) {
        if (!this.#isOn) return
        this.#isHeld = true
        gained()
      }
    } catch (error) {
      failed(error)
    }
  }
}
