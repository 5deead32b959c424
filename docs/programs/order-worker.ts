import { setTimeout } from 'node:timers/promises'
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

await using sagas = await openSagaManager({ ledger: 'orders.db', definitions: [order] })
await sagas.run(order, { sku: 'chai' }, { id: 'order-1' })
const stateNow = async () => (await sagas.inspect('order-1')).state
// With the bank open it stays until the order is undone.
while (isBankOpen && (await stateNow()) !== 'compensated') await setTimeout(20)
console.log(await stateNow())
