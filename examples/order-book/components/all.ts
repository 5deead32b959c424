/** Everything the coordinator of the order book runs. */
import { accounts } from './account.ts'
import { books } from './book.ts'
import { fulfillment } from './fulfillment.ts'
import { inventories } from './inventory.ts'
import { orders } from './order.ts'
import { revenue, stock } from './projections.ts'
import { confirmOrder, sendInvoice, shipStock } from './sagas.ts'
import { shipments } from './shipment.ts'

/** The components: five aggregates, a process manager, three sagas, two projectors. */
export const components = [
  books,
  orders,
  inventories,
  accounts,
  shipments,
  fulfillment,
  shipStock,
  sendInvoice,
  confirmOrder,
  stock,
  revenue,
]
