/** The lanes of one component and who is at work: different keys concurrently, bounded. */
import type { Clock, Nanoseconds, Timer } from '../clock.ts'
import { type Lane, newLane } from './lane.ts'

/** See the top of this file. */
export class LanePool {
  readonly #clock: Clock
  readonly #widthMax: number
  /** Works a lane off; never rejects. Leaves its state `running` when nothing is left to do. */
  readonly #work: (lane: Lane) => Promise<void>
  readonly #changed: () => void
  readonly #lanes = new Map<string, Lane>()
  readonly #ready: Lane[] = []
  readonly #alarms = new Set<Timer>()
  #active = 0
  #sleeping = 0
  #stopped = false

  constructor(options: {
    readonly clock: Clock
    readonly widthMax: number
    readonly work: (lane: Lane) => Promise<void>
    readonly changed: () => void
  }) {
    this.#clock = options.clock
    this.#widthMax = options.widthMax
    this.#work = options.work
    this.#changed = options.changed
  }

  /** The lane of a key, if there is one. */
  find(key: string): Lane | undefined {
    return this.#lanes.get(key)
  }

  /** The lane of a key, made when it is not there. */
  lane(key: string): Lane {
    const found = this.#lanes.get(key)
    if (found !== undefined) return found
    const made = newLane(key)
    this.#lanes.set(key, made)
    return made
  }

  /** Every lane there is. */
  get all(): Iterable<Lane> {
    return this.#lanes.values()
  }

  /** When the oldest event or delivery in a lane was stored. */
  get oldest(): Nanoseconds | undefined {
    let oldest: Nanoseconds | undefined
    const look = (at: Nanoseconds | undefined): void => {
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at
    }
    for (const { triggers, open } of this.#lanes.values()) {
      look(triggers[0]?.recordedAt)
      for (const { enqueuedAt } of open) look(enqueuedAt)
    }
    return oldest
  }

  /** Lets an idle lane work as soon as there is a place. */
  schedule(lane: Lane): void {
    if (lane.state !== 'idle' || this.#stopped) return
    lane.state = 'ready'
    this.#ready.push(lane)
    this.#dispatch()
  }

  /** Lets a lane that is at work sleep before it goes on. */
  sleep(lane: Lane, delayMs: number): void {
    lane.state = 'waiting'
    this.#sleeping++
    const timer = this.#clock.after(delayMs, () => {
      this.#alarms.delete(timer)
      this.#sleeping--
      lane.state = 'idle'
      this.schedule(lane)
      this.#changed()
    })
    this.#alarms.add(timer)
  }

  /** True when nobody is at work, ready, or asleep. */
  get quiet(): boolean {
    return this.#active + this.#sleeping + this.#ready.length === 0
  }

  /** True while somebody is at work. */
  get busy(): boolean {
    return this.#active > 0
  }

  /** Lets nobody begin any more. */
  stop(): void {
    this.#stopped = true
    this.#ready.length = 0
    for (const alarm of this.#alarms) alarm.cancel()
  }

  #dispatch(): void {
    while (this.#active < this.#widthMax) {
      const lane = this.#ready.shift()
      if (lane === undefined) return
      lane.state = 'running'
      this.#active++
      // #work never rejects.
      void this.#work(lane).then(() => this.#ended(lane))
    }
  }

  #ended(lane: Lane): void {
    this.#active--
    if (lane.state === 'running') {
      lane.state = 'idle'
      if (lane.open.length > 0 || lane.triggers.length > 0) this.schedule(lane)
      else this.#lanes.delete(lane.key)
    }
    this.#dispatch()
    this.#changed()
  }
}
