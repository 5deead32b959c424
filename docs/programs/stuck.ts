import { openSagaManager, refuse, Saga } from 'amends/saga'

const bank = { isOpen: false }
const order = new Saga<{ readonly sku: string }>('order')
  .localStep((context) => ({ ...context, stock: 's-1' }), { name: 'stock' })
  .onFailure(() => console.log('stock given back'))
  .localStep((context) => ({ ...context, charge: 'c-1' }), {
    name: 'card',
    undoRetry: { maxAttempts: 2, initialMs: 1 },
  })
  .onFailure(() => {
    if (!bank.isOpen) throw new Error('the bank is closed')
    console.log('card refunded')
  })
  .localStep(() => refuse('no carrier'), { name: 'ship' })
  .commit()

await using sagas = await openSagaManager({ ledger: 'stuck.db', definitions: [order] })
for (const id of ['order-1', 'order-2']) {
  const { forward, backward } = await sagas.run(order, { sku: 'chai' }, { id })
  console.log(id, forward, backward)
}
for await (const { id, path, kind, failure, verbs } of sagas.workItems()) {
  console.log(id, path, kind, failure?.message, verbs.join(' '))
}

bank.isOpen = true
await sagas.resolve('order-1', { path: 'card', verb: 'retry', by: 'ada', reason: 'bank is open' })
const { backward } = await sagas.result('order-1')
console.log('order-1', backward)
