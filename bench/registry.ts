/** The benches that `npm run bench` knows, in the order they run. */
import { measureBus } from './bus.bench.ts'
import { measureCodecs } from './codecs.bench.ts'
import { measureCommands, measureReactionLag } from './commands.bench.ts'
import { measureGrpc } from './grpc.bench.ts'
import { measureLedger } from './measure-ledger.ts'
import type { Bench } from './measurement.ts'
import { measureMemory } from './memory.bench.ts'
import { measureOrderBook } from './order-book.bench.ts'
import { measureLongStreams } from './rebuild.bench.ts'
import { measureSagas } from './sagas.bench.ts'
import { measureRemoteComponents, measureServedReads, measureServer } from './server.bench.ts'
import { measureSnapshots } from './snapshots.bench.ts'
import { measureStart } from './start.bench.ts'
import { measureWaitingSagas } from './waiting-sagas.bench.ts'
import { measureWorkflow } from './workflow.bench.ts'

/** All benches. */
export const benches: readonly Bench[] = [
  { name: 'ledger', measure: measureLedger },
  { name: 'commands', measure: measureCommands },
  { name: 'reaction-lag', measure: measureReactionLag },
  { name: 'rebuild', measure: measureLongStreams },
  { name: 'snapshots', measure: measureSnapshots },
  { name: 'order-book', measure: measureOrderBook },
  { name: 'workflow', measure: measureWorkflow },
  { name: 'sagas', measure: measureSagas },
  { name: 'bus', measure: measureBus },
  { name: 'codecs', measure: measureCodecs },
  { name: 'waiting-sagas', measure: measureWaitingSagas },
  { name: 'grpc', measure: measureGrpc },
  { name: 'server', measure: measureServer },
  { name: 'remote-components', measure: measureRemoteComponents },
  { name: 'served-reads', measure: measureServedReads },
  { name: 'start', measure: measureStart },
  { name: 'memory', measure: measureMemory },
]
