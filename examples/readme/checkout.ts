import { CompensationPrimitive, RetryPrimitive, TimeoutPrimitive } from 'amends/workflow'

type Cart = { sku: string; quantity: number; amount: number }
type Reserved = Cart & { reservationId: string }
type Charged = Reserved & { chargeId: string }

const reserveStock = async (cart: Cart): Promise<Reserved> => ({ ...cart, reservationId: 'r-1' })
const releaseStock = async (cart: Reserved) => console.log('released', cart.reservationId)
const chargeCard = async (cart: Reserved): Promise<Charged> => ({ ...cart, chargeId: 'c-1' })
const refundCard = async (cart: Charged) => console.log('refunded', cart.chargeId)
const shipOrder = async (cart: Charged): Promise<string> => {
  throw new Error(`no carrier takes ${cart.quantity} x ${cart.sku}`)
}
export const checkout = new CompensationPrimitive(
  [
    [new RetryPrimitive(reserveStock, { maxRetries: 3 }), releaseStock],
    [new TimeoutPrimitive(chargeCard, { timeoutMs: 10_000 }), refundCard],
    [shipOrder, null], // nothing follows that could undo it
  ],
  { name: 'checkout' },
)
const cart = { sku: 'chai', quantity: 2, amount: 36 }
const parcel = await checkout.execute(cart).catch((error: Error) => `undone: ${error.message}`)
console.log(parcel) // refunded c-1, released r-1, undone: no carrier takes 2 x chai
