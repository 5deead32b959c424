import { openCoordinator } from 'amends/coordinator'
import { transactional } from 'amends/participant'
import { handle, openSagaManager, refuse, requestType, Saga } from 'amends/saga'
import * as inventory from './gen/inventory_pb.ts'
import { stock } from './inventory.ts'

type Order = { readonly orderId: string; readonly sku: string; readonly budget: number }

const keep = requestType<{ orderId: string; sku: string }, { left: number }>('shelf.keep')
const price = requestType<{ sku: string }, { price: number }>('prices')

// Level 3 behind level 2: the aggregates are written by the handlers of a service.
await using coordinator = await openCoordinator({ ledger: 'shelf.db', components: [stock] })
const articles = coordinator.client('inventory')
const available = async (sku: string) => {
  const events = await articles
    .query(sku)
    .events(inventory.ReceivedSchema, inventory.ReservedSchema)
  return events.reduce((sum, { message: { $typeName, quantity } }) => {
    return $typeName === 'inventory.Received' ? sum + quantity : sum - quantity
  }, 0)
}
await articles.command('chai').withMessage(inventory.ReceiveSchema, { quantity: 10 }).execute()

const shelf = transactional({ service: 'shelf', coordinator })
const participants = shelf.handlers(
  handle(keep, async ({ orderId, sku }, info) => {
    await shelf
      .client(info, 'inventory') // what it writes is pending until the saga has ended
      .command(sku)
      .withIdempotencyKey(info.idempotencyKey)
      .withMessage(inventory.ReserveSchema, { orderId, quantity: 4 })
      .execute()
    return { left: await available(sku) }
  }),
  handle(price, () => ({ price: 30 })),
)

const order = new Saga<Order>('order', { isolated: true, deadlineMs: 60_000 })
  .remoteStep(({ orderId, sku }) => keep({ orderId, sku }))
  .onSuccess(async (context, response) => {
    console.log('others still see', (await response.content()).left)
    return context
  })
  .remoteStep(({ sku }) => price({ sku }))
  .onSuccess(async ({ budget }, response) =>
    (await response.content()).price > budget ? refuse('too dear') : undefined,
  )
  .commit()

const definitions = [order]
const options = { ledger: 'sagas.db', service: 'shelf', definitions, participants, coordinator }
await using sagas = await openSagaManager(options)
for (const [orderId, budget] of [
  ['A-1', 50],
  ['A-2', 20],
] as const) {
  const { forward } = await sagas.run(order, { orderId, sku: 'chai', budget }, { id: orderId })
  console.log(orderId, forward, 'and now there are', await available('chai'))
}
