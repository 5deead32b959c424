import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import type { Ledger, Outcome, Write } from '../src/ledger/ledger.ts'
import { computeRoot } from '../src/identity/compute-root.ts'
import { keepInFlight } from './in-flight.ts'
import { AddSchema, tally } from './tally.ts'
let number = 0, position = 0
const empty = async function* () {}
const ledger: Ledger = {
  commit: (write: Write): Promise<Outcome> => {
    number++
    const appends = (write.appends ?? []).map((a) => { const p = position + 1; position += a.events.length; return { key: a.key, from: a.at, count: a.events.length, position: p } })
    return Promise.resolve({ kind: 'committed', id: write.id, number, recordedAt: 0n, appends })
  },
  find: async () => undefined, claimed: async () => undefined, stream: empty as never, head: async () => 0, snapshot: async () => undefined,
  log: empty as never, tip: async () => position, byCorrelation: empty as never, streams: empty as never, row: async () => undefined, rows: async () => [], foreignWrites: () => 0, location: '', [Symbol.asyncDispose]: async () => {},
}
const c = await openCoordinator({ ledger, components: [tally], snapshotEvery: 0 })
const client = c.client('tally')
const roots = Array.from({ length: 1000 }, (_, i) => computeRoot('tally', 'a' + i))
const call = (i: number) => client.command(roots[(i * 7) % 1000]!).withMessage(AddSchema, { n: 1 }).execute()
await keepInFlight({ inFlight: 64, seconds: 1.5, call })
const t0 = process.cpuUsage()
const run = await keepInFlight({ inFlight: 64, seconds: 3, call })
const t1 = process.cpuUsage(t0)
console.log(run.perSecond.toFixed(0), 'per s;', ((t1.user + t1.system) / run.calls).toFixed(1), 'cpu us per command')
process.exit(0)
