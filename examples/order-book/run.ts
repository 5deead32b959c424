/** One run: opens the books, places the orders, waits for rest, audits. */
import { openCoordinator, type Coordinator } from 'amends/coordinator'
import { audit } from './audit/audit.ts'
import { gatherEvidence } from './audit/gather.ts'
import type { Books } from './books.ts'
import { components } from './components/all.ts'
import { openDatabase } from './database.ts'
import { followBooks } from './follow-books.ts'
import { readOrderHistory } from './history.ts'
import { loadNorthwind } from './northwind.ts'
import { agreeOnSettings, fillWarehouse } from './opening.ts'
import type { Options } from './options.ts'
import { placeOrders } from './placing.ts'
import { type Screen, showProgress } from './progress.ts'
import { watchForStall } from './stall.ts'
import type { Report } from './summary.ts'
import { orderToTell, tellOrder } from './timeline.ts'
import { planTrade, type Trade } from './trade.ts'

/** A run that has come to rest, with the tale of one amended order. */
export type Result = { readonly report: Report; readonly tale: readonly string[] }

/** Runs the order book. `stop` lets what has begun end and places nothing more. */
export async function runOrderBook(
  options: Options,
  surroundings: { readonly screen: Screen; readonly stop: AbortSignal },
): Promise<Result> {
  const { database, continued } = options
  const data = loadNorthwind()
  await using ledger = await openDatabase(database, continued)
  await using coordinator = await openCoordinator({ ledger, components })
  await using following = await followBooks(ledger)
  const { books } = following
  const settings = await agreeOnSettings(coordinator, books, options)
  const trade = planTrade(data, settings)
  await fillWarehouse(coordinator, trade, books)
  await following.caughtUp()

  const before = { commands: books.tally.commands, ms: performance.now() }
  await trading({ coordinator, books, trade, options, settings, ...surroundings })
  const seconds = (performance.now() - before.ms) / 1000
  await following.caughtUp()

  const interrupted = surroundings.stop.aborted
  const run = { trade, settings, complete: !interrupted }
  const report: Report = {
    orders: trade.orders.length,
    tally: books.tally,
    settings,
    startUpSeconds: before.ms / 1000,
    seconds,
    commands: books.tally.commands - before.commands,
    database,
    interrupted,
    findings: audit(await gatherEvidence(coordinator, run)),
  }
  return { report, tale: await tale(coordinator, trade, books) }
}

/** Places the orders and waits until nothing is under way any more, or nothing moves. */
async function trading(run: {
  readonly coordinator: Coordinator
  readonly books: Books
  readonly trade: Trade
  readonly options: Options
  readonly settings: { readonly concurrency: number }
  readonly screen: Screen
  readonly stop: AbortSignal
}): Promise<void> {
  const { coordinator, books, trade, options, settings, screen, stop } = run
  using _progress = showProgress(screen, trade.orders.length, () => books.tally)
  using stall = watchForStall(coordinator, books)
  const placed = placeOrders({
    clients: coordinator,
    books,
    orders: trade.orders,
    concurrency: settings.concurrency,
    ratePerSecond: options.ratePerSecond,
    stop: AbortSignal.any([stop, stall.signal]),
  }).then(() => coordinator.settled())
  await Promise.race([placed, stall.seen])
}

async function tale(coordinator: Coordinator, trade: Trade, books: Books): Promise<string[]> {
  const number = orderToTell(trade, books.amended)
  if (number === undefined) return []
  const entries = await Array.fromAsync(readOrderHistory(coordinator.ledger, number))
  return tellOrder(trade, number, entries)
}
