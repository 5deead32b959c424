/**
 * The proof by crashing: every case of `crash-points.ts`, crashed in every way at every commit. One run
 * is one case; all of them are as many runs.
 */
import type { ProofOptions, ProofResult } from '../prove/proof.ts'
import { CRASH_CASES, crashEverywhere } from './crash-points.ts'

/** How many cases there are. */
export const CRASH_POINT_RUNS: number = CRASH_CASES.length

/** Crashes as many cases as runs are asked for, in their order. */
export async function proveCrashPoints(options: ProofOptions): Promise<ProofResult> {
  const { runs, report, resume, counted } = options
  const counts = { runs: 0, commits: 0, crashes: 0, clean: 0, ...resume }
  const findings: string[] = []
  for (const crashCase of CRASH_CASES.slice(counts.runs, runs)) {
    const { commits, runs: crashes, ends, findings: found } = await crashEverywhere(crashCase)
    counts.runs++
    counts.commits += commits
    counts.crashes += crashes
    if (found.length === 0) counts.clean++
    findings.push(...found)
    const ended = Object.entries(ends).map(([end, count]) => `${count} ${end}`)
    report(`${crashCase.name}: ${crashes} crashes at ${commits} commits; ${ended.join(', ')}`)
    counted(counts)
  }
  return { ok: findings.length === 0 && counts.clean === counts.runs, counts, findings }
}
