import { openSagaManager } from 'amends/saga'
import { checkout } from './checkout.ts'

await using sagas = await openSagaManager({ ledger: 'shop.db', definitions: [checkout] })
const cart = { sku: 'chai', quantity: 2, amount: 36 }
const order = await sagas.run(checkout, cart, { id: 'order-42' }) // survives kill -9
console.log(order.forward, order.backward) // failed done
