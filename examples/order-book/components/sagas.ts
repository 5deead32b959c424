/** What follows once a carrier has the parcel. Nothing here can be refused, so nothing is undone. */
import { command, defineSaga } from 'amends'
import { addDays } from '../calendar.ts'
import * as account from '../gen/account_pb.ts'
import * as inventory from '../gen/inventory_pb.ts'
import * as order from '../gen/order_pb.ts'
import * as shipment from '../gen/shipment_pb.ts'

const PAYMENT_TERM_DAYS = 30

/** The goods leave the house. */
export const shipStock = defineSaga({
  name: 'ship-stock',
  source: 'shipment',
  target: 'inventory',
}).handles(shipment.ShipmentDispatchedSchema, (parcel) =>
  parcel.lines.map(({ product }, index) =>
    command('inventory', String(product), inventory.ShipStockSchema, {
      order: parcel.order,
      line: index + 1,
    }),
  ),
)

/** The charge gets an invoice, due thirty days after the parcel left. */
export const sendInvoice = defineSaga({
  name: 'send-invoice',
  source: 'shipment',
  target: 'account',
}).handles(shipment.ShipmentDispatchedSchema, ({ order: number, customer, shippedOn }) =>
  command('account', customer, account.InvoiceChargeSchema, {
    order: number,
    dueOn: addDays(shippedOn, PAYMENT_TERM_DAYS),
  }),
)

/** The order is confirmed once its invoice is written. */
export const confirmOrder = defineSaga({
  name: 'confirm-order',
  source: 'account',
  target: 'order',
}).handles(account.ChargeInvoicedSchema, ({ order: number }) =>
  command('order', String(number), order.ConfirmOrderSchema, {}),
)
