import { Saga, handle, openSagaManager, refuse, requestType } from 'amends/saga'

const bookFlight = requestType<{ who: string }, { flight: string }>('flights.book')
const cancelFlight = requestType<{ flight: string }>('flights.cancel')
const bookRoom = requestType<{ nights: number }, { room: string }>('hotel.book')

const bookTrip = new Saga<{ who: string; nights: number }>('book-trip')
  .remoteStep((trip) => bookFlight({ who: trip.who }))
  .onSuccess(async (trip, response) => ({ ...trip, ...(await response.content()) }))
  .onFailure((trip) => (trip.flight ? cancelFlight({ flight: trip.flight }) : undefined))
  .remoteStep((trip) => bookRoom({ nights: trip.nights }))
  .onSuccess(async (trip, response) => ({ ...trip, ...(await response.content()) }))
  .commit()

const participants = [
  handle(bookFlight, ({ who }) => ({ flight: `LX-${who}` })),
  handle(cancelFlight, ({ flight }) => console.log('cancelled', flight)),
  handle(bookRoom, ({ nights }) => (nights > 7 ? refuse('no room') : { room: '12' })),
]
const definitions = [bookTrip]
await using sagas = await openSagaManager({ ledger: 'trips.db', definitions, participants })
const trip = await sagas.run(bookTrip, { who: 'ada', nights: 9 }, { id: 'trip-1' })
console.log(trip.forward === 'completed' ? trip.context.room : trip.undone) // [ 'flights.cancel' ]
