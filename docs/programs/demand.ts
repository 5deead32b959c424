import { defineProjector } from 'amends'
import * as demand from './gen/demand_pb.ts'
import * as order from './gen/order_pb.ts'

export const demandProjector = defineProjector({ name: 'demand', domains: ['order'] })
  .handles(order.PlacedSchema, ({ sku, quantity }, { projection }) =>
    projection.rows(demand.RowSchema).update(sku, (row) => {
      row.orders += 1
      row.quantity += quantity
    }),
  )
  .handles(order.CancelledSchema, ({ sku, quantity }, { projection }) =>
    projection.rows(demand.RowSchema).update(sku, (row) => {
      row.orders -= 1
      row.quantity -= quantity
    }),
  )
