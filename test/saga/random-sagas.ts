/** One random saga, run and judged. */
import { judge } from './random-judge.ts'
import type { SagaPlan } from './random-plan.ts'
import { runPlan } from './random-run.ts'

/** What came of a case. */
export type RandomVerdict = {
  readonly findings: readonly string[]
  /** How the saga ended, before an operator came. */
  readonly end: string
  readonly processes: number
}

/** Runs a plan; `findings` says what should not be. */
export async function tryPlan(plan: SagaPlan): Promise<RandomVerdict> {
  return await runPlan(plan, async (run) => {
    const root = run.ended?.[0]
    const end = root === undefined ? 'lost' : root.state
    return { findings: await judge(plan, run), end, processes: run.processes }
  })
}
