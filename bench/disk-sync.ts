/** How long this disk takes to say that it has written: what every commit waits for. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SYNCS = 300

/** Of appends of 4 kB, each made durable, in the folder that benches use. */
export type DiskSync = {
  /** How ledgers are opened in the benches, unless a bench's name says otherwise. */
  readonly synchronous: 'FULL'
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Measures it. */
export function diskSync(): DiskSync {
  const folder = mkdtempSync(join(tmpdir(), 'amends-sync-'))
  const file = openSync(join(folder, 'appended'), 'a')
  const block = Buffer.alloc(4096, 1)
  const times = Array.from({ length: SYNCS }, () => {
    const before = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    return performance.now() - before
  }).toSorted((a, b) => a - b)
  closeSync(file)
  rmSync(folder, { recursive: true })
  return { synchronous: 'FULL', p50Ms: at(times, 0.5), p99Ms: at(times, 0.99) }
}

function at(sorted: readonly number[], share: number): number {
  return Number((sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(3))
}
