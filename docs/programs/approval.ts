import { openSagaManager, Saga } from 'amends/saga'

const hold = async () => console.log('money held')
const giveBack = async () => console.log('money given back')

const purchase = new Saga<{ readonly amount: number }>('purchase', { deadlineMs: 86_400_000 })
  .localStep(hold)
  .onFailure(giveBack)
  .waitFor('approved', (context, by) => ({ ...context, by: String(by) }))
  .localStep(({ amount, by }) => console.log('paid', amount, 'approved by', by), { name: 'pay' })
  .pivot() // the point of no return: what follows is tried until it succeeds
  .localStep(() => console.log('receipt sent'), { name: 'receipt' })
  .commit()

await using sagas = await openSagaManager({ ledger: 'shop.db', definitions: [purchase] })
const first = await sagas.start(purchase, { amount: 40 }, { id: 'p-1' })
await sagas.signal('p-1', 'approved', 'grace')
console.log((await first.result()).forward)

const second = await sagas.start(purchase, { amount: 90 }, { id: 'p-2' })
await sagas.cancel('p-2', 'nobody wants it')
const { forward, backward } = await second.result()
console.log(forward, backward)
