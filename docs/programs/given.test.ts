import { test } from 'node:test'
import { command, create } from 'amends'
import { givenAggregate, givenProcessManager, givenProjector, givenSaga } from 'amends/testing'
import { demandProjector } from './demand.ts'
import { fulfilmentProcess } from './fulfilment.ts'
import * as demand from './gen/demand_pb.ts'
import * as fulfilment from './gen/fulfilment_pb.ts'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import * as payment from './gen/payment_pb.ts'
import { stock } from './inventory.ts'
import { orders, reserveStock } from './order.ts'

const two = { orderId: 'A-1', sku: 'chai', quantity: 2 }
const placed = create(order.PlacedSchema, two)
const reserve = command('inventory', 'chai', inventory.ReserveSchema, {
  orderId: 'A-1',
  quantity: 2,
})

test('an order can be placed once', async () => {
  const place = create(order.PlaceSchema, two)
  await givenAggregate(orders).when(place).thenEvents(placed).thenState({ sku: 'chai' })
  await givenAggregate(orders).events(placed).when(place).thenNothing()
})

test('what is not there cannot be reserved', async () => {
  await givenAggregate(stock)
    .events(create(inventory.ReceivedSchema, { quantity: 1 }))
    .when(create(inventory.ReserveSchema, { orderId: 'A-1', quantity: 2 }))
    .thenRejected('OUT_OF_STOCK')
})

test('an order without stock is cancelled', async () => {
  await givenAggregate(orders)
    .events(placed)
    .whenRejected(reserve, 'not enough stock')
    .thenEvents(
      create(order.CancelledSchema, { sku: 'chai', quantity: 2, reason: 'not enough stock' }),
    )
})

test('an order reserves its stock', async () => {
  await givenSaga(reserveStock).when(placed).thenCommands(reserve)
})

test('a card that is refused gives the stock back', async () => {
  const charge = command('payment', 'A-1', payment.ChargeSchema, { orderId: 'A-1', amount: 36 })
  await givenProcessManager(fulfilmentProcess)
    .events(create(fulfilment.StartedSchema, two))
    .whenRejected(charge, 'no funds')
    .thenEvents(create(fulfilment.GivenUpSchema, { reason: 'no funds' }))
    .thenCommands(
      create(inventory.ReleaseSchema, { orderId: 'A-1', quantity: 2 }),
      create(order.CancelSchema, { reason: 'no funds' }),
    )
})

test('orders are counted per article', async () => {
  await givenProjector(demandProjector)
    .events(placed)
    .when(placed)
    .thenRow('chai', demand.RowSchema, { orders: 2, quantity: 4 })
})
