/** A compensating workflow: pairs of an operation and what undoes it. */
import { CompensationPrimitive, RetryPrimitive } from 'amends/workflow'

export type Cart = { readonly sku: string; readonly quantity: number }
type Reserved = Cart & { readonly reservationId: string }
type Charged = Reserved & { readonly chargeId: string }

const reserveStock = async (cart: Cart): Promise<Reserved> => ({ ...cart, reservationId: 'r-1' })
const releaseStock = async (cart: Reserved) => console.log('released', cart.reservationId)
const chargeCard = async (cart: Reserved): Promise<Charged> => ({ ...cart, chargeId: 'c-1' })
const refundCard = async (cart: Charged) => console.log('refunded', cart.chargeId)
const shipOrder = async (cart: Charged): Promise<string> => {
  if (cart.quantity > 5) throw new Error(`no carrier takes ${cart.quantity} x ${cart.sku}`)
  return `parcel of ${cart.quantity} ${cart.sku}`
}

export const checkout = new CompensationPrimitive(
  [
    [new RetryPrimitive(reserveStock, { maxRetries: 3 }), releaseStock],
    [chargeCard, refundCard],
    [shipOrder, null], // nothing follows that could undo it
  ],
  { name: 'checkout' },
)
