/**
 * Runs one bench in a process of its own, so that what one leaves behind (a heap that has grown, code
 * that is compiled for other shapes) is not measured with the next.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './measurement.ts'
import { benches } from './registry.ts'

/**
 * Measures the named bench apart.
 *
 * @throws Error when the process fails
 */
export async function measureApart(name: string): Promise<readonly Measurement[]> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let measured: readonly Measurement[] | undefined
  // Nobody but the process below sends here.
  child.on('message', (message) => (measured = message as readonly Measurement[]))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0 || measured === undefined) throw new Error(`the bench ${name} ended with ${code}`)
  return measured
}

const [, program, asked] = process.argv
if (program === fileURLToPath(import.meta.url)) {
  const bench = benches.find(({ name }) => name === asked)
  if (bench === undefined) throw new Error(`no bench ${asked}`)
  process.send?.(await bench.measure())
  process.disconnect()
}
