import { createServer } from 'node:http'
import { openCoordinator } from 'amends/coordinator'
import { httpParticipant } from 'amends/participant'
import { commandType, openSagaManager, requestType, Saga } from 'amends/saga'
import * as inventory from './gen/inventory_pb.ts'
import { stock } from './inventory.ts'

type Order = { readonly orderId: string; readonly sku: string; readonly quantity: number }

const reserve = commandType('inventory', inventory.ReserveSchema, {
  events: [inventory.ReservedSchema],
})
const release = commandType('inventory', inventory.ReleaseSchema)
const charge = requestType<{ orderId: string; amount: number }, { receipt: string }>('cards.charge')
const refund = requestType<{ orderId: string }>('cards.refund')

const buy = new Saga<Order>('buy')
  .remoteStep(({ sku, orderId, quantity }) => reserve(sku, { orderId, quantity }))
  .onSuccess(async (order, response) => {
    const { events } = await response.content()
    return { ...order, reserved: events[0]?.message.quantity }
  })
  .onFailure(({ sku, orderId, quantity }) => release(sku, { orderId, quantity }))
  .remoteStep(({ orderId, quantity }) => charge({ orderId, amount: quantity * 40 }))
  .onSuccess(async (order, response) => ({ ...order, ...(await response.content()) }))
  .onFailure(({ orderId }) => refund({ orderId }))
  .commit()

// A service of somebody else, which knows nothing but HTTP: it charges up to 100.
const cards = createServer((request, response) => {
  request.setEncoding('utf8').on('data', (body: string) => {
    console.log(request.method, request.url, request.headers['idempotency-key'])
    const isRefused = JSON.parse(body).amount > 100
    response.writeHead(isRefused ? 402 : 201, { 'content-type': 'application/json' })
    response.end(isRefused ? '{"code":"LIMIT","message":"too much"}' : '{"receipt":"r-1"}')
  })
})
await new Promise<void>((resolve) => cards.listen(0, '127.0.0.1', resolve))
const address = cards.address()
const port = typeof address === 'object' ? address?.port : undefined

const participants = httpParticipant({
  baseUrl: `http://127.0.0.1:${port}`,
  routes: { 'cards.charge': 'POST /charges', 'cards.refund': 'DELETE /charges/{orderId}' },
  headers: () => ({ authorization: 'Bearer ...' }),
})
{
  await using coordinator = await openCoordinator({ ledger: 'shop.db', components: [stock] })
  await coordinator
    .client('inventory')
    .command('chai')
    .withMessage(inventory.ReceiveSchema, { quantity: 5 })
    .execute()
  await using sagas = await openSagaManager({
    ledger: coordinator.ledger,
    definitions: [buy],
    participants,
    coordinator,
    commands: [reserve, release],
  })
  for (const [orderId, quantity] of [
    ['A-1', 2],
    ['A-2', 9],
    ['A-3', 3],
  ] as const) {
    const outcome = await sagas.run(buy, { orderId, sku: 'chai', quantity }, { id: orderId })
    if (outcome.forward === 'completed') console.log(orderId, outcome.context.receipt)
    else console.log(orderId, outcome.failure?.code, outcome.failure?.message, outcome.undone)
  }
  // Received, reserved for A-1, reserved for A-3 and released again.
  const found = await coordinator.client('inventory').query('chai').getEventBook()
  console.log(found.pages.length, 'events')
}
cards.close()
