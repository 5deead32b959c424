/** The proofs that `npm run prove` knows. A slice of each runs in `npm test`. */
import { proveBroker } from '../broker/prove-broker.ts'
import { CRASH_POINT_RUNS, proveCrashPoints } from '../saga/prove-crash-points.ts'
import { proveRandomSagas, RANDOM_SAGA_RUNS } from '../saga/prove-random-sagas.ts'
import { proveCompetingSagas } from '../saga/prove-competing-sagas.ts'
import { proveKills, type KillCounts } from './kills.ts'
import type { Counts, Proof } from './proof.ts'
import { proveRemoteKills, type RemoteKillCounts } from './remote-kills.ts'
import { soak } from './soak/soak.ts'

/** All proofs. */
export const proofs: readonly Proof[] = [
  {
    name: 'kills',
    claim: 'An order book that is killed at any moment and continued ends with clean books.',
    runs: 50,
    prove: (options) => proveKills({ ...options, resume: asKillCounts(options.resume) }),
  },
  {
    name: 'remote-kills',
    claim:
      'An order book over three processes, any of which is killed at any moment, ends with clean books.',
    runs: 20,
    prove: (options) => proveRemoteKills({ ...options, resume: asRemoteCounts(options.resume) }),
  },
  {
    name: 'soak',
    claim:
      'Minutes of mixed load at 80 percent of the peak leave memory and latency of a served coordinator flat.',
    runs: 10,
    // A run is a minute; they are of one piece, so that nothing is resumed.
    prove: ({ runs, ...options }) =>
      soak({ ...options, seconds: 60 * runs, peakSeconds: 30, everySeconds: 10 }),
  },
  {
    name: 'crash-points',
    claim: 'A saga that is crashed at any of its commits ends well.',
    runs: CRASH_POINT_RUNS,
    prove: proveCrashPoints,
  },
  {
    name: 'random-sagas',
    claim: 'A saga of chance that is crashed, cancelled and fed a faulty bus ends as it must.',
    runs: RANDOM_SAGA_RUNS,
    prove: proveRandomSagas,
  },
  {
    name: 'competing-sagas',
    claim:
      'Isolated sagas that compete for ten accounts never show, or spend, what is not decided; nor when they are crashed.',
    runs: 1000,
    prove: proveCompetingSagas,
  },
  {
    name: 'broker',
    claim:
      'Five processes over RabbitMQ, killed at any moment like their broker, end with exact books.',
    runs: 1000,
    prove: proveBroker,
  },
]

function asKillCounts(counts: Counts | undefined): KillCounts | undefined {
  if (counts === undefined) return undefined
  const { runs = 0, inTheMiddle = 0, killedAgain = 0, clean = 0 } = counts
  return { runs, inTheMiddle, killedAgain, clean }
}

function asRemoteCounts(counts: Counts | undefined): RemoteKillCounts | undefined {
  if (counts === undefined) return undefined
  const { runs = 0, serve = 0, components = 0, driver = 0, killedAgain = 0, clean = 0 } = counts
  return { runs, serve, components, driver, killedAgain, clean }
}
