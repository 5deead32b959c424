/** The read models: stock by product, revenue by country and month. Rows live in the ledger. */
import { defineProjector } from 'amends'
import * as inventory from '../gen/inventory_pb.ts'
import * as order from '../gen/order_pb.ts'
import * as views from '../gen/views_pb.ts'

/** Key of a row of `stock`; all of one width, so that rows come in the order of product numbers. */
export const stockKey = (product: number): string => String(product).padStart(5, '0')

/** Key of a row of `revenue`. */
export const revenueKey = (country: string, month: string): string => `${country}/${month}`

/** What is on hand, reserved and shipped, by product. */
export const stock = defineProjector({ name: 'stock', domains: ['inventory'] })
  .handles(inventory.StockReceivedSchema, ({ product, quantity }, { projection }) =>
    projection.rows(views.StockRowSchema).update(stockKey(product), (row) => {
      row.product = product
      row.onHand += quantity
    }),
  )
  .handles(inventory.StockReservedSchema, ({ product, quantity }, { projection }) =>
    projection.rows(views.StockRowSchema).update(stockKey(product), (row) => {
      row.reserved += quantity
    }),
  )
  .handles(inventory.StockReleasedSchema, ({ product, quantity }, { projection }) =>
    projection.rows(views.StockRowSchema).update(stockKey(product), (row) => {
      row.reserved -= quantity
    }),
  )
  .handles(inventory.StockShippedSchema, ({ product, quantity }, { projection }) =>
    projection.rows(views.StockRowSchema).update(stockKey(product), (row) => {
      row.onHand -= quantity
      row.reserved -= quantity
      row.shipped += quantity
    }),
  )

/** Orders confirmed and what they brought, by country and month. */
export const revenue = defineProjector({ name: 'revenue', domains: ['order'] }).handles(
  order.OrderConfirmedSchema,
  ({ country, month, cents }, { projection }) =>
    projection.rows(views.RevenueRowSchema).update(revenueKey(country, month), (row) => {
      row.country = country
      row.month = month
      row.orders++
      row.cents += cents
    }),
)
