/**
 * Series at hand by one or two labels, so that counting builds no key. Bounded: what comes beyond
 * `limits.metricSeriesMax` is looked up in its metric each time, which counts it as `other`.
 */
import { limits } from '../../limits.ts'

/** See the top of this file. */
export class KeptSeries<S> {
  readonly #make: (one: string, two: string) => S
  readonly #kept = new Map<string, Map<string, S>>()
  #size = 0

  constructor(make: (one: string, two: string) => S) {
    this.#make = make
  }

  /** The series of these labels. */
  of(one: string, two = ''): S {
    return this.#kept.get(one)?.get(two) ?? this.#found(one, two)
  }

  #found(one: string, two: string): S {
    const made = this.#make(one, two)
    if (this.#size >= limits.metricSeriesMax) return made
    this.#size++
    const under = this.#kept.get(one)
    if (under === undefined) this.#kept.set(one, new Map([[two, made]]))
    else under.set(two, made)
    return made
  }
}
