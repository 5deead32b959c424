/** From the start of a process to its first durable command, beside a process that does nothing. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './measurement.ts'
import { median } from './measurement.ts'
import { withScratch } from './scratch.ts'

const TIMES = 7

/** Start-up times; the ratio is bare by ours, so that more is better. */
export async function measureStart(): Promise<readonly Measurement[]> {
  const program = fileURLToPath(new URL('./first-command.js', import.meta.url))
  const bare: number[] = []
  const ours: number[] = []
  for (let i = 0; i < TIMES; i++) {
    bare.push(timed(['-e', '0']))
    await withScratch(async (path) => {
      ours.push(timed([program, path]))
      return await Promise.resolve()
    })
  }
  return [
    {
      name: 'start.first-command',
      ours: median(bare),
      baseline: median(ours),
      unit: 'ms',
      against: 'process start to first durable command, ledger file made anew (ours: bare node)',
    },
  ]
}

function timed(args: readonly string[]): number {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the program failed: ${stderr}`)
  return performance.now() - started
}
