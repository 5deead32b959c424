/** A stock that sagas send commands to. */
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { commandType } from '../../src/saga/messages/command-type.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'

/** One product, of which as much is reserved as there is. */
export const stock = defineAggregate({ domain: 'stock', state: inventory.StockStateSchema })
  .handles(inventory.AddStockSchema, ({ sku, quantity }) =>
    create(inventory.StockAddedSchema, { sku, quantity }),
  )
  .applies(inventory.StockAddedSchema, (state, { quantity }) => {
    state.available += quantity
  })
  .handles(inventory.ReserveStockSchema, ({ orderId, sku, quantity }, state) => {
    if (state.available < quantity) {
      const details = { available: state.available }
      throw CommandRejectedError.preconditionFailed('SOLD_OUT', 'not enough stock', details)
    }
    return create(inventory.StockReservedSchema, { orderId, sku, quantity })
  })
  .applies(inventory.StockReservedSchema, (state, { orderId, quantity }) => {
    state.available -= quantity
    state.reservedByOrder[orderId] = (state.reservedByOrder[orderId] ?? 0) + quantity
  })
  .handles(inventory.ReleaseStockSchema, ({ orderId, sku }, state) => {
    const quantity = state.reservedByOrder[orderId]
    return quantity === undefined
      ? undefined
      : create(inventory.StockReleasedSchema, { orderId, sku, quantity })
  })
  .applies(inventory.StockReleasedSchema, (state, { orderId, quantity }) => {
    state.available += quantity
    delete state.reservedByOrder[orderId]
  })

/** Takes some of a product for an order. */
export const reserve = commandType('stock', inventory.ReserveStockSchema, {
  events: [inventory.StockReservedSchema],
})

/** Gives it back. */
export const release = commandType('stock', inventory.ReleaseStockSchema)

/** Puts some of a product into the stock. */
export async function fill(coordinator: Coordinator, sku: string, quantity: number): Promise<void> {
  const command = coordinator.client('stock').command(sku)
  await command.withMessage(inventory.AddStockSchema, { sku, quantity }).execute()
}

/** What happened to a product, and under which correlation id. */
export async function history(
  coordinator: Pick<Coordinator, 'client'>,
  sku: string,
): Promise<readonly string[]> {
  const book = await coordinator.client('stock').query(sku).getEventBook()
  return book.pages.map(({ payload }) =>
    payload.case === 'event' ? (payload.value.typeUrl.split('.').at(-1) ?? '') : '',
  )
}
