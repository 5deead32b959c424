/**
 * A program that runs many sagas and may be killed at any moment: `<ledger> <world> <sagas>`. What
 * takes effect is a line of the file `world`, written at once. It says `ended <n>` after each saga.
 */
import { appendFileSync } from 'node:fs'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'

const [ledger = '', world = '', count = '0'] = process.argv.slice(2)

const effect = (what: string, key: string): void => appendFileSync(world, `${what} ${key}\n`)
const ship = requestType<{ n: number }>('parcels.ship')
const recall = requestType<object>('parcels.recall')

type Order = { readonly n: number }

const order = new Saga<Order>('order')
  .localStep((_, info) => effect('reserve', info.idempotencyKey), { name: 'reserve' })
  .onFailure((_, info) => effect('undo-reserve', info.idempotencyKey))
  .remoteStep(({ n }) => ship({ n }), { name: 'ship' })
  .onFailure(() => recall({}))
  .localStep(
    async ({ n }, info) => {
      await new Promise((resolve) => setTimeout(resolve, n % 3))
      if (n % 3 === 0) throw refuse('no funds')
      effect('charge', info.idempotencyKey)
    },
    { name: 'charge' },
  )
  .commit()

const participants = [
  handle(ship, (_, info) => effect('ship', info.idempotencyKey)),
  handle(recall, (_, info) => effect('undo-ship', info.idempotencyKey)),
]
// A killed holder's lease is free at once: its process is gone.
const limits = { leaseRenewalMs: 50 }
await using sagas = await openSagaManager({ ledger, definitions: [order], participants, limits })
let next = 0
let ended = 0
const lane = async (): Promise<void> => {
  while (next < Number(count)) {
    const n = next++
    await sagas.run(order, { n }, { id: `order-${n}` })
    process.stdout.write(`ended ${++ended}\n`)
  }
}
await Promise.all(Array.from({ length: 16 }, lane))
