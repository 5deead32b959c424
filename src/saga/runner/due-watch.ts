/**
 * Looks at executions when they are due: one timer, for the soonest of all rows. Rows that are due
 * together are taken in parts, and a part is done before the next one begins.
 */
import {
  type Clock,
  LONGEST_TIMER_MS,
  NANOSECONDS_PER_MS,
  type Nanoseconds,
  type Timer,
} from '../../clock.ts'
import { codedError } from '../../errors.ts'
import type { Ledger, Row } from '../../ledger/ledger.ts'
import { EXECUTIONS } from './spaces.ts'

/** What a watch is made from. */
export type DueWatchOptions = {
  readonly ledger: Ledger
  readonly clock: Clock
  /** Rows of one part. */
  readonly partMax: number
  /** Looks after rows that are due; resolves when they are due no more. */
  readonly look: (rows: readonly Row[]) => Promise<void>
  /** Told of what failed; the watch goes on after a pause. */
  readonly failed: (error: unknown) => void
  readonly pauseMs: number
}

/** See the top of this file. */
export class DueWatch {
  readonly #options: DueWatchOptions
  #timer: Timer | undefined
  /** When the timer fires; undefined when there is none. */
  #armedFor: Nanoseconds | undefined
  #looking: Promise<void> | undefined
  #isOn = false

  constructor(options: DueWatchOptions) {
    this.#options = options
  }

  /** Looks at what is due, and watches from now on. */
  async start(): Promise<void> {
    this.#isOn = true
    await this.#look()
  }

  /** A row is due at a time. */
  note(at: Nanoseconds): void {
    if (!this.#isOn || (this.#armedFor !== undefined && this.#armedFor <= at)) return
    this.#arm(at)
  }

  /** Watches no more; resolves when nothing is being looked at. */
  async stop(): Promise<void> {
    this.#isOn = false
    this.#timer?.cancel()
    this.#armedFor = undefined
    await this.#looking
  }

  #arm(at: Nanoseconds): void {
    const { clock } = this.#options
    this.#timer?.cancel()
    this.#armedFor = at
    const delayMs = Number((at - clock.wall()) / NANOSECONDS_PER_MS) + 1
    this.#timer = clock.after(Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS), () => {
      this.#armedFor = undefined
      void this.#look()
    })
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookAtAll()
      .catch((error: unknown) => {
        this.#options.failed(error)
        const { clock, pauseMs } = this.#options
        if (this.#isOn) this.#arm(clock.wall() + BigInt(Math.ceil(pauseMs)) * NANOSECONDS_PER_MS)
      })
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  async #lookAtAll(): Promise<void> {
    const { ledger, clock, partMax, look } = this.#options
    let before = ''
    while (this.#isOn) {
      const rows = await ledger.rows(EXECUTIONS, { dueBy: clock.wall(), limit: partMax })
      if (rows.length === 0) break
      const part = rows.map(({ key, version }) => `${key} ${version}`).join('\n')
      // What was looked at and is due all the same must not be looked at without a pause.
      if (part === before) throw codedError('SAGA_EXECUTION_TAKEN', { details: { rows: part } })
      before = part
      await look(rows)
    }
    if (!this.#isOn) return
    const [next] = await ledger.rows(EXECUTIONS, { dueBy: FAR, limit: 1 })
    if (next?.dueAt !== undefined) this.note(next.dueAt)
  }
}

const FAR: Nanoseconds = 2n ** 62n
