/** A shop in a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LedgerFolder } from './ledger-folder.ts'

const PROGRAM = fileURLToPath(new URL('./shop-program.js', import.meta.url))

/** The process. */
export type SpawnedShop = AsyncDisposable & {
  readonly process: ChildProcess
  /** Resolves when it has written a line. */
  said(line: string): Promise<void>
  /** Kills it as nothing can be prevented, and waits until it is gone. */
  kill(): Promise<void>
  /** Waits until it is gone; answers the signal that ended it. */
  gone(): Promise<string | null>
}

/** Starts `shop-program.ts` on a ledger. */
export async function spawnShop(
  folder: LedgerFolder,
  ...args: readonly string[]
): Promise<SpawnedShop> {
  const child = spawn(process.execPath, [PROGRAM, folder.path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const lines = new Set<string>()
  const waiting = new Map<string, () => void>()
  createInterface(child.stdout).on('line', (line) => {
    lines.add(line)
    waiting.get(line)?.()
  })
  await once(child, 'spawn')
  const gone = async (): Promise<string | null> => {
    const [, signal] = (await exit) as [number | null, string | null]
    return signal
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone()
  }
  return {
    process: child,
    said: async (line) => {
      const heard = new Promise<void>((resolve) => {
        if (lines.has(line)) resolve()
        else waiting.set(line, resolve)
      })
      const early = exit.then(([code]) => {
        if (!lines.has(line)) throw new Error(`ended with ${String(code)} before it said ${line}`)
      })
      await Promise.race([heard, early])
    },
    kill,
    gone,
    [Symbol.asyncDispose]: kill,
  }
}
