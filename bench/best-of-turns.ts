/**
 * Two things measured in turn, the best turn of each kept: whatever else runs on the machine only makes
 * a turn worse, and would otherwise fall on one of the two.
 */

/** Ours and what it is compared with, each a measurement of one turn that answers with a rate. */
export type Turns = {
  readonly ours: () => number | Promise<number>
  readonly baseline: () => number | Promise<number>
  readonly turns: number
}

/** The best of both; a turn of each comes first and does not count. */
export async function bestOfTurns({
  ours,
  baseline,
  turns,
}: Turns): Promise<{ readonly ours: number; readonly baseline: number }> {
  await ours()
  await baseline()
  const best = { ours: 0, baseline: 0 }
  for (let turn = 0; turn < turns; turn++) {
    best.baseline = Math.max(best.baseline, await baseline())
    best.ours = Math.max(best.ours, await ours())
  }
  return best
}
