/** The stock of one product: what is in the house, and what of it is set aside for which order. */
import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as inventory from '../gen/inventory_pb.ts'

/**
 * The aggregate `inventory`; root = product number. It goes on as long as the business does: with
 * Replay a coordinator elsewhere sends its state instead of all that ever happened.
 */
export const inventories = defineAggregate({
  domain: 'inventory',
  state: inventory.StateSchema,
  supportsReplay: true,
})
  .handles(inventory.ReceiveStockSchema, ({ product, quantity }) =>
    create(inventory.StockReceivedSchema, { product, quantity }),
  )
  .handles(inventory.ReserveStockSchema, ({ product, order, line, quantity }, state) => {
    const free = state.onHand - state.reserved
    if (quantity > free) throw outOfStock(quantity, free)
    return create(inventory.StockReservedSchema, { product, order, line, quantity })
  })
  .handles(inventory.ReleaseStockSchema, (command, state) =>
    create(inventory.StockReleasedSchema, reservation(command, state)),
  )
  .handles(inventory.ShipStockSchema, (command, state) =>
    create(inventory.StockShippedSchema, reservation(command, state)),
  )
  .applies(inventory.StockReceivedSchema, (state, { product, quantity }) => {
    state.product = product
    state.onHand += quantity
  })
  .applies(inventory.StockReservedSchema, (state, { order, line, quantity }) => {
    state.reserved += quantity
    state.reservations[keyOf(order, line)] = quantity
  })
  .applies(inventory.StockReleasedSchema, (state, { order, line, quantity }) => {
    state.reserved -= quantity
    delete state.reservations[keyOf(order, line)]
  })
  .applies(inventory.StockShippedSchema, (state, { order, line, quantity }) => {
    state.onHand -= quantity
    state.reserved -= quantity
    delete state.reservations[keyOf(order, line)]
  })

/** Units are released or shipped as they were reserved: whole, and once. */
function reservation(
  { order, line }: inventory.ReleaseStock | inventory.ShipStock,
  { product, reservations }: inventory.State,
) {
  const quantity = reservations[keyOf(order, line)]
  if (quantity === undefined) {
    throw CommandRejectedError.notFound('NOT_RESERVED', 'nothing is set aside for this line')
  }
  return { product, order, line, quantity }
}

const keyOf = (order: number, line: number): string => `${order}/${line}`

function outOfStock(wanted: number, free: number): CommandRejectedError {
  const text = `${wanted} wanted, ${free} free`
  return CommandRejectedError.preconditionFailed('OUT_OF_STOCK', text)
}
