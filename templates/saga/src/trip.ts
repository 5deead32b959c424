/** An orchestrated saga: requests to services, handlers of their replies, and what undoes them. */
import { handle, refuse, requestType, Saga } from 'amends/saga'

const bookFlight = requestType<{ who: string }, { flight: string }>('flights.book')
const cancelFlight = requestType<{ flight: string }>('flights.cancel')
const bookRoom = requestType<{ nights: number }, { room: string }>('hotel.book')

export const bookTrip = new Saga<{ readonly who: string; readonly nights: number }>('book-trip')
  .remoteStep((trip) => bookFlight({ who: trip.who }))
  .onSuccess(async (trip, response) => ({ ...trip, ...(await response.content()) }))
  .onFailure((trip) => (trip.flight ? cancelFlight({ flight: trip.flight }) : undefined))
  .remoteStep((trip) => bookRoom({ nights: trip.nights }))
  .onSuccess(async (trip, response) => ({ ...trip, ...(await response.content()) }))
  .commit()

/** The services, in this process for a start. */
export const participants = [
  handle(bookFlight, ({ who }) => ({ flight: `LX-${who}` })),
  handle(cancelFlight, ({ flight }) => console.log('cancelled', flight)),
  handle(bookRoom, ({ nights }) => (nights > 7 ? refuse('no room') : { room: '12' })),
]
