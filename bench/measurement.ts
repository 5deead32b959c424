/** What a bench measures: our figure and a baseline's, taken in turn in one run. */

/** One comparison. Its ratio, ours by baseline, is what gates look at. */
export type Measurement = {
  /** Names the ratio in `floors.json`: `append.batch-100`. */
  readonly name: string
  readonly ours: number
  readonly baseline: number
  /** Of both figures: `events/s`. */
  readonly unit: string
  /** What the baseline is: `node:sqlite, FULL, one transaction per event`. */
  readonly against: string
}

/** One bench: a round of all its measurements. */
export type Bench = {
  readonly name: string
  readonly measure: () => Promise<readonly Measurement[]>
}

/** The measurements of all rounds under one name, summed up. */
export type Summary = {
  readonly name: string
  readonly unit: string
  readonly against: string
  readonly ours: number
  readonly baseline: number
  readonly ratio: number
  /** Lowest and highest ratio of the rounds. */
  readonly range: readonly [number, number]
}

/** Medians over the rounds, in the order of first appearance. */
export function summarize(measurements: readonly Measurement[]): readonly Summary[] {
  return [...Map.groupBy(measurements, ({ name }) => name)].map(([name, rounds]) => {
    const ratios = rounds.map(({ ours, baseline }) => ours / baseline)
    return {
      name,
      unit: rounds[0]?.unit ?? '',
      against: rounds[0]?.against ?? '',
      ours: median(rounds.map(({ ours }) => ours)),
      baseline: median(rounds.map(({ baseline }) => baseline)),
      ratio: median(ratios),
      range: [Math.min(...ratios), Math.max(...ratios)],
    }
  })
}

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}

/** What the floors say about the ratios: one line for each that is too low, or missing. */
export function belowFloor(
  summaries: readonly Summary[],
  floors: Readonly<Record<string, number>>,
): readonly string[] {
  const ratios = new Map(summaries.map(({ name, ratio }) => [name, ratio]))
  return Object.entries(floors).flatMap(([name, floor]) => {
    const ratio = ratios.get(name)
    if (ratio === undefined) return [`${name} has a floor and was not measured`]
    return ratio >= floor ? [] : [`${name} is ${ratio.toFixed(2)}, its floor ${floor.toFixed(2)}`]
  })
}
