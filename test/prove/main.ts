/**
 * `npm run prove [-- <name> ...] [--seed <n>] [--runs <n>] [--fresh]`
 *
 * Runs the named proofs, or all. Each keeps its counts in `.build/prove` and, interrupted, goes on
 * from there when code, seed and runs are the same; `--fresh` begins anew. What it ends with is
 * written to `proof/<name>.json`.
 */
import { parseArgs } from 'node:util'
import { provenance } from '../provenance.ts'
import type { Proof } from './proof.ts'
import { forget, keep, resumable, writeResult, type Progress } from './progress-file.ts'
import { proofs } from './registry.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    runs: { type: 'string' },
    fresh: { type: 'boolean', default: false },
  },
})

const unknown = positionals.filter((name) => !proofs.some((proof) => proof.name === name))
if (unknown.length > 0) {
  console.error(
    `no proof ${unknown.join(', ')}; there are: ${proofs.map((p) => p.name).join(', ')}`,
  )
  process.exit(2)
}
const chosen = proofs.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
for (const proof of chosen) {
  if (!(await run(proof))) process.exitCode = 1
}

async function run({ name, claim, runs: usual, prove }: Proof): Promise<boolean> {
  const origin = provenance()
  const wanted = {
    commit: origin.commit,
    runs: values.runs === undefined ? usual : whole('--runs', values.runs),
    seed: values.seed === undefined ? undefined : whole('--seed', values.seed),
  }
  if (values.fresh) forget(name)
  const before = resumable(name, wanted)
  const seed = wanted.seed ?? before?.seed ?? Date.now() & 0x7fffffff
  const progress: Progress = { commit: wanted.commit, runs: wanted.runs, seed, counts: {} }
  console.log(`${name}: ${claim}`)
  console.log(`seed ${seed}, ${wanted.runs} runs${before ? `, going on from ${text(before)}` : ''}`)
  const started = performance.now()
  const { ok, counts, findings } = await prove({
    seed,
    runs: wanted.runs,
    report: (line) => console.log(`  ${line}`),
    resume: before?.counts,
    counted: (so) => keep(name, { ...progress, counts: so }),
  })
  const seconds = Math.round((performance.now() - started) / 1000)
  const result = { name, claim, ok, seed, runs: wanted.runs, counts, findings, seconds, ...origin }
  forget(name)
  console.log(`${ok ? 'proven' : 'NOT PROVEN'}: ${JSON.stringify(counts)}, ${writeResult(result)}`)
  return ok
}

function text({ counts }: Progress): string {
  return JSON.stringify(counts)
}

function whole(option: string, value: string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 0) return number
  console.error(`${option} takes a whole number, not ${value}`)
  process.exit(2)
}
