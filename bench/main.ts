/**
 * `npm run bench [-- <name> ...] [--rounds <n>] [--gate]`
 *
 * Runs the named benches, or all, in rounds: every bench once, each in a process of its own, then
 * every bench again. Prints the
 * medians and writes them to `bench/results/<date>.json`. With `--gate` it fails when the median of
 * a ratio is below its floor in `bench/floors.json`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../test/project-root.ts'
import { provenance } from '../test/provenance.ts'
import { diskSync } from './disk-sync.ts'
import { measureApart } from './measure-apart.ts'
import { belowFloor, summarize, type Measurement, type Summary } from './measurement.ts'
import { benches } from './registry.ts'

const ROUNDS = 3

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, gate: { type: 'boolean', default: false } },
})

const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  const known = benches.map(({ name }) => name).join(', ')
  console.error(`no bench ${unknown.join(', ')}; there are: ${known}`)
  process.exit(2)
}
const chosen = benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const measurements: Measurement[] = []
const rounds = Number(values.rounds ?? ROUNDS)
if (!(rounds >= 1)) {
  console.error(`--rounds takes a whole number, not ${values.rounds}`)
  process.exit(2)
}
for (let round = 1; round <= rounds; round++) {
  for (const { name } of chosen) {
    console.log(`round ${round}: ${name}`)
    measurements.push(...(await measureApart(name)))
  }
}
const summaries = summarize(measurements)
print(summaries)
write(summaries)
if (values.gate) gate(summaries)

function print(rows: readonly Summary[]): void {
  console.table(
    Object.fromEntries(
      rows.map(({ name, ours, baseline, unit, ratio, range: [low, high], against }) => [
        name,
        {
          ours: `${Math.round(ours)} ${unit}`,
          baseline: `${Math.round(baseline)} ${unit}`,
          ratio: `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
          against,
        },
      ]),
    ),
  )
}

function write(results: readonly Summary[]): void {
  const folder = join(projectRoot, 'bench/results')
  const date = new Date().toISOString().slice(0, 10)
  mkdirSync(folder, { recursive: true })
  const record = { date, rounds, ...provenance(), fsync: diskSync(), results }
  writeFileSync(join(folder, `${date}.json`), `${JSON.stringify(record, null, 2)}\n`)
  console.log(`written to bench/results/${date}.json`)
}

function gate(results: readonly Summary[]): void {
  const text = readFileSync(join(projectRoot, 'bench/floors.json'), 'utf8')
  const floors = JSON.parse(text) as Readonly<Record<string, number>>
  // Of a few benches only the floors of what they measure are asked, of all benches every floor.
  const measured = new Set(results.map(({ name }) => name))
  const asked = Object.entries(floors).filter(
    ([name]) => positionals.length === 0 || measured.has(name),
  )
  const low = belowFloor(results, Object.fromEntries(asked))
  for (const line of low) console.log(`below: ${line}`)
  console.log(low.length === 0 ? `gate: ${asked.length} floors held` : 'gate: failed')
  if (low.length > 0) process.exitCode = 1
}
