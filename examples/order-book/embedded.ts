/** The business in this process, on a database of its own. */
import { openCoordinator } from 'amends/coordinator'
import type { Business } from './business.ts'
import { components } from './components/all.ts'
import { openDatabase } from './database.ts'
import { followBooks } from './follow-books.ts'
import { RevenueRowSchema, StockRowSchema } from './gen/views_pb.ts'
import { readHistory, readOrderHistory } from './history.ts'

/** Opens it. @throws CodedError `DATABASE_UNUSABLE` */
export async function openEmbedded(options: {
  readonly database: string
  readonly continued: boolean
}): Promise<Business> {
  await using opening = new AsyncDisposableStack()
  const ledger = opening.use(await openDatabase(options.database, options.continued))
  const coordinator = opening.use(await openCoordinator({ ledger, components }))
  const following = opening.use(await followBooks(ledger))
  const opened = opening.move()
  return {
    books: following.books,
    client: (domain) => coordinator.client(domain),
    ask: (send) => send(),
    follow: () => undefined,
    caughtUp: () => following.caughtUp(),
    settled: async () => {
      await coordinator.settled()
      await following.caughtUp()
    },
    blocked: () => {
      const all = coordinator.status()
      return Promise.resolve(
        all.some(({ parkedKeys, state }) => parkedKeys > 0 || state === 'halted'),
      )
    },
    history: () => readHistory(ledger),
    historyOf: (order) => Array.fromAsync(readOrderHistory(ledger, order)),
    readModels: async () => ({
      stock: await Array.fromAsync(
        coordinator.projection('stock').all(StockRowSchema),
        ({ row }) => row,
      ),
      revenue: await Array.fromAsync(
        coordinator.projection('revenue').all(RevenueRowSchema),
        ({ row }) => row,
      ),
    }),
    deadLetters: async () => {
      const letters = await coordinator.deadLetters.list({ limit: 1000 })
      return letters.map(({ component, code, reason }) => `${component}: ${code} ${reason}`)
    },
    failed: new Promise(() => undefined),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
