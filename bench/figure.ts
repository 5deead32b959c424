/** What a bench reports: one row of the table. */

/** One measured figure, with the figure it is compared to. */
export type Figure = {
  /** What was measured, in words. */
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The figure beside which this one stands. */
  readonly baseline?: { readonly name: string; readonly value: number } | undefined
  /** `value` over the baseline, or its inverse where less is better; higher is better. */
  readonly ratio?: number | undefined
  /** Name of its floor in `floors.json`; without one it is only shown. */
  readonly gate?: string | undefined
  /** Whatever else belongs to it: commits, fsync mode, memory. */
  readonly facts?: Readonly<Record<string, number | string>> | undefined
}

/** How long to measure, and how much to make. */
export type BenchOptions = { readonly seconds: number }

/** Megabytes of memory this process holds. */
export function residentMegabytes(): number {
  return Math.round(process.memoryUsage().rss / 1_048_576)
}
