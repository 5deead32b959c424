/**
 * Sagas through the durable manager, beside a bare loop over `node:sqlite` on the schema of the
 * ledger. Three local steps with results of about 120 bytes; each step is on disk before the next one
 * begins. Failing ones fail at the third step and undo two.
 *
 * Not measured: steps that wait for something, remote steps, contexts of many fields.
 */
import { refuse } from '../src/machine/refusal.ts'
import { openSagaManager } from '../src/saga/manager/open-saga-manager.ts'
import type { SagaManager } from '../src/saga/manager/saga-manager.ts'
import { Saga } from '../src/saga/dsl/saga.ts'
import { bareLoop } from './bare-loop.ts'
import { keepInFlight, percentile, type Run } from './in-flight.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'

const SECONDS = 3
const WARM_UP_SECONDS = 1
/** Entries of a saga of three steps. */
const ENTRIES = 4

type Order = { readonly sku: string }

const payload = (step: string): string => step.padEnd(110, '.')

/** Three steps that leave 120 bytes each. */
export const completing = new Saga<Order>('completing')
  .localStep((order) => ({ ...order, reserved: payload('reserved') }), { name: 'reserve' })
  .onFailure(() => undefined)
  .localStep((order) => ({ ...order, charged: payload('charged') }), { name: 'charge' })
  .onFailure(() => undefined)
  .localStep((order) => ({ ...order, shipped: payload('shipped') }), { name: 'ship' })
  .commit()

/** The same, refused at the third step. */
export const failing = new Saga<Order>('failing')
  .localStep((order) => ({ ...order, reserved: payload('reserved') }), { name: 'reserve' })
  .onFailure(() => undefined)
  .localStep((order) => ({ ...order, charged: payload('charged') }), { name: 'charge' })
  .onFailure(() => undefined)
  .localStep(
    () => {
      throw refuse('no carrier')
    },
    { name: 'ship' },
  )
  .commit()

/** Sagas per second, alone and many at a time, succeeding and failing. */
export async function measureSagas(): Promise<readonly Measurement[]> {
  // A lone caller runs few sagas in a second: without this it would be measured while its code is
  // still being compiled.
  for (const saga of [completing, failing]) await withSagas((sagas) => load(sagas, saga, 64))
  const one = await bareLoop(1, SECONDS)
  const hundred = await bareLoop(100, SECONDS)
  const runs = new Map<string, Run>()
  for (const inFlight of [1, 16, 64, 256]) {
    for (const saga of [completing, failing]) {
      runs.set(`${saga.name}-${inFlight}`, await withSagas((sagas) => load(sagas, saga, inFlight)))
    }
  }
  const run = (name: string): Run => runs.get(name) ?? { perSecond: 0, calls: 0, durations: NONE }
  const unit = 'sagas/s'
  const many = [16, 64, 256].map((inFlight) => ({
    name: `sagas.${inFlight}-in-flight`,
    ours: run(`completing-${inFlight}`).perSecond,
    baseline: hundred.perSecond / ENTRIES,
    unit,
    against: 'node:sqlite on the same schema, FULL, 100 events a transaction; a quarter of it',
  }))
  const failed = [1, 16, 64, 256].map((inFlight) => ({
    name: `sagas.failing-by-completing-${inFlight}`,
    ours: run(`failing-${inFlight}`).perSecond,
    baseline: run(`completing-${inFlight}`).perSecond,
    unit,
    against: 'the same sagas when they complete',
  }))
  const { durations } = run('completing-64')
  return [
    {
      name: 'sagas.alone',
      ours: run('completing-1').perSecond,
      baseline: one.perSecond / ENTRIES,
      unit,
      against: 'node:sqlite on the same schema, FULL, an event a transaction; a quarter of it',
    },
    ...many,
    ...failed,
    {
      name: 'sagas.p50-by-p99',
      ours: percentile(durations, 0.5) * 1000,
      baseline: percentile(durations, 0.99) * 1000,
      unit: 'µs',
      against: 'the 99th percentile of the same run, 64 in flight',
    },
  ]
}

const NONE = new Float64Array(0)

async function withSagas<T>(run: (sagas: SagaManager) => Promise<T>): Promise<T> {
  return await withScratch(async (ledger) => {
    await using sagas = await openSagaManager({ ledger, definitions: [completing, failing] })
    return await run(sagas)
  })
}

async function load(
  sagas: SagaManager,
  saga: typeof completing | typeof failing,
  inFlight: number,
): Promise<Run> {
  const wanted = saga === completing ? 'not-needed' : 'done'
  const call = async (index: number): Promise<void> => {
    const { backward } = await sagas.run(saga, { sku: `s-${index}` })
    if (backward !== wanted) throw new Error(`ended ${backward}`)
  }
  await keepInFlight({ inFlight, seconds: WARM_UP_SECONDS, call })
  return await keepInFlight({ inFlight, seconds: SECONDS, call })
}
