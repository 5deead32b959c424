/** The commands of the shop, each in one call. */
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import type { CommandResponse } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { MergeStrategy } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'

type Clients = Pick<Coordinator, 'client'>

/** Creates an order of one product. */
export function createOrder(
  shop: Clients,
  orderId: string,
  itemCount = 1,
): Promise<CommandResponse> {
  const init = { orderId, itemCount }
  return orderCommand(shop, orderId).withMessage(orders.CreateOrderSchema, init).execute()
}

/** Adds items to an order. */
export function addItem(shop: Clients, orderId = 'order-1', quantity = 1): CommandBuilder {
  const init = { sku: 'sku-1', quantity }
  return orderCommand(shop, orderId).withMessage(orders.AddItemSchema, init)
}

/** Changes the address of an order. */
export function changeAddress(shop: Clients, orderId = 'order-1'): CommandBuilder {
  const init = { address: '1 Elm Street' }
  return orderCommand(shop, orderId).withMessage(orders.ChangeShippingAddressSchema, init)
}

/** Adds a note to an order. */
export function addNote(shop: Clients, note: string, orderId = 'order-1'): CommandBuilder {
  return orderCommand(shop, orderId).withMessage(orders.AddOrderNoteSchema, { note })
}

/** Adds stock of a product. */
export function addStock(shop: Clients, quantity: number, sku = 'sku-1'): Promise<CommandResponse> {
  const stock = shop.client('inventory').command(sku)
  return stock.withMessage(inventory.AddStockSchema, { sku, quantity }).execute()
}

/** A command for an order. */
export function orderCommand(shop: Clients, orderId: string): CommandBuilder {
  return shop.client('order').command(orderId)
}

/** The order of the merge-strategy fixture: created, an item added, a note added. */
export async function orderWithHistory(shop: Clients): Promise<void> {
  await createOrder(shop, 'order-1', 2)
  await addItem(shop).execute()
  await addNote(shop, 'ring twice').execute()
}

/** A command that expects a sequence under a strategy. */
export function at(
  builder: CommandBuilder,
  sequence: number,
  strategy?: MergeStrategy,
): CommandBuilder {
  const expecting = builder.withSequence(sequence)
  return strategy === undefined ? expecting : expecting.withMergeStrategy(strategy)
}

/** The sequences of the events in a response. */
export function sequencesOf(response: CommandResponse): readonly (number | undefined)[] {
  return (response.events?.pages ?? []).map(({ header }) =>
    header?.sequenceType.case === 'sequence' ? header.sequenceType.value : undefined,
  )
}
