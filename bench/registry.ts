/** The benches that `npm run bench` knows, in the order they run. */
import type { Bench } from './measurement.ts'

/** All benches. */
export const benches: readonly Bench[] = []
