/**
 * Long streams: folding them anew, and sending them commands while they are warm.
 *
 * Not measured: snapshots, which make the first of these shorter.
 */
import { DatabaseSync } from 'node:sqlite'
import { localAggregate } from '../src/coordinator/local-aggregate.ts'
import { loadState } from '../src/coordinator/load-state.ts'
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import { upcasting } from '../src/coordinator/upcast-event.ts'
import { computeRoot } from '../src/identity/compute-root.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { bestOfTurns } from './best-of-turns.ts'
import { keepInFlight } from './in-flight.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'
import { AddSchema, tally } from './tally.ts'

const SIZES = [10_000, 100_000]
/** Turns that ours and the baseline take. */
const TURNS = 8
const WARM_SECONDS = 0.4

/** Folds of 10,000 and 100,000 events, and commands on a stream that long. */
export async function measureLongStreams(): Promise<readonly Measurement[]> {
  return await withScratch(async (path) => {
    const measurements: Measurement[] = []
    for (const size of SIZES) {
      await fill(path, `long-${size}`, size)
      measurements.push(await rebuild(path, size))
    }
    measurements.push(await warm(path, 'long-100000'))
    return measurements
  })
}

async function fill(path: string, key: string, events: number): Promise<void> {
  await using shop = await openCoordinator({ ledger: path, components: [tally] })
  const client = shop.client('tally')
  let sent = 0
  const lane = async (): Promise<void> => {
    while (sent < events) {
      sent++
      await client.command(key).withMessage(AddSchema, { n: 1 }).execute()
    }
  }
  await Promise.all(Array.from({ length: 512 }, lane))
}

async function rebuild(path: string, size: number): Promise<Measurement> {
  await using ledger = await openLedger(path)
  using rows = openRows(path)
  const root = computeRoot('tally', `long-${size}`)
  const key = { domain: 'tally', edition: '', root }
  const endpoint = localAggregate(tally.definition)
  const load = (): Promise<unknown> => loadState({ ledger, key, endpoint, upcast: upcasting([]) })
  const best = await bestOfTurns({
    ours: () => timed(size, load),
    baseline: () => timed(size, () => rows.read(size)),
    turns: TURNS,
  })
  return {
    name: `rebuild.${size}`,
    ...best,
    unit: 'events/s',
    against: 'node:sqlite reading the rows of the events table, one array each',
  }
}

/** How fast this machine reads rows of the size of an event. */
function openRows(path: string): Disposable & { read: (size: number) => unknown } {
  const db = new DatabaseSync(path, { readOnly: true })
  const read = db.prepare('SELECT position, stream, sequence, record FROM events LIMIT ?')
  read.setReturnArrays(true)
  return { read: (size) => read.all(size), [Symbol.dispose]: () => db.close() }
}

async function timed(events: number, work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return (events * 1000) / (performance.now() - started)
}

async function warm(path: string, key: string): Promise<Measurement> {
  await using shop = await openCoordinator({ ledger: path, components: [tally] })
  const client = shop.client('tally')
  const rate = async (root: string): Promise<number> => {
    const call = (): Promise<unknown> =>
      client.command(root).withMessage(AddSchema, { n: 1 }).execute()
    return (await keepInFlight({ inFlight: 1, seconds: WARM_SECONDS, call })).perSecond
  }
  const best = await bestOfTurns({
    ours: () => rate(key),
    baseline: () => rate('empty'),
    turns: TURNS,
  })
  return {
    name: 'warm.100000',
    ...best,
    unit: 'commands/s',
    against: 'a command on an aggregate that began empty',
  }
}
