/** Runs orders until its input ends; the bank is open if it says so: `node order-worker.ts open`. */
import { openSagaManager, refuse, Saga } from 'amends/saga'

const isBankOpen = process.argv[2] === 'open'
const order = new Saga<{ readonly sku: string }>('order')
  .localStep((context) => ({ ...context, charge: 'c-1' }), {
    name: 'card',
    undoRetry: { maxAttempts: 1 },
  })
  .onFailure(() => {
    if (!isBankOpen) throw new Error('the bank is closed')
  })
  .localStep(() => refuse('no carrier'), { name: 'ship' })
  .commit()

await using sagas = await openSagaManager({ ledger: 'shop.db', definitions: [order] })
const { backward } = await sagas.run(order, { sku: 'chai' }, { id: 'order-1' })
console.log('order-1', backward)
