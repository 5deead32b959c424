import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as inventory from './gen/inventory_pb.ts'

export const Stock = defineAggregate({ domain: 'inventory', state: inventory.StateSchema })
  .handles(inventory.ReserveSchema, ({ sku, quantity }, state) => {
    if (quantity > state.available) {
      throw CommandRejectedError.preconditionFailed('OUT_OF_STOCK', 'not enough stock')
    }
    return create(inventory.ReservedSchema, { sku, quantity })
  })
  .applies(inventory.ReservedSchema, (state, event) => {
    state.available -= event.quantity
  })
