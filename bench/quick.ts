import { mkdtempSync, rmSync } from 'node:fs'
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { keepInFlight, percentile } from './in-flight.ts'
import { AddSchema, tally } from './tally.ts'

const dir = mkdtempSync('/tmp/q-')
const ledger = await openLedger(dir + '/l.db', {
  thread: (process.argv[3] ?? 'worker') as 'worker',
})
await using c = await openCoordinator({ ledger, components: [tally], snapshotEvery: 0 })
const client = c.client('tally')
const { computeRoot } = await import('../src/identity/compute-root.ts')
const roots = Array.from({ length: 1000 }, (_, i) => computeRoot('tally', 'a' + i))
const inFlight = Number(process.argv[2] ?? 64)
const call = (i: number) =>
  client
    .command(roots[(i * 7) % 1000]!)
    .withMessage(AddSchema, { n: 1 })
    .execute()
await keepInFlight({ inFlight, seconds: 1, call })
const run = await keepInFlight({ inFlight, seconds: 4, call })
console.log(
  run.perSecond.toFixed(0),
  percentile(run.durations, 0.5).toFixed(2),
  percentile(run.durations, 0.99).toFixed(2),
)
await c[Symbol.asyncDispose]()
await ledger[Symbol.asyncDispose]()
rmSync(dir, { recursive: true })
