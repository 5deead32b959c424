/**
 * From the start of a process to its first durable command, beside a process that does nothing, and
 * beside one that only loads protobuf-es, which every program with message types has to.
 *
 * Four times bare Node was the aim; protobuf-es alone takes three.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './measurement.ts'
import { median } from './measurement.ts'
import { withScratch } from './scratch.ts'

const TIMES = 9

/** Start-up times; the ratios are the others' by ours, so that more is better. */
export async function measureStart(): Promise<readonly Measurement[]> {
  const program = fileURLToPath(new URL('./first-command.js', import.meta.url))
  const protobuf = fileURLToPath(new URL('./only-protobuf.js', import.meta.url))
  const [bare, loading, ours]: [number[], number[], number[]] = [[], [], []]
  for (let i = 0; i < TIMES; i++) {
    bare.push(timed(['-e', '0']))
    loading.push(timed([protobuf]))
    await withScratch(async (path) => {
      ours.push(timed([program, path]))
      return await Promise.resolve()
    })
  }
  const against = 'process start to first durable command, ledger file made anew'
  const baseline = median(ours)
  const unit = 'ms'
  return [
    {
      name: 'start.first-command',
      ours: median(bare),
      baseline,
      unit,
      against: `${against} (ours: bare node)`,
    },
    {
      name: 'start.beside-protobuf',
      ours: median(loading),
      baseline,
      unit,
      against: `${against} (ours: node that loads protobuf-es)`,
    },
  ]
}

function timed(args: readonly string[]): number {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the program failed: ${stderr}`)
  return performance.now() - started
}
