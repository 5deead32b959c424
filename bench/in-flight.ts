/** Keeps a number of calls under way until the time is up. */

/** What came of it: calls per second, and how long each took. */
export type Run = {
  readonly perSecond: number
  readonly calls: number
  /** Milliseconds, ascending. */
  readonly durations: Float64Array
}

/** Calls `call` again and again, `inFlight` at a time. */
export async function keepInFlight(options: {
  readonly inFlight: number
  readonly seconds: number
  readonly call: (index: number) => Promise<unknown>
}): Promise<Run> {
  const { inFlight, seconds, call } = options
  const durations: number[] = []
  const started = performance.now()
  const until = started + seconds * 1000
  let next = 0
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const begun = performance.now()
      await call(next++)
      durations.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  const elapsed = (performance.now() - started) / 1000
  const sorted = Float64Array.from(durations).sort()
  return { perSecond: sorted.length / elapsed, calls: sorted.length, durations: sorted }
}

/** The value below which a share of the durations lies. */
export function percentile(durations: Float64Array, share: number): number {
  return durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? 0
}
