/**
 * A hundred thousand sagas that wait: how much memory they hold, and how long it takes until all have
 * moved again after the process was killed. The sagas run in a process of their own.
 *
 * Not measured: sagas with long journals.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'

const PROGRAM = fileURLToPath(new URL('./waiting-sagas.js', import.meta.url))
const SAGAS = 100_000

/** Memory per waiting saga beside its journal; restarts beside starts. */
export async function measureWaitingSagas(): Promise<readonly Measurement[]> {
  return await withScratch(async (path) => {
    const first = await run([path, 'start', String(SAGAS)])
    const second = await run([path, 'move', String(SAGAS)])
    return [
      {
        name: 'sagas.bytes-on-disk-by-bytes-in-memory-waiting',
        ours: first('diskBytes') / SAGAS,
        baseline: Math.max(1, first('grownBytes') / SAGAS),
        unit: 'bytes/saga',
        against: 'memory that 100,000 waiting sagas hold (ours: the ledger file)',
      },
      {
        name: 'sagas.moved-after-kill',
        ours: SAGAS / second('seconds'),
        baseline: SAGAS / first('seconds'),
        unit: 'sagas/s',
        against: 'starting as many',
      },
    ]
  })
}

/** Runs a program until it has said what it measured, and kills it. */
async function run(args: readonly string[]): Promise<(name: string) => number> {
  const child = spawn(process.execPath, ['--expose-gc', PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const [line] = (await once(lines, 'line')) as [string]
  const said = JSON.parse(line) as Readonly<Record<string, number>>
  child.kill('SIGKILL')
  await once(child, 'close')
  return (name) => said[name] ?? Number.NaN
}
