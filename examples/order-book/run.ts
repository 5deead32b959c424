/** One run: opens the books, places the orders, waits for rest, audits. */
import { audit } from './audit/audit.ts'
import { gatherEvidence } from './audit/gather.ts'
import type { Business } from './business.ts'
import { openEmbedded } from './embedded.ts'
import { loadNorthwind, type Northwind } from './northwind.ts'
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
  const data = loadNorthwind()
  await using business = await openBusiness(options, surroundings.screen)
  return await Promise.race([runOn(business, { data, options, ...surroundings }), business.failed])
}

async function runOn(
  business: Business,
  run: {
    readonly data: Northwind
    readonly options: Options
    readonly screen: Screen
    readonly stop: AbortSignal
  },
): Promise<Result> {
  const { options, stop } = run
  const { tally } = business.books
  const settings = await agreeOnSettings(business, options)
  const trade = planTrade(run.data, settings)
  await fillWarehouse(business, trade)
  await business.caughtUp()

  const before = { commands: tally.commands, ms: performance.now() }
  await trading({ business, trade, settings, ...run })
  const seconds = (performance.now() - before.ms) / 1000

  const evidence = { trade, settings, complete: !stop.aborted }
  const report: Report = {
    orders: trade.orders.length,
    tally,
    settings,
    startUpSeconds: before.ms / 1000,
    seconds,
    commands: tally.commands - before.commands,
    database: options.database,
    remote: options.remote,
    interrupted: stop.aborted,
    findings: audit(await gatherEvidence(business, evidence)),
  }
  return { report, tale: await tale(business, trade) }
}

async function openBusiness(options: Options, screen: Screen): Promise<Business> {
  if (!options.remote) return await openEmbedded(options)
  const { openRemote } = await import('./remote/open-remote.ts')
  return await openRemote({ ...options, say: (line) => void screen.write(`${line}\n`) })
}

/** Places the orders and waits until nothing is under way any more, or nothing moves. */
async function trading(run: {
  readonly business: Business
  readonly trade: Trade
  readonly options: Options
  readonly settings: { readonly concurrency: number }
  readonly screen: Screen
  readonly stop: AbortSignal
}): Promise<void> {
  const { business, trade, options, settings, screen, stop } = run
  using _progress = showProgress(screen, trade.orders.length, () => business.books.tally)
  using stall = watchForStall(business)
  const placed = placeOrders({
    business,
    orders: trade.orders,
    concurrency: settings.concurrency,
    ratePerSecond: options.ratePerSecond,
    stop: AbortSignal.any([stop, stall.signal]),
  }).then(() => business.settled())
  await Promise.race([placed, stall.seen])
}

async function tale({ books, historyOf }: Business, trade: Trade): Promise<string[]> {
  const number = orderToTell(trade, books.amended)
  return number === undefined ? [] : tellOrder(trade, number, await historyOf(number))
}
