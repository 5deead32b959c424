/**
 * Keeps the books up to date over gRPC: follows each order by its correlation id from before it is
 * placed until it has settled.
 *
 * 1. The books take in each event once, whether it was streamed or read.
 * 2. A stream that breaks is opened again, and what came meanwhile is read: at the end the books have
 *    every event of an order.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, create, serviceClient } from 'amends'
import {
  type EventBook,
  EventQueryService,
  EventStreamFilterSchema,
  EventStreamService,
  QuerySchema,
} from 'amends/proto'
import type { Books } from '../books.ts'
import { type BookEntry, correlationOf, entriesOfBook } from '../history.ts'
import { OrderPlacedSchema } from '../gen/order_pb.ts'
import { isAway } from './is-away.ts'
import { OrderProgress } from './order-progress.ts'

/** What following needs. */
export type FollowingOptions = {
  readonly channel: Channel
  readonly books: Pick<Books, 'add' | 'close'>
  /** Events that the books hold already, by id. */
  readonly known: Iterable<string>
  /** Told of each event that the books take in. */
  readonly onEntry: (entry: BookEntry) => void
}

const AGAIN_MS = 50
const LOOK_AFTER_MS = 1000
const LOOK_AFTER_MS_MAX = 8000

/** See the top of this file. Disposing stops following. */
export class OrderFollowing implements AsyncDisposable {
  readonly #options: FollowingOptions
  readonly #taken: Set<string>
  readonly #followed = new Map<number, Promise<void>>()
  readonly #stop = new AbortController()

  constructor(options: FollowingOptions) {
    this.#options = options
    this.#taken = new Set(options.known)
  }

  /** Begins to follow an order; twice is fine. */
  follow(order: number): void {
    if (this.#followed.has(order)) return
    const following = this.#followOne(correlationOf(order)).catch((error: unknown) =>
      this.#options.books.close(error),
    )
    this.#followed.set(order, following)
    void following.then(() => this.#followed.delete(order))
  }

  /** Takes in what there is under a correlation id. */
  async read(correlationId: string): Promise<void> {
    for (const entry of await this.#entriesOf(correlationId)) this.#take(entry)
  }

  /** Resolves when every order that is followed has settled. */
  async settled(): Promise<void> {
    await Promise.all(this.#followed.values())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.settled()
  }

  async #followOne(correlationId: string): Promise<void> {
    const progress = new OrderProgress()
    const seen = new Set<string>()
    let whole = true
    const over = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, over.signal])
    const see = (entries: readonly BookEntry[]): void => {
      for (const entry of entries) {
        if (seen.has(entry.id)) continue
        // One that was followed too late, or not all the time, is read once more at the end.
        if (seen.size === 0) whole &&= entry.type === OrderPlacedSchema.typeName
        seen.add(entry.id)
        progress.take(entry.event)
        this.#take(entry)
      }
      if (progress.settled) over.abort()
    }
    const onBook = (book: EventBook): void => see(entriesOfBook(book))
    const onBreak = (): void => void (whole = false)
    const streaming = this.#stream({ correlationId, signal, onBook, onBreak })
    // What a stream has missed is seen all the same; seldom, because it misses little.
    for (let waitMs = LOOK_AFTER_MS; ; waitMs = Math.min(2 * waitMs, LOOK_AFTER_MS_MAX)) {
      await pause(waitMs, signal)
      if (signal.aborted) break
      see(await this.#entriesOf(correlationId, signal).catch(nothingWhenAway(signal)))
    }
    await streaming
    while (!whole && !this.#stop.signal.aborted) {
      const entries = await this.#entriesOf(correlationId).catch(nothingWhenAway(this.#stop.signal))
      see(entries)
      whole = entries.length > 0
      if (!whole) await pause(AGAIN_MS, this.#stop.signal)
    }
    for (const id of seen) this.#taken.delete(id)
  }

  async #stream(following: {
    readonly correlationId: string
    readonly signal: AbortSignal
    readonly onBook: (book: EventBook) => void
    readonly onBreak: () => void
  }): Promise<void> {
    const { correlationId, signal, onBook, onBreak } = following
    const { subscribe } = serviceClient(EventStreamService, this.#options.channel)
    const filter = create(EventStreamFilterSchema, { correlationId })
    while (!signal.aborted) {
      try {
        for await (const book of subscribe(filter, { signal })) onBook(book)
      } catch (error) {
        nothingWhenAway(signal)(error)
      }
      if (!signal.aborted) onBreak()
      await pause(AGAIN_MS, signal)
    }
  }

  async #entriesOf(
    correlationId: string,
    signal: AbortSignal = this.#stop.signal,
  ): Promise<readonly BookEntry[]> {
    const { getEvents } = serviceClient(EventQueryService, this.#options.channel)
    const query = create(QuerySchema, { cover: { correlationId } })
    const books = await Array.fromAsync(getEvents(query, { signal }))
    return books.flatMap(entriesOfBook)
  }

  #take(entry: BookEntry): void {
    if (this.#taken.has(entry.id)) return
    this.#taken.add(entry.id)
    this.#options.books.add(entry)
    this.#options.onEntry(entry)
  }
}

function nothingWhenAway(signal: AbortSignal): (error: unknown) => readonly BookEntry[] {
  return (error) => {
    if (signal.aborted || isAway(error)) return []
    throw error
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
