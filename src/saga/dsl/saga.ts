/**
 * `Saga`: how orchestrated sagas are written (Minos saga: `Saga`).
 *
 * ```ts
 * const bookTrip = new Saga<{ who: string }>('book-trip')
 *   .remoteStep((trip) => bookFlight({ who: trip.who }))
 *   .onSuccess(async (trip, response) => ({ ...trip, ...(await response.content()) }))
 *   .onFailure((trip) => (trip.flight ? cancelFlight({ flight: trip.flight }) : undefined))
 *   .commit()
 * ```
 */
import type { SagaConstructor, SagaDraft } from './chain.ts'
import { SagaBuilder } from './saga-builder.ts'

/** How orchestrated sagas are written. See the methods of {@link SagaDraft}. */
// The builder knows nothing of contexts; these are the types that make them grow.
export const Saga: SagaConstructor = SagaBuilder as unknown as SagaConstructor

/** A saga that is being written: it starts with an `In`. */
export type Saga<In extends object = Record<never, never>> = SagaDraft<In, In>
