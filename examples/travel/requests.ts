/** What the services of a trip are asked, and what undoes it. */
import { requestType } from 'amends/saga'

/** What a trip is booked with. */
export type Wish = {
  readonly traveller: string
  readonly nights: number
  readonly price: number
}

/** A place that was booked. */
export type Booking = { readonly booking: string }

/** The four services. */
export const SERVICES = ['flights', 'hotels', 'cars', 'payments'] as const

/** One of them. */
export type Service = (typeof SERVICES)[number]

/** Books a seat, a room or a car, or takes the money. */
export const book = {
  flights: requestType<Wish, Booking>('flights.book'),
  hotels: requestType<Wish, Booking>('hotels.book'),
  cars: requestType<Wish, Booking>('cars.book'),
  payments: requestType<Wish, Booking>('payments.charge'),
} as const

/** Undoes it, also when nobody knows whether it has happened. */
export const cancel = {
  flights: requestType<object>('flights.cancel'),
  hotels: requestType<object>('hotels.cancel'),
  cars: requestType<object>('cars.cancel'),
  payments: requestType<object>('payments.refund'),
} as const
