/**
 * Follows the requests that other processes store in the ledger, and has them carried out.
 *
 * 1. Requests for one execution go one after the other, in the order of their ids: the answer of one
 *    is on disk before the next begins. One execution holds up no other.
 * 2. What cannot be carried out now stays open and is tried again at the next look. A request that
 *    cannot be read is left alone and said once.
 * 3. It looks when another process has written, and now and then whatever the ledger says. Following
 *    is no reason for the process to stay.
 */
import type { Clock, Timer } from '../../clock.ts'
import type { Ledger, Row } from '../../ledger/ledger.ts'
import type { OperatorRequest } from './operator-request.ts'
import { OPEN_REQUESTS, requestOf, REQUESTS } from './request-row.ts'

/** What a follower is made from. */
export type RequestFollowerOptions = {
  readonly ledger: Ledger
  readonly clock: Clock
  /** How often it asks whether another process has written, in milliseconds. */
  readonly pollMs: number
  /** How often it looks in any case, in milliseconds. */
  readonly lookMs: number
  /** Requests of one read. */
  readonly readMax: number
  /** Resolves when the request is answered; throws when it is to stay open. */
  readonly carryOut: (request: OperatorRequest) => Promise<void>
  /** Removes the rows of answers that have been kept long enough. */
  readonly remove: (keys: readonly string[]) => Promise<void>
  /** Told of what failed; the follower goes on. */
  readonly failed: (error: unknown, id: string) => void
}

/** See the top of this file. */
export class RequestFollower {
  readonly #options: RequestFollowerOptions
  readonly #unreadable = new Set<string>()
  /** Requests on their way. */
  readonly #begun = new Set<string>()
  /** The last request on its way of each execution. */
  readonly #last = new Map<string, Promise<void>>()
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #foreignWrites = -1
  #lookedAtMs = 0
  #isOn = false

  constructor(options: RequestFollowerOptions) {
    this.#options = options
  }

  /** Looks at once, and follows from now on. */
  start(): void {
    if (this.#isOn) return
    this.#isOn = true
    this.#look()
  }

  /** Follows no more; resolves when nothing is being carried out. */
  async stop(): Promise<void> {
    this.#isOn = false
    this.#timer?.cancel()
    await this.#looking
    await Promise.all(this.#last.values())
  }

  #arm(): void {
    if (!this.#isOn) return
    const { clock, pollMs } = this.#options
    this.#timer = clock.after(pollMs, () => this.#poll())
    this.#timer.unref?.()
  }

  #poll(): void {
    const { ledger, clock, lookMs, failed } = this.#options
    try {
      const isSame = ledger.foreignWrites() === this.#foreignWrites
      if (isSame && clock.monotonicMs() - this.#lookedAtMs < lookMs) this.#arm()
      else this.#look()
    } catch (error) {
      failed(error, '')
      this.#arm()
    }
  }

  #look(): void {
    if (!this.#isOn) return
    this.#lookedAtMs = this.#options.clock.monotonicMs()
    this.#looking = this.#lookAtAll()
      .catch((error: unknown) => this.#options.failed(error, ''))
      .finally(() => this.#arm())
  }

  async #lookAtAll(): Promise<void> {
    const { ledger, readMax } = this.#options
    // Asked first: what is written meanwhile is looked at next time.
    this.#foreignWrites = ledger.foreignWrites()
    for (let after: string | undefined; this.#isOn;) {
      const rows = await ledger.rows(REQUESTS, { group: OPEN_REQUESTS, after, limit: readMax })
      for (const row of rows) this.#take(row)
      after = rows.at(-1)?.key
      if (rows.length < readMax) break
    }
    await this.#removeOld()
  }

  /** Takes a request up, behind those before it. */
  #take(row: Row): void {
    const request = this.#read(row)
    if (request === undefined || this.#begun.has(request.id)) return
    const { id, execution } = request
    this.#begun.add(id)
    const before = this.#last.get(execution) ?? Promise.resolve()
    const last = before
      .then(() => this.#carryOut(id))
      .finally(() => {
        this.#begun.delete(id)
        if (this.#last.get(execution) === last) this.#last.delete(execution)
      })
    this.#last.set(execution, last)
  }

  async #carryOut(id: string): Promise<void> {
    const { ledger, carryOut, failed } = this.#options
    if (!this.#isOn) return
    try {
      // Read again: since it was listed it may have been answered.
      const row = await ledger.row(REQUESTS, id)
      const stored = row && requestOf(row)
      if (stored !== undefined && stored.answer === undefined) await carryOut(stored.request)
    } catch (error) {
      // That it stops is no failure of the request.
      if (this.#isOn) failed(error, id)
    }
  }

  #read(row: Row): OperatorRequest | undefined {
    try {
      return requestOf(row).request
    } catch (error) {
      if (!this.#unreadable.has(row.key)) this.#options.failed(error, row.key)
      this.#unreadable.add(row.key)
      return undefined
    }
  }

  async #removeOld(): Promise<void> {
    const { ledger, clock, readMax, remove } = this.#options
    if (!this.#isOn) return
    const rows = await ledger.rows(REQUESTS, { dueBy: clock.wall(), limit: readMax })
    if (rows.length > 0) await remove(rows.map(({ key }) => key))
  }
}
