import { CommandRejectedError, create, defineAggregate, requirePositive } from 'amends'
import * as inventory from './gen/inventory_pb.ts'

export const stock = defineAggregate({ domain: 'inventory', state: inventory.StateSchema })
  .handles(inventory.ReceiveSchema, ({ quantity }) => {
    requirePositive(quantity, 'quantity')
    return create(inventory.ReceivedSchema, { quantity })
  })
  .handles(inventory.ReserveSchema, ({ orderId, quantity }, { available }) => {
    if (quantity > available) {
      const details = { available }
      throw CommandRejectedError.preconditionFailed('OUT_OF_STOCK', 'not enough stock', details)
    }
    return create(inventory.ReservedSchema, { orderId, quantity })
  })
  .handles(inventory.ReleaseSchema, ({ orderId, quantity }) =>
    create(inventory.ReleasedSchema, { orderId, quantity }),
  )
  .applies(inventory.ReceivedSchema, (state, { quantity }) => {
    state.available += quantity
  })
  .applies(inventory.ReservedSchema, (state, { quantity }) => {
    state.available -= quantity
  })
  .applies(inventory.ReleasedSchema, (state, { quantity }) => {
    state.available += quantity
  })
