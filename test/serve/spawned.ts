/** Programs of these tests as processes: started, listened to, ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process. */
export type Spawned = AsyncDisposable & {
  /** Resolves when it has written a line. */
  said(line: string): Promise<void>
  /** Ends it by a signal; answers with its exit code, `undefined` when the signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | undefined>
  /** What it has written to standard error. */
  readonly errors: () => string
}

/** Starts a program of this folder. */
export function spawnProgram(name: string, ...args: readonly string[]): Spawned {
  const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  const lines = new Set<string>()
  const waiting = new Map<string, () => void>()
  let errors = ''
  createInterface(child.stdout).on('line', (line) => {
    lines.add(line)
    waiting.get(line)?.()
  })
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | undefined> => {
    if (isRunning(child)) child.kill(signal)
    await exit
    return child.exitCode ?? undefined
  }
  return {
    end,
    errors: () => errors,
    said: async (line) => {
      const heard = new Promise<void>((resolve) => {
        if (lines.has(line)) resolve()
        else waiting.set(line, resolve)
      })
      const early = exit.then(() => {
        if (!lines.has(line)) throw new Error(`${name} ended before it said ${line}: ${errors}`)
      })
      await Promise.race([heard, early])
    },
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
