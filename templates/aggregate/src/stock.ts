/** The stock of an article. */
import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as inventory from './gen/inventory_pb.ts'

export const stock = defineAggregate({ domain: 'inventory', state: inventory.StateSchema })
  .handles(inventory.ReceiveSchema, ({ quantity }) =>
    create(inventory.ReceivedSchema, { quantity }),
  )
  .handles(inventory.ReserveSchema, ({ sku, quantity }, { available }) => {
    if (quantity > available) {
      throw CommandRejectedError.preconditionFailed('OUT_OF_STOCK', 'not enough stock')
    }
    return create(inventory.ReservedSchema, { sku, quantity })
  })
  .applies(inventory.ReceivedSchema, (state, { quantity }) => {
    state.available += quantity
  })
  .applies(inventory.ReservedSchema, (state, { quantity }) => {
    state.available -= quantity
  })
