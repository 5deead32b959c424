/**
 * The books of a service: one row per trip, in its own ledger. A row says what holds and how often
 * something was done, so that an audit sees what was done twice.
 */
import type { Ledger, RowChange } from 'amends/ledger'

/** What a service knows of a trip. */
export type Entry = {
  readonly state: 'booked' | 'cancelled'
  readonly booked: number
  readonly cancelled: number
}

const BOOKINGS = 'bookings'
const NOTHING: Entry = { state: 'cancelled', booked: 0, cancelled: 0 }

/** The change that books or cancels a trip, to be stored together with the answer. */
export async function changeOf(
  ledger: Ledger,
  trip: string,
  state: Entry['state'],
): Promise<RowChange> {
  const row = await ledger.row(BOOKINGS, trip)
  const { booked, cancelled } = row === undefined ? NOTHING : entryOf(row.value)
  const entry: Entry = {
    state,
    booked: booked + (state === 'booked' ? 1 : 0),
    cancelled: cancelled + (state === 'cancelled' ? 1 : 0),
  }
  return {
    kind: 'put',
    space: BOOKINGS,
    key: trip,
    value: new TextEncoder().encode(JSON.stringify(entry)),
    expected: row?.version ?? 'absent',
  }
}

/** All trips that a service knows. */
export async function bookings(ledger: Ledger): Promise<ReadonlyMap<string, Entry>> {
  const all = new Map<string, Entry>()
  let after: string | undefined
  for (;;) {
    const rows = await ledger.rows(BOOKINGS, { after, limit: 1_000 })
    for (const { key, value } of rows) all.set(key, entryOf(value))
    after = rows.at(-1)?.key
    if (after === undefined) return all
  }
}

function entryOf(value: Uint8Array): Entry {
  // Written above.
  return JSON.parse(new TextDecoder().decode(value)) as Entry
}
