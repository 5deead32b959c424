/** The deliveries of one component that requests wait for. */
import type { OpenPart } from './cascade-parts.ts'
import { openDelivery, placeOf } from './cascade-of-delivery.ts'
import { type Delivery, rowKeyOf } from './delivery.ts'
import type { Lane } from './lane.ts'
import type { ReactionContext } from './reaction-context.ts'
import { keyParked } from './watched-events.ts'

/** See the top of this file. What no request waits for costs nothing here. */
export class OpenDeliveries {
  readonly #context: ReactionContext
  /** By the row of the delivery. */
  readonly #parts = new Map<string, OpenPart>()
  /** Deliveries that run. */
  readonly #entered = new Set<Delivery>()

  constructor(context: ReactionContext) {
    this.#context = context
  }

  /** A delivery is under way, perhaps in the place of one that said less. */
  begin(delivery: Delivery): void {
    const { cascade } = delivery
    if (cascade === undefined) return
    const key = rowKeyOf(delivery)
    const before = this.#parts.get(key)
    const part = openDelivery(this.#context, delivery)
    this.#parts.set(key, part)
    cascade.cascade.begin(part)
    if (before !== undefined) cascade.cascade.end(before)
  }

  /** True when a delivery may run, false when it is to be skipped. */
  async entered(delivery: Delivery): Promise<boolean> {
    if (delivery.cascade === undefined) return true
    if (!(await delivery.cascade.cascade.enter())) return false
    this.#entered.add(delivery)
    return true
  }

  /** A delivery has run. */
  left(delivery: Delivery): void {
    if (this.#entered.delete(delivery)) delivery.cascade?.cascade.leave()
  }

  /** A delivery is settled. */
  end(delivery: Delivery): void {
    if (delivery.cascade === undefined) return
    const key = rowKeyOf(delivery)
    const part = this.#parts.get(key)
    if (part === undefined) return
    this.#parts.delete(key)
    delivery.cascade.cascade.end(part)
  }

  /** A delivery is given up; when it is skipped, undos can be queued where it stood. */
  failed(delivery: Delivery, error: Error, skipped: boolean): void {
    if (delivery.cascade === undefined) return
    const { parcel, component } = delivery
    const place = skipped ? placeOf(this.#context, delivery) : undefined
    const target = parcel.kind === 'command' ? parcel.command.cover : undefined
    delivery.cascade.cascade.fail({ component, target, commandType: '', error, place })
    this.end(delivery)
  }

  /** A key is parked: what is left of it is not waited for. */
  parked(lane: Lane): void {
    this.abandon(lane, keyParked(this.#context.endpoint.name, lane.key))
  }

  /** A key goes no further for now. */
  abandon(lane: Lane, reason: Error): void {
    for (const delivery of lane.open) this.failed(delivery, reason, false)
    if (lane.open.some(({ cascade }) => cascade !== undefined)) {
      lane.open = lane.open.map((item) => ({ ...item, cascade: undefined }))
    }
  }
}
