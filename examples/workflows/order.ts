/** An order: stock reserved, card charged, parcel shipped. */
import { CompensationPrimitive, RetryPrimitive, TimeoutPrimitive } from 'amends/workflow'
import type { World } from './world.ts'

/** What an order begins with. */
export type Order = { readonly productId: string; readonly amount: number }
type Reserved = Order & { readonly reservationId: string }
type Charged = Reserved & { readonly chargeId: string }
/** What it comes to. */
export type Shipped = Charged & { readonly trackingId: string }

/** The workflow, on the services of a world. */
export function orderWorkflow(world: World): CompensationPrimitive<Order, Shipped> {
  const { reserve, release, charge, refund, ship, cancelShipment } = operations(world)
  return new CompensationPrimitive(
    [
      [reserve, release],
      [charge, refund],
      [ship, cancelShipment],
    ],
    { name: 'OrderWorkflow' },
  )
}

/** The same with a retry and a timeout around single steps. */
export function reliableOrderWorkflow(world: World): CompensationPrimitive<Order, Shipped> {
  const { reserve, release, charge, refund, ship, cancelShipment } = operations(world)
  return new CompensationPrimitive(
    [
      [new RetryPrimitive(reserve, { maxRetries: 3, initialDelayMs: 1 }), release],
      [new TimeoutPrimitive(charge, { timeoutMs: 10_000 }), refund],
      [ship, cancelShipment],
    ],
    { name: 'ReliableOrderWorkflow' },
  )
}

type Operations = {
  readonly reserve: (data: Order) => Promise<Reserved>
  readonly release: (data: Reserved) => Promise<void>
  readonly charge: (data: Reserved) => Promise<Charged>
  readonly refund: (data: Charged) => Promise<void>
  readonly ship: (data: Charged) => Promise<Shipped>
  readonly cancelShipment: (data: Shipped) => Promise<void>
}

function operations(world: World): Operations {
  return {
    reserve: async (data) => ({ ...data, reservationId: await world.create('reservation') }),
    release: (data) => world.remove(data.reservationId),
    charge: async (data) => ({ ...data, chargeId: await world.create('charge') }),
    refund: (data) => world.remove(data.chargeId),
    ship: async (data) => ({ ...data, trackingId: await world.create('shipment') }),
    cancelShipment: (data) => world.remove(data.trackingId),
  }
}
