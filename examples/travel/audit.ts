/**
 * What must hold when all trips have ended: who travels has all four bookings, who does not has
 * none, and nothing was done twice.
 */
import { readFileSync } from 'node:fs'
import { openLedger } from 'amends/ledger'
import { bookings } from './bookings.ts'
import { endsFile, type TripEnd } from './orchestrate.ts'
import { SERVICES } from './requests.ts'
import { ledgerOf } from './serve.ts'
import { refusedBy, wishOf } from './trip.ts'

/** What was found. */
export type Audit = {
  readonly trips: number
  readonly booked: number
  readonly undone: number
  /** Trips that were undone although nobody refused them: the broker was away for too long, say. */
  readonly unlucky: number
  /** What should not be. */
  readonly findings: readonly string[]
}

/** Reads all books. The services must have stopped. */
export async function audit(folder: string, trips: number): Promise<Audit> {
  // Written by the orchestrator.
  const ends = JSON.parse(readFileSync(endsFile(folder), 'utf8')) as readonly TripEnd[]
  const findings: string[] = []
  const travelling = new Set<string>()
  let unlucky = 0
  for (const { id, forward, backward, failure, open } of ends) {
    const refusal = refusedBy(wishOf(Number(id.slice('trip-'.length))))
    const how = `${forward}/${backward}`
    if (open > 0 || !['completed/not-needed', 'failed/done', 'failed/not-needed'].includes(how)) {
      findings.push(`${id} is ${how} with ${open} open items`)
    } else if (forward === 'completed') {
      travelling.add(id)
      if (refusal !== undefined) findings.push(`${id} travels although ${refusal} refuses it`)
    } else if (refusal === undefined) {
      unlucky++
      if (!AWAY.includes(failure)) findings.push(`${id} failed with ${failure}`)
    }
  }
  if (new Set(ends.map(({ id }) => id)).size !== trips) findings.push(`${ends.length} ends`)
  for (const service of SERVICES) {
    await using ledger = await openLedger(ledgerOf(folder, service))
    const entries = await bookings(ledger)
    for (const [id, { state, booked, cancelled }] of entries) {
      if (booked > 1 || cancelled > 1)
        findings.push(`${service} ${id}: ${booked}, ${cancelled} times`)
      if (state === 'booked' && !travelling.has(id)) findings.push(`${service} still has ${id}`)
    }
    for (const id of travelling) {
      if (entries.get(id)?.state !== 'booked') findings.push(`${service} does not have ${id}`)
    }
  }
  return {
    trips,
    booked: travelling.size,
    undone: ends.length - travelling.size,
    unlucky,
    findings,
  }
}

/** What a trip may fail with because the broker was away. */
const AWAY: readonly string[] = ['BUS_UNREACHABLE', 'BUS_OVERLOADED', 'SEND_OUTCOME_UNKNOWN']
