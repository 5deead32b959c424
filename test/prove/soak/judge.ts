/**
 * Judges a soak: whether memory and latency stayed flat.
 *
 * 1. Memory, after garbage collection: over the last two thirds of the time, the slope of the line of
 *    least squares is below 2 percent of the mean per minute. For resident and heap memory of each
 *    process.
 * 2. Latency: the median over the samples of the last third is at most 1.5 times that of the second
 *    third and 5 ms for p50, and at most twice that and 20 ms for p99. For calls and whole orders.
 */

/** Latencies of one sample, in milliseconds. */
export type Latency = { readonly p50Ms: number; readonly p99Ms: number }

/** What was seen in a stretch of time. Memory is in bytes. */
export type SoakSample = {
  /** When it was taken, from the beginning of the load. */
  readonly second: number
  readonly memory: Readonly<Record<string, number>>
  readonly latency: Readonly<Record<string, Latency>>
}

/** Percent of the mean that memory may grow in a minute. */
export const GROWTH_PERCENT_MAX = 2

/** Everything that was not flat. */
export function judgeSoak(samples: readonly SoakSample[]): readonly string[] {
  const third = Math.floor(samples.length / 3)
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)]
  const [first] = samples
  if (first === undefined || third < 2) return [`${samples.length} samples are too few to judge`]
  const findings: string[] = []
  for (const name of Object.keys(first.memory)) {
    const growth = growthPercent(samples.slice(third), name)
    if (growth < GROWTH_PERCENT_MAX) continue
    findings.push(`${name} grows by ${growth.toFixed(2)} percent a minute`)
  }
  for (const name of Object.keys(first.latency)) {
    for (const [which, times, moreMs] of BOUNDS) {
      const before = median(middle.map(({ latency }) => latency[name]?.[which] ?? 0))
      const after = median(last.map(({ latency }) => latency[name]?.[which] ?? 0))
      if (after <= before * times + moreMs) continue
      findings.push(`${which} of ${name} rose from ${before.toFixed(1)} to ${after.toFixed(1)}`)
    }
  }
  return findings
}

const BOUNDS = [
  ['p50Ms', 1.5, 5],
  ['p99Ms', 2, 20],
] as const

/** How much memory grows in a minute, in percent of its mean. */
export function growthPercent(samples: readonly SoakSample[], name: string): number {
  const values = samples.map(({ memory }) => memory[name] ?? 0)
  const minutes = samples.map(({ second }) => second / 60)
  const [x, y] = [mean(minutes), mean(values)]
  const spread = minutes.reduce((sum, minute) => sum + (minute - x) ** 2, 0)
  const together = minutes.reduce(
    (sum, minute, at) => sum + (minute - x) * ((values[at] ?? 0) - y),
    0,
  )
  return y === 0 || spread === 0 ? 0 : (100 * together) / spread / y
}

/** Latencies of so many milliseconds; nothing happened in none. */
export function latencyOf(durationsMs: readonly number[]): Latency {
  const sorted = durationsMs.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

function median(values: readonly number[]): number {
  return latencyOf(values).p50Ms
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
