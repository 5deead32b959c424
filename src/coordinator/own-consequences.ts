/** The workflows that one client has begun, as far as it may have to wait for them. */
import type { Clock } from '../clock.ts'
import type { Consequences } from './consequences.ts'
import type { Bounds } from './scheduled-component.ts'

/** See the top of this file. The newest are remembered, `limits.ownWorkflowsMax` of them. */
export class OwnConsequences {
  readonly #consequences: Consequences
  readonly #clock: Clock
  readonly #bounds: Bounds
  readonly #own = new Set<string>()

  constructor(consequences: Consequences, clock: Clock, bounds: Bounds) {
    this.#consequences = consequences
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Remembers the workflow of a command that was stored. */
  remember(correlationId: string): void {
    if (!this.#consequences.isUnderWay(correlationId)) return
    this.#own.delete(correlationId)
    this.#own.add(correlationId)
    for (const oldest of this.#own) {
      if (this.#own.size <= this.#bounds.ownWorkflowsMax) break
      this.#own.delete(oldest)
    }
  }

  /** Waits for them, `limits.ownWorkflowsWaitMs` at most. */
  async settled(): Promise<void> {
    if (this.#own.size === 0) return
    const waitMs = this.#bounds.ownWorkflowsWaitMs
    const own = [...this.#own]
    this.#own.clear()
    await Promise.all(own.map((id) => this.#consequences.settled(id, this.#clock, waitMs)))
  }
}
