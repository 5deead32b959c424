/**
 * The way of large payloads out of a write: what a page holds is put into the store, and the page
 * that is stored refers to it. Every write passes here on its way to the ledger.
 *
 * 1. A payload is on disk before the commit that refers to it is offered.
 * 2. A write that was decided upon an earlier one is offered after it, and is not stored when the
 *    earlier one was not even offered.
 * 3. Each reference has a row in the commit that stores it, by which sweeping finds who needs a
 *    payload. Rows may be left over; none is missing.
 */
import type { Append, NewEvent, Outcome, RowChange, Write } from '../../ledger/ledger.ts'
import type { WriteId } from '../../identity.ts'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import { EventPageSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import { isFrameworkEvent } from '../plan-pending.ts'
import { hexOf } from './payload-reference.ts'
import { payloadRow } from './payload-rows.ts'
import type { PayloadStore } from './payload-store.ts'

const pages = messageCodec(EventPageSchema)
const anys = messageCodec(AnySchema)

/** What offloading needs. */
export type OffloadingOptions = {
  readonly store: PayloadStore
  /** Events of more bytes than this are put into the store. */
  readonly thresholdBytes: number
}

/** See the top of this file. */
export class Offloading {
  readonly #options: OffloadingOptions
  /** Writes that are not offered yet; resolves to whether they were. */
  readonly #waiting = new Map<WriteId, Promise<boolean>>()

  constructor(options: OffloadingOptions) {
    this.#options = options
  }

  /**
   * Offers a write by `commit` once its payloads are kept; `undefined` when nothing has to be done
   * before.
   *
   * The promise rejects with CodedError `PAYLOAD_STORE_FULL` or `PAYLOAD_STORE_FAILED`, and what
   * `commit` rejects with.
   */
  offer(write: Write, commit: (write: Write) => Promise<Outcome>): Promise<Outcome> | undefined {
    const large = this.#isLarge(write)
    const before = this.#earlier(write)
    if (!large && before === undefined) return undefined
    const { promise: offered, resolve } = Promise.withResolvers<boolean>()
    this.#waiting.set(write.id, offered)
    const settle = (wasOffered: boolean): void => {
      this.#waiting.delete(write.id)
      resolve(wasOffered)
    }
    return this.#offer(write, { large, before, commit, settle })
  }

  async #offer(
    write: Write,
    steps: {
      readonly large: boolean
      readonly before: Earlier | undefined
      readonly commit: (write: Write) => Promise<Outcome>
      readonly settle: (wasOffered: boolean) => void
    },
  ): Promise<Outcome> {
    const { large, before, commit, settle } = steps
    let outcome: Promise<Outcome>
    try {
      const [kept, first] = await Promise.all([
        large ? this.#kept(write) : write,
        before?.offered ?? true,
      ])
      if (!first && before !== undefined) {
        settle(false)
        return { kind: 'conflict', on: { kind: 'write', id: before.id }, actual: 'absent' }
      }
      outcome = commit(kept)
    } catch (error) {
      settle(false)
      throw error
    }
    settle(true)
    return await outcome
  }

  #isLarge({ appends = [] }: Write): boolean {
    for (const { events } of appends) {
      for (const event of events) if (this.#mayBeLarge(event)) return true
    }
    return false
  }

  /** Told by the whole page: taking pages apart is for those that are large. */
  #mayBeLarge({ page, type }: NewEvent): boolean {
    return page.length > this.#options.thresholdBytes && !isFrameworkEvent(type)
  }

  #earlier({ conditions = [] }: Write): Earlier | undefined {
    if (this.#waiting.size === 0) return undefined
    for (const condition of conditions) {
      if (condition.kind !== 'write') continue
      const offered = this.#waiting.get(condition.id)
      if (offered !== undefined) return { id: condition.id, offered }
    }
    return undefined
  }

  async #kept(write: Write): Promise<Write> {
    const rows: RowChange[] = []
    const appends = await Promise.all(
      (write.appends ?? []).map((append) => this.#keptOf(append, rows)),
    )
    return { ...write, appends, rows: [...(write.rows ?? []), ...rows] }
  }

  async #keptOf(append: Append, rows: RowChange[]): Promise<Append> {
    const events = await Promise.all(
      append.events.map(async (event, index) => {
        if (!this.#mayBeLarge(event)) return event
        const page = pages.decode(event.page)
        if (page.payload.case !== 'event') return event
        const { value: payload } = page.payload
        if (payload.value.length <= this.#options.thresholdBytes) return event
        const reference = await this.#options.store.put(anys.encode(payload))
        const place = { key: append.key, sequence: append.at + index }
        rows.push(payloadRow(hexOf(reference.contentHash), place))
        page.payload = { case: 'external', value: reference }
        return { type: event.type, page: pages.encode(page) }
      }),
    )
    return { ...append, events }
  }
}

type Earlier = { readonly id: WriteId; readonly offered: Promise<boolean> }
