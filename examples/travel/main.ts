/**
 * A travel agency of five processes over RabbitMQ. Trips are booked with an airline, a hotel, a car
 * rental and a bank, each a service with books of its own; some of them say no, and any process may
 * be killed at any moment. At the end the books are audited.
 *
 *     node main.js --url amqp://localhost                 100 trips
 *     node main.js --url amqp://localhost --kills 10      and so many processes killed meanwhile
 *     node main.js --trips 1000 --folder books            how many, and where the books are kept
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { audit } from './audit.ts'
import { orchestrate } from './orchestrate.ts'
import { SERVICES } from './requests.ts'
import { serve } from './serve.ts'
import { ROLES, TravelAgency } from './travel-agency.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'amqp://localhost' },
    trips: { type: 'string', default: '100' },
    kills: { type: 'string', default: '0' },
    folder: { type: 'string' },
    role: { type: 'string' },
  },
})
const { url, role } = values
const trips = Number(values.trips)
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'travel-'))

await (role === undefined ? runAgency(Number(values.kills)) : runRole(role))

async function runRole(name: string): Promise<void> {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`)
  const stopped = Promise.withResolvers<void>()
  // Whoever started it closes its input when it is to stop, or is gone.
  process.stdin.resume().on('end', () => {
    if (name === 'orchestrator') process.exit(1)
    stopped.resolve()
  })
  const service = SERVICES.find((one) => one === name)
  if (service !== undefined) {
    await serve({ service, url, folder, stopped: stopped.promise, say })
    return
  }
  await orchestrate({ url, folder, trips, say })
  process.stdin.destroy()
}

async function runAgency(kills: number): Promise<void> {
  const moments = new Set(
    Array.from({ length: kills }, (_, n) => Math.floor((trips * (n + 0.5)) / kills)),
  )
  let seen = 0
  const agency = new TravelAgency({
    program: fileURLToPath(import.meta.url),
    url,
    folder,
    trips,
    progress: (ended) => {
      if (ended <= seen) return
      seen = ended
      if (ended % 100 === 0) console.log(`${ended} of ${trips} trips have ended`)
      const victim = ROLES[Math.floor(Math.random() * ROLES.length)]
      if (moments.has(ended) && victim !== undefined && agency.kill(victim)) {
        console.log(`${victim} is killed after ${ended} trips`)
      }
    },
  })
  {
    await using open = agency
    await open.open()
    await open.done
  }
  const { findings, ...counts } = await audit(folder, trips)
  console.log(JSON.stringify(counts))
  for (const finding of findings) console.error(finding)
  process.exitCode = findings.length === 0 ? 0 : 1
}
