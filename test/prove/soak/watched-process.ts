/** A process whose memory can be asked for. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What memory a process holds after a garbage collection, in bytes. */
export type Memory = { readonly rss: number; readonly heapUsed: number }

/** See the top of this file. Disposing asks it to end, and waits. */
export interface WatchedProcess extends AsyncDisposable {
  /** Resolves when it has said that it is ready; rejects when it ends before. */
  readonly ready: Promise<void>
  memory(): Promise<Memory>
}

const REPORTER = new URL('./report-memory.js', import.meta.url).href

/** Starts a module with these arguments. It writes the line `ready` when it is. */
export function watchProcess(args: readonly string[]): WatchedProcess {
  const child = spawn(process.execPath, ['--expose-gc', '--import', REPORTER, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const exit = once(child, 'close')
  const ready = Promise.withResolvers<void>()
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-2000)))
  if (child.stdout !== null) {
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'ready') ready.resolve()
    })
  }
  void exit.then(() => ready.reject(new Error(`it ended: ${words}`)))
  ready.promise.catch(() => undefined)
  return {
    ready: ready.promise,
    memory: async () => {
      const answer = once(child, 'message')
      child.send('memory')
      const [memory]: unknown[] = await Promise.race([
        answer,
        exit.then(() => Promise.reject(new Error(`it ended: ${words}`))),
      ])
      // The reporter of this folder sends nothing else.
      return memory as Memory
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exit
    },
  }
}
