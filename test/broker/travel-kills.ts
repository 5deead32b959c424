/**
 * The proof by killing, over RabbitMQ: the travel agency books trips in five processes; processes and
 * the broker are killed meanwhile, at moments from a seeded generator; at the end the books must be
 * exact.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Audit, audit } from '../../examples/travel/audit.ts'
import { type Role, ROLES, TravelAgency } from '../../examples/travel/travel-agency.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import type { RabbitMq } from '../servers/rabbitmq.ts'

const PROGRAM = fileURLToPath(new URL('../../examples/travel/main.js', import.meta.url))

/** What a proof needs to know. */
export type TravelKills = {
  readonly server: RabbitMq
  readonly trips: number
  /** Kills of processes: each in turn, from the orchestrator on. */
  readonly kills: number
  /** Crashes of the broker. */
  readonly crashes: number
  readonly seed: number
  readonly report?: ((line: string) => void) | undefined
}

/** What came of it. */
export type TravelProof = {
  readonly audit: Audit
  /** Processes that were killed, and how often the broker was. */
  readonly killed: readonly Role[]
  readonly crashed: number
}

/** What happens when so many trips have ended. */
type Blow = { readonly at: number; readonly victim: Role | 'broker' }

/** Books the trips, kills, and audits. */
export async function killTravel(options: TravelKills): Promise<TravelProof> {
  const { server, trips, report } = options
  const folder = mkdtempSync(join(tmpdir(), 'amends-travel-'))
  const blows = blowsOf(options)
  const killed: Role[] = []
  let crashes = Promise.resolve()
  let crashed = 0
  const strike = ({ at, victim }: Blow): boolean => {
    if (victim !== 'broker' && !agency.kill(victim)) return false
    report?.(`${victim} is killed after ${at} trips`)
    if (victim !== 'broker') killed.push(victim)
    else crashes = crashes.then(() => restart(server)).then(() => void crashed++)
    return true
  }
  const agency = new TravelAgency({
    program: PROGRAM,
    url: server.url,
    folder,
    trips,
    progress: (ended) => {
      const [blow] = blows
      // Who is being started just now is killed a little later.
      if (blow !== undefined && ended >= blow.at && strike(blow)) blows.shift()
    },
  })
  try {
    {
      await using open = agency
      await open.open()
      await open.done
      await crashes
    }
    return { audit: await audit(folder, trips), killed, crashed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function restart(server: RabbitMq): Promise<void> {
  await server.crash()
  await server.start()
}

/** Spread over the trips, each at a moment of its own. */
function blowsOf({ trips, kills, crashes, seed }: TravelKills): Blow[] {
  const random = seededRandom(seed)
  const victims: Blow['victim'][] = Array.from(
    { length: kills },
    (_, n) => ROLES.at(-1 - (n % ROLES.length)) ?? 'orchestrator',
  )
  for (let n = 0; n < crashes; n++) {
    victims.splice(Math.floor(((n + 0.5) * victims.length) / crashes), 0, 'broker')
  }
  // The last part is left alone, so that everybody is hit before the end.
  const part = (trips * 0.9) / victims.length
  return victims.map((victim, n) => ({ at: Math.floor((n + random.fraction()) * part), victim }))
}
