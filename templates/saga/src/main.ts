/** Books two trips; the second finds no room, so its flight is cancelled. */
import { openSagaManager } from 'amends/saga'
import { bookTrip, participants } from './trip.ts'

const definitions = [bookTrip]
await using sagas = await openSagaManager({ ledger: 'trips.db', definitions, participants })
for (const [id, nights] of [
  ['trip-1', 2],
  ['trip-2', 9],
] as const) {
  const trip = await sagas.run(bookTrip, { who: 'ada', nights }, { id })
  if (trip.forward === 'completed') console.log(id, trip.context.flight, trip.context.room)
  else console.log(id, trip.failure?.message, trip.undone)
}
