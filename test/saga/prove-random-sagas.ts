/**
 * The proof by chance: random sagas, crashed and disturbed, each judged by `random-judge.ts`. They are
 * drawn in parts, each with a seed of its own, so that what was interrupted goes on where it was. A case
 * that fails is made as small as it can be, and printed.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ProofOptions, ProofResult } from '../prove/proof.ts'
import { sagaPlans } from './random-plan.ts'
import { tryPlan } from './random-sagas.ts'

/** How many cases a proof runs. */
export const RANDOM_SAGA_RUNS = 10_000

/** Cases of one part. */
const PART = 100

/** Runs as many cases as are asked for. */
export async function proveRandomSagas(options: ProofOptions): Promise<ProofResult> {
  const { seed, runs, report, resume, counted } = options
  const counts: Record<string, number> = { runs: 0, processes: 0, failed: 0, ...resume }
  const findings: string[] = []
  for (let done = counts['runs'] ?? 0; done < runs; done += PART) {
    const numRuns = Math.min(PART, runs - done)
    const drawn = seed + done / PART
    const property = fc.asyncProperty(sagaPlans, async (plan) => {
      const { findings: found, end, processes } = await tryPlan(plan)
      assert.deepEqual(found, [])
      counts[end] = (counts[end] ?? 0) + 1
      counts['processes'] = (counts['processes'] ?? 0) + processes
    })
    const result = await fc.check(property, { seed: drawn, numRuns })
    counts['runs'] = done + numRuns
    if (result.failed) {
      counts['failed'] = (counts['failed'] ?? 0) + 1
      const found = `seed ${drawn}, ${await fc.asyncDefaultReportMessage(result)}`
      findings.push(found)
      report(found)
    }
    if (counts['runs'] % 1_000 === 0) report(JSON.stringify(counts))
    counted({ ...counts })
  }
  return { ok: findings.length === 0 && counts['failed'] === 0, counts, findings }
}
