/**
 * Giving messages up and taking keys up again.
 *
 * 1. A dead letter and the parking of its key are one commit.
 * 2. Nothing of a parked key is lost: its deliveries stay in their rows, and its events are read
 *    again from the position noted with the parked key.
 * 3. The desk is cleared in the commit that ends the parking.
 */
import { codedError, messageOf } from '../errors.ts'
import type { Position } from '../identity.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { putDeadLetter, removeDeadLetter } from './dead-letter-rows.ts'
import { type Delivery, isUndo, removeDelivery, rowKeyOf } from './delivery.ts'
import type { Lane } from './lane.ts'
import type { LanePool } from './lane-pool.ts'
import {
  eventsBetween,
  parkedKeyOf,
  parkedKeyRow,
  parkedKeysOf,
  removeParkedKey,
} from './parked-keys.ts'
import type { ReactionContext } from './reaction-context.ts'
import type { ComponentHost } from './scheduled-component.ts'

/** A message that is given up. */
export type GivenUp = {
  readonly entry: DeadLetterEntry
  /** Where the key is to be read again. */
  readonly from: Position
  readonly error: unknown
  /** The delivery it is about; none for a reaction. */
  readonly delivery?: Delivery | undefined
  /** True when its key goes on without it, whatever the settings say. */
  readonly skips?: boolean | undefined
}

/** See the top of this file. */
export class LaneParking {
  readonly #context: ReactionContext
  readonly #host: ComponentHost
  readonly #name: string
  #count = 0

  constructor(context: ReactionContext, host: ComponentHost) {
    this.#context = context
    this.#host = host
    this.#name = context.endpoint.name
  }

  /** Keys that are parked. */
  get count(): number {
    return this.#count
  }

  /** Marks the lanes that an earlier process parked. */
  async recover(pool: LanePool): Promise<void> {
    for (const parked of await parkedKeysOf(this.#context.ledger, this.#name)) {
      const lane = pool.lane(parked.lane)
      lane.state = 'parked'
      lane.deadLetter = parked.deadLetter
      this.#count++
    }
  }

  /**
   * Puts a message on the desk and parks its key, or skips it.
   *
   * @returns the events that leave the lane because they will be read again
   */
  async giveUp(lane: Lane, letter: GivenUp): Promise<readonly StoredEvent[]> {
    const { entry, from, error, delivery, skips = false } = letter
    const old = lane.deadLetter
    // A key that is being replayed has more to catch up with: it stays parked.
    const parks =
      old === undefined ? this.#host.settings.onExhausted === 'park' && !skips : !isUndo(delivery)
    const rows = parks
      ? [
          putDeadLetter(entry),
          parkedKeyRow(entry, from),
          // Replayed with success; what fails now is a later message of the key.
          ...(old === undefined || old === entry.id ? [] : [removeDeadLetter(old)]),
        ]
      : [putDeadLetter({ ...entry, lane: '' }), ...(delivery ? [removeDelivery(delivery)] : [])]
    const conditions = this.#context.term()
    const outcome = await this.#context.journal.commit({ conditions, rows })
    if (outcome.kind !== 'committed') {
      lane.state = 'idle'
      const details = { component: this.#name }
      this.#host.halt(this.#name, codedError('LEASE_LOST', { details }))
      return []
    }
    this.#context.log('error', 'dead_letter', {
      component: this.#name,
      key: lane.key,
      id: entry.id,
      correlation_id: entry.letter?.cover?.correlationId ?? '',
      error: messageOf(error),
    })
    return parks ? this.#park(lane, entry.id, error) : []
  }

  #park(lane: Lane, deadLetter: string, error: unknown): readonly StoredEvent[] {
    if (lane.deadLetter === undefined) this.#count++
    lane.state = 'parked'
    lane.deadLetter = deadLetter
    lane.attempts = 0
    lane.replay?.reject(error)
    lane.replay = undefined
    if (this.#count > this.#host.limits.parkedKeysMax) {
      const details = { component: this.#name, parked: this.#count }
      this.#host.halt(this.#name, codedError('TOO_MANY_PARKED_KEYS', { details }))
    }
    return lane.triggers.splice(0)
  }

  /**
   * Prepares a parked lane to go on.
   *
   * @returns the events that passed by while it was parked, and a promise that ends when the lane
   * has done them all, or fails with what it fails with again
   * @throws CodedError `DEAD_LETTER_NOT_FOUND` when the lane does not wait behind this letter
   */
  async takeUp(options: {
    readonly lane: Lane
    readonly entry: DeadLetterEntry
    readonly upTo: Position
    readonly discard: boolean
  }): Promise<{ readonly missed: readonly StoredEvent[]; readonly done: Promise<void> }> {
    const { lane, entry, upTo, discard } = options
    const { ledger, endpoint } = this.#context
    const parked = await parkedKeyOf(ledger, this.#name, lane.key)
    if (lane.state !== 'parked' || parked?.deadLetter !== entry.id) {
      throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id: entry.id } })
    }
    lane.state = 'rejoining'
    try {
      const from = Number(parked.firstPosition)
      const concerns = (event: StoredEvent): boolean => endpoint.laneOf(event) === lane.key
      const missed = await eventsBetween(ledger, { from, upTo, concerns })
      if (discard) await this.#discardDelivery(lane, entry.deliveryKey)
      const skip = discard && entry.deliveryKey === '' ? Number(entry.position) : -1
      // The last attempt may have settled one, although nobody could tell.
      lane.open = lane.open.map((item) => ({ ...item, attempts: 0, recovered: true }))
      const done = new Promise<void>((resolve, reject) => {
        lane.replay = { resolve, reject }
      })
      return { missed: missed.filter(({ position }) => position !== skip), done }
    } catch (error) {
      lane.state = 'parked'
      throw error
    }
  }

  /** The lane has done all that passed by: it is a lane like any other again. */
  async leave(lane: Lane): Promise<void> {
    const { replay, deadLetter } = lane
    if (deadLetter === undefined) return
    const outcome = await this.#context.journal.commit({
      conditions: this.#context.term(),
      rows: removeParkedKey(this.#name, lane.key, deadLetter),
    })
    if (outcome.kind !== 'committed') {
      throw codedError('LEASE_LOST', { details: { component: this.#name } })
    }
    lane.deadLetter = undefined
    lane.replay = undefined
    this.#count--
    replay?.resolve()
  }

  async #discardDelivery(lane: Lane, deliveryKey: string): Promise<void> {
    const delivery = lane.open.find((item) => rowKeyOf(item) === deliveryKey)
    if (delivery === undefined) return
    const conditions = this.#context.term()
    await this.#context.journal.commit({ conditions, rows: [removeDelivery(delivery)] })
    lane.open = lane.open.filter((item) => item !== delivery)
  }
}
