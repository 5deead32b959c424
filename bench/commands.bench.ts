/**
 * Commands through the embedded coordinator, beside a bare loop over `node:sqlite` on the schema of
 * the ledger. Every command has an idempotency key, is looked up, decided, folded and answered after
 * the fsync.
 *
 * Not measured: handlers that wait for something, states larger than a few fields.
 */
import { computeRoot } from '../src/identity/compute-root.ts'
import type { Coordinator } from '../src/coordinator/coordinator.ts'
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import { bareLoop } from './bare-loop.ts'
import { keepInFlight, percentile, type Run } from './in-flight.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'
import { AddSchema, tally, total } from './tally.ts'

const SECONDS = 3
const WARM_UP_SECONDS = 1
const IN_FLIGHT = 64
const AGGREGATES = 1_000
const BARE = 'node:sqlite on the same schema, FULL, 100 events a transaction'

/** Commands on many aggregates and on one, and how evenly they are answered. */
export async function measureCommands(): Promise<readonly Measurement[]> {
  const bare = await bareLoop(100, SECONDS)
  const roots = Array.from({ length: AGGREGATES }, (_, i) => computeRoot('tally', `a${i}`))
  const spread = await withCoordinator((shop) => load(shop, roots, IN_FLIGHT))
  const hot = await withCoordinator((shop) => load(shop, roots.slice(0, 1), IN_FLIGHT))
  const alone = await withCoordinator((shop) => load(shop, roots, 1))
  const bareAlone = await bareLoop(1, SECONDS)
  const against = BARE
  const unit = 'commands/s'
  return [
    {
      name: 'commands.1000-aggregates',
      ours: spread.perSecond,
      baseline: bare.perSecond,
      unit,
      against,
    },
    {
      name: 'commands.one-aggregate',
      ours: hot.perSecond,
      baseline: bare.perSecond,
      unit,
      against,
    },
    {
      name: 'commands.alone',
      ours: alone.perSecond,
      baseline: bareAlone.perSecond,
      unit,
      against: 'node:sqlite on the same schema, FULL, an event a transaction',
    },
    {
      name: 'commands.p50-by-p99',
      ours: percentile(spread.durations, 0.5) * 1000,
      baseline: percentile(spread.durations, 0.99) * 1000,
      unit: 'µs',
      against: 'the 99th percentile of the same run, 64 in flight',
    },
  ]
}

/** From the answer of a command to its event in a projection. */
export async function measureReactionLag(): Promise<readonly Measurement[]> {
  return await withScratch(async (ledger) => {
    await using shop = await openCoordinator({ ledger, components: [tally, total] })
    const client = shop.client('tally')
    const lags: number[] = []
    const answers: number[] = []
    const until = performance.now() + SECONDS * 1000
    for (let i = 0; performance.now() < until; i++) {
      const begun = performance.now()
      await client
        .command(`a${i % 100}`)
        .withMessage(AddSchema, { n: 1 })
        .execute()
      const answered = performance.now()
      await shop.settled()
      lags.push(performance.now() - answered)
      answers.push(answered - begun)
    }
    const [lag, answer] = [lags, answers].map((all) => Float64Array.from(all).sort())
    const against = 'the time of the command itself'
    return [0.5, 0.99].map((share) => ({
      name: `reaction-lag.p${share * 100}`,
      ours: percentile(lag ?? new Float64Array(0), share) * 1000,
      baseline: percentile(answer ?? new Float64Array(0), share) * 1000,
      unit: 'µs',
      against,
    }))
  })
}

async function withCoordinator<T>(run: (shop: Coordinator) => Promise<T>): Promise<T> {
  return await withScratch(async (ledger) => {
    await using shop = await openCoordinator({ ledger, components: [tally] })
    return await run(shop)
  })
}

async function load(shop: Coordinator, roots: readonly string[], inFlight: number): Promise<Run> {
  const client = shop.client('tally')
  const call = (index: number): Promise<unknown> =>
    client
      .command(roots[(index * 7) % roots.length] ?? '')
      .withMessage(AddSchema, { n: 1 })
      .execute()
  await keepInFlight({ inFlight, seconds: WARM_UP_SECONDS, call })
  return await keepInFlight({ inFlight, seconds: SECONDS, call })
}
