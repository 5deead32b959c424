/** The mailboxes in memory, bounded by the estimated size of their states; the idlest leave first. */
import type { StreamKey } from '../ledger/ledger.ts'
import { streamText } from '../ledger/ledger.ts'
import { BASE_BYTES, Mailbox } from './mailbox.ts'
import type { StatefulEndpoint } from './stateful-endpoint.ts'

/** Bytes of folded events at which a state is measured for the first time. */
const FIRST_MEASURE_BYTES = 4_096

/** See the top of this file. */
export class StateCache {
  readonly #bytesMax: number
  readonly #mailboxes = new Map<string, Mailbox>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Estimated bytes held. */
  get bytes(): number {
    return this.#bytes
  }

  /** The mailbox of a stream, made when it is not there; now the least idle one. */
  take(key: StreamKey, endpoint: StatefulEndpoint): Mailbox {
    const text = streamText(key)
    const found = this.#mailboxes.get(text)
    if (found !== undefined) {
      this.#mailboxes.delete(text)
      this.#mailboxes.set(text, found)
      return found
    }
    const made = new Mailbox(key, endpoint)
    this.#mailboxes.set(text, made)
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
    if (this.#mailboxes.get(mailbox.text) === mailbox) this.#bytes += mailbox.bytes - before
  }

  /** Forgets every state that no work is at hand for: another process has written. */
  forgetIdle(): void {
    for (const mailbox of this.#mailboxes.values()) if (mailbox.idle) this.#drop(mailbox)
  }

  #resize(mailbox: Mailbox, bytes: number): void {
    this.#bytes += bytes - mailbox.bytes
    mailbox.bytes = bytes
  }

  #drop(mailbox: Mailbox): void {
    this.#mailboxes.delete(mailbox.text)
    this.#bytes -= mailbox.bytes
  }

  #evict(): void {
    for (const mailbox of this.#mailboxes.values()) {
      if (this.#bytes <= this.#bytesMax) return
      if (mailbox.idle) this.#drop(mailbox)
    }
  }
}
