/** The saga of the processes that stand by for each other: every third order is refused. */
import { appendFileSync } from 'node:fs'
import { refuse } from '../../src/machine/refusal.ts'
import type { CommittedSaga } from '../../src/saga/dsl/chain.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import type { RequestHandler } from '../../src/participant/request-handler.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'

/** What an order is. */
export type Order = { readonly n: number }

const ship = requestType<Order>('parcels.ship')
const recall = requestType<Order>('parcels.recall')

/** The saga, and who ships: effects are lines of a file. */
export function ordering(world: string): {
  readonly saga: CommittedSaga<Order, Order>
  readonly participants: readonly RequestHandler[]
} {
  const effect = (what: string, key: string): void => appendFileSync(world, `${what} ${key}\n`)
  const saga = new Saga<Order>('ordering')
    .remoteStep(({ n }) => ship({ n }), { name: 'ship' })
    .onFailure(({ n }) => recall({ n }))
    .localStep(
      async ({ n }, { idempotencyKey }) => {
        await new Promise((resolve) => setTimeout(resolve, n % 5))
        if (n % 3 === 0) throw refuse('no funds')
        effect('charge', idempotencyKey)
      },
      { name: 'charge' },
    )
    .commit()
  const participants = [
    handle(ship, (_, { idempotencyKey }) => effect('ship', idempotencyKey)),
    handle(recall, (_, { idempotencyKey }) => effect('recall', idempotencyKey)),
  ]
  return { saga, participants }
}
