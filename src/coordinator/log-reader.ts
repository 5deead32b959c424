/**
 * Brings the events of the log to one component, in order, as fast as it takes them: from memory
 * while it keeps up, from the ledger when it lags behind.
 */
import type { Ledger, StoredEvent } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import type { Progress } from './progress.ts'
import type { RecentLog } from './recent-log.ts'

/** What a reader needs. */
export type LogReaderOptions = {
  readonly ledger: Ledger
  readonly recent: RecentLog
  readonly progress: Progress
  /** How many more events may be taken now. */
  readonly room: () => number
  /** Takes one event; must mark it in the progress. */
  readonly take: (event: StoredEvent) => void
  /** Called when reading the ledger failed; the reader tries again when it is woken. */
  readonly failed: (error: unknown) => void
}

/** See the top of this file. */
export class LogReader {
  readonly #options: LogReaderOptions
  #reading = false
  #pumping = false
  #stopped = false

  constructor(options: LogReaderOptions) {
    this.#options = options
  }

  /** True while the component has not looked at everything in the log. */
  get behind(): boolean {
    return this.#options.progress.read < this.#options.recent.tip
  }

  /** Takes what is there and fits. Never throws. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      this.#fill()
    } finally {
      this.#pumping = false
    }
  }

  #fill(): void {
    const { recent, progress } = this.#options
    while (!this.#reading && !this.#stopped && this.behind) {
      const room = this.#options.room()
      if (room <= 0) return
      const held = recent.behind(progress.read, room)
      if (held === undefined || held.length === 0) {
        this.#reading = true
        void this.#readLedger(Math.min(room, limits.eventsPerReadMax))
        return
      }
      for (const event of held) this.#options.take(event)
    }
  }

  /** Takes nothing more. */
  stop(): void {
    this.#stopped = true
  }

  async #readLedger(limit: number): Promise<void> {
    const { ledger, recent, progress, take } = this.#options
    const tip = recent.tip
    try {
      let found = false
      for await (const chunk of ledger.log(progress.read, { limit })) {
        for (const event of chunk) {
          // What lies beyond is not known here yet, nor who waits for it.
          if (this.#stopped || event.position > recent.tip) break
          take(event)
          found = true
        }
        break
      }
      // Positions whose events were deleted.
      if (!found && !this.#stopped) progress.pass(tip)
      this.#reading = false
      this.pump()
    } catch (error) {
      this.#reading = false
      this.#options.failed(error)
    }
  }
}
