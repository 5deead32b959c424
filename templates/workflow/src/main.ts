/** Runs the workflow durably: what is in shop.db survives a crash and goes on from there. */
import { openSagaManager } from 'amends/saga'
import { checkout } from './checkout.ts'

await using sagas = await openSagaManager({ ledger: 'shop.db', definitions: [checkout] })
for (const [id, quantity] of [
  ['order-1', 2],
  ['order-2', 9],
] as const) {
  const order = await sagas.run(checkout, { sku: 'chai', quantity }, { id })
  console.log(id, order.forward === 'completed' ? order.context : order.failure?.message)
}
