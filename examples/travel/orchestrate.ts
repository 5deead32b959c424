/** The process that books trips: so many of them, a few at a time. It may be killed at any moment. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAmqpBus } from 'amends/participant'
import { openSagaManager } from 'amends/saga'
import { ledgerOf } from './serve.ts'
import { trip, wishOf } from './trip.ts'

/** How a trip ended. */
export type TripEnd = {
  readonly id: string
  readonly forward: string
  readonly backward: string
  /** Codes of what failed it; '' when nothing did. */
  readonly failure: string
  readonly open: number
}

/** Where the ends are written when all trips have ended. */
export function endsFile(folder: string): string {
  return join(folder, 'ends.json')
}

/** Books the trips. What an earlier process has begun goes on; what has ended is answered at once. */
export async function orchestrate(options: {
  readonly url: string
  readonly folder: string
  readonly trips: number
  readonly say: (line: string) => void
}): Promise<void> {
  const { url, folder, trips, say } = options
  await using bus = await openAmqpBus({ url })
  await using sagas = await openSagaManager({
    ledger: ledgerOf(folder, 'travel'),
    definitions: [trip],
    service: 'travel',
    bus,
    // The lease of a process that was killed is looked for often.
    limits: { leaseRenewalMs: 100 },
  })
  say('serving')
  const ends: TripEnd[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < trips) {
      const n = next++
      const { id, forward, backward, failure, items } = await sagas.run(trip, wishOf(n), {
        id: `trip-${n}`,
      })
      ends.push({ id, forward, backward, failure: failure?.code ?? '', open: items.length })
      say(`ended ${ends.length}`)
    }
  }
  await Promise.all(Array.from({ length: TRIPS_AT_A_TIME }, lane))
  writeFileSync(endsFile(folder), JSON.stringify(ends))
}

const TRIPS_AT_A_TIME = 32
