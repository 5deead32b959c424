/**
 * The mailboxes in memory, bounded by the estimated size of their states. Those that were not used
 * since the last look leave first: a second chance instead of an exact order, which would cost each
 * use a change of the map.
 */
import type { StreamKey } from '../ledger/ledger.ts'
import type { Root } from '../identity.ts'
import { BASE_BYTES, Mailbox } from './mailbox.ts'
import type { StatefulEndpoint } from './stateful-endpoint.ts'

/** Bytes of folded events at which a state is measured for the first time. */
const FIRST_MEASURE_BYTES = 4_096

/** Share of the bound that an eviction leaves filled, so that not every newcomer causes one. */
const ROOM_AFTER_EVICTION = 0.9

/** See the top of this file. */
export class StateCache {
  readonly #bytesMax: number
  /** By domain and edition, then by root. */
  readonly #timelines = new Map<string, Map<Root, Mailbox>>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Estimated bytes held. */
  get bytes(): number {
    return this.#bytes
  }

  /** The mailbox of a stream, made when it is not there. */
  take(key: StreamKey, endpoint: StatefulEndpoint): Mailbox {
    const timeline = this.#timeline(key)
    const found = timeline.get(key.root)
    if (found !== undefined) {
      found.used = true
      return found
    }
    const made = new Mailbox(key, endpoint)
    timeline.set(key.root, made)
    this.#bytes += made.bytes
    if (this.#bytes > this.#bytesMax) this.#evict()
    return made
  }

  /** Counts bytes folded into a state; measures the state when they have become many. */
  grew(mailbox: Mailbox, bytes: number): void {
    mailbox.foldedBytes += bytes
    if (mailbox.foldedBytes < Math.max(FIRST_MEASURE_BYTES, 2 * (mailbox.bytes - BASE_BYTES)))
      return
    const captured = mailbox.endpoint.capture(mailbox.state)
    // A state that cannot be written down is taken to be as large as what was folded into it.
    this.#resize(mailbox, BASE_BYTES + (captured?.length ?? mailbox.bytes + mailbox.foldedBytes))
    mailbox.foldedBytes = 0
    if (this.#bytes > this.#bytesMax) this.#evict()
  }

  /** Forgets the state of a mailbox. */
  forget(mailbox: Mailbox): void {
    const before = mailbox.bytes
    mailbox.forget()
    if (this.#timeline(mailbox.key).get(mailbox.key.root) === mailbox) {
      this.#bytes += mailbox.bytes - before
    }
  }

  /** Forgets every state that no work is at hand for: another process has written. */
  forgetIdle(): void {
    for (const timeline of this.#timelines.values()) {
      for (const mailbox of timeline.values()) if (mailbox.idle) this.#drop(timeline, mailbox)
    }
  }

  #timeline({ domain, edition }: StreamKey): Map<Root, Mailbox> {
    const name = edition === '' ? domain : `${domain}@${edition}`
    const found = this.#timelines.get(name)
    if (found !== undefined) return found
    const made = new Map<Root, Mailbox>()
    this.#timelines.set(name, made)
    return made
  }

  #resize(mailbox: Mailbox, bytes: number): void {
    this.#bytes += bytes - mailbox.bytes
    mailbox.bytes = bytes
  }

  #drop(timeline: Map<Root, Mailbox>, mailbox: Mailbox): void {
    timeline.delete(mailbox.key.root)
    this.#bytes -= mailbox.bytes
  }

  /** Looks at each mailbox once at most, from the oldest; what was used goes to the end. */
  #evict(): void {
    for (const timeline of this.#timelines.values()) {
      let left = timeline.size
      for (const mailbox of timeline.values()) {
        if (this.#bytes <= this.#bytesMax * ROOM_AFTER_EVICTION || left-- === 0) break
        if (!mailbox.idle) continue
        if (!mailbox.used) this.#drop(timeline, mailbox)
        else {
          mailbox.used = false
          timeline.delete(mailbox.key.root)
          timeline.set(mailbox.key.root, mailbox)
        }
      }
    }
  }
}
