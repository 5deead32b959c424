/**
 * The proof by competition: sagas compete for ten accounts, in rounds of a hundred; then an isolated
 * saga is crashed at every commit of each of its processes. One run is one saga of the competition.
 */
import type { ProofOptions, ProofResult } from '../prove/proof.ts'
import { compete } from './competing-sagas.ts'
import { crashIsolatedSaga, ISOLATION_CRASHES } from './isolation-crash.ts'

const A_ROUND = 100

/** Has as many sagas compete as runs are asked for. */
export async function proveCompetingSagas(options: ProofOptions): Promise<ProofResult> {
  const { seed, runs, report, resume, counted } = options
  const none = { runs: 0, completed: 0, compensated: 0, moments: 0, readings: 0 }
  const counts = { ...none, crashes: 0, commits: 0, ...resume }
  const findings: string[] = []
  while (counts.runs < runs) {
    const sagas = Math.min(A_ROUND, runs - counts.runs)
    const round = await compete({ sagas, seed: seed + counts.runs })
    counts.runs += sagas
    counts.completed += round.completed
    counts.compensated += round.compensated
    counts.moments += round.moments
    counts.readings += round.readings
    findings.push(...round.findings)
    report(`${counts.runs} sagas: ${counts.completed} completed, ${counts.compensated} compensated`)
    counted(counts)
  }
  for (const crash of ISOLATION_CRASHES) {
    const { commits, runs: crashes, findings: found } = await crashIsolatedSaga(crash)
    counts.crashes += crashes
    counts.commits += commits
    findings.push(...found)
    report(`${crash.victim}, ${crash.fails ? 'failing' : 'completing'}: ${crashes} crashes`)
  }
  return { ok: findings.length === 0, counts, findings }
}
