/** `npm run prove broker`: the proof by killing over RabbitMQ, at full size. A run is a trip. */
import type { ProofOptions, ProofResult } from '../prove/proof.ts'
import { startRabbitMq } from '../servers/rabbitmq.ts'
import { killTravel } from './travel-kills.ts'

/** One process is killed for so many trips, and the broker for so many. */
const TRIPS_PER_KILL = 50
const TRIPS_PER_CRASH = 250

/** Books so many trips. It is not resumed: one audit covers all of them. */
export async function proveBroker({ runs, seed, report }: ProofOptions): Promise<ProofResult> {
  const rabbit = await startRabbitMq()
  if (rabbit.kind === 'missing') return { ok: false, counts: {}, findings: [rabbit.skip] }
  await using server = rabbit.server
  const kills = Math.max(5, Math.floor(runs / TRIPS_PER_KILL))
  const crashes = Math.max(1, Math.floor(runs / TRIPS_PER_CRASH))
  const { audit, killed, crashed } = await killTravel({
    server,
    trips: runs,
    kills,
    crashes,
    seed,
    report,
  })
  const { findings, trips, booked, undone, unlucky } = audit
  const counts = { trips, booked, undone, unlucky, killed: killed.length, crashed }
  const isHit = killed.length === kills && crashed === crashes
  return { ok: findings.length === 0 && isHit, counts, findings }
}
