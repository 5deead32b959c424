/** Keys that stop before a page which is pending, until it is confirmed or revoked. */
import { type Ledger, type StoredEvent, streamText } from '../ledger/ledger.ts'
import type { Lane } from './lane.ts'
import type { LanePool } from './lane-pool.ts'
import { fateOf, type PageFate } from './page-fate.ts'
import { resolvesPages } from './plan-pending.ts'

/** See the top of this file. */
export class HeldLanes {
  readonly #ledger: Ledger
  readonly #pool: () => LanePool
  readonly #byStream = new Map<string, Set<Lane>>()

  constructor(ledger: Ledger, pool: () => LanePool) {
    this.#ledger = ledger
    this.#pool = pool
  }

  /** What has become of the page at the head of a lane; the lane is held while it is `held`. */
  async fateFor(lane: Lane, page: StoredEvent): Promise<PageFate> {
    const stream = streamText(page.key)
    for (;;) {
      const lanes = this.#byStream.get(stream) ?? new Set<Lane>()
      this.#byStream.set(stream, lanes.add(lane))
      const fate = await fateOf(this.#ledger, page)
      // Resolved while it was looked up: looked up again.
      if (fate === 'held' && this.#byStream.get(stream)?.has(lane) !== true) continue
      if (fate === 'held') lane.state = 'held'
      else lanes.delete(lane)
      return fate
    }
  }

  /** Lets lanes go on that waited for what this event resolves. */
  wake(event: StoredEvent): void {
    if (this.#byStream.size === 0 || !resolvesPages(event.type)) return
    const stream = streamText(event.key)
    const lanes = this.#byStream.get(stream)
    this.#byStream.delete(stream)
    for (const lane of lanes ?? []) {
      if (lane.state !== 'held') continue
      lane.state = 'idle'
      this.#pool().schedule(lane)
    }
  }
}
