/** The trip: flight, room and car, then the money. Whatever is refused, the rest is given back. */
import { Saga } from 'amends/saga'
import type { CommittedSaga } from 'amends/saga'
import { book, type Booking, cancel, type Wish } from './requests.ts'

type Trip = Wish & {
  readonly flights?: string
  readonly hotels?: string
  readonly cars?: string
  readonly payments?: string
}

/** The saga. */
export const trip: CommittedSaga<Trip, Trip> = new Saga<Trip>('trip')
  .remoteStep((wish) => book.flights(wish), { name: 'flights' })
  .onSuccess(async (wish, reply) => ({ ...wish, flights: bookingOf(await reply.content()) }))
  .onFailure(() => cancel.flights({}))
  .remoteStep((wish) => book.hotels(wish), { name: 'hotels' })
  .onSuccess(async (wish, reply) => ({ ...wish, hotels: bookingOf(await reply.content()) }))
  .onFailure(() => cancel.hotels({}))
  .remoteStep((wish) => book.cars(wish), { name: 'cars' })
  .onSuccess(async (wish, reply) => ({ ...wish, cars: bookingOf(await reply.content()) }))
  .onFailure(() => cancel.cars({}))
  .remoteStep((wish) => book.payments(wish), { name: 'payments' })
  .onSuccess(async (wish, reply) => ({ ...wish, payments: bookingOf(await reply.content()) }))
  .onFailure(() => cancel.payments({}))
  .commit()

function bookingOf({ booking }: Booking): string {
  return booking
}

/** The trips that are asked for: the same every time. */
export function wishOf(n: number): Wish {
  return { traveller: `traveller-${n}`, nights: 1 + (n % 9), price: 100 + ((n * 37) % 1_000) }
}

/** Who refuses a trip; `undefined` when it can be booked. */
export function refusedBy({
  traveller,
  nights,
  price,
}: Wish): 'flights' | 'hotels' | 'payments' | undefined {
  if (traveller.endsWith('13')) return 'flights'
  if (nights > 7) return 'hotels'
  return price > 1_000 ? 'payments' : undefined
}
