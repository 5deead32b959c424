/**
 * A process that is kept running: when it ends without being asked to, another one takes its place.
 *
 * 1. It ends when its starter does, whatever ends that.
 * 2. It is given up, with what it said last, when the first one never becomes ready, when a few in a
 *    row do not, or when there were too many.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { CodedError } from 'amends'

/** What to run. */
export type KeptProcessOptions = {
  readonly name: string
  /** Module to run, and its arguments. It writes the line `ready` when it is. */
  readonly args: readonly string[]
  /** Takes a line about each process that is started. */
  readonly say: (line: string) => void
}

/** See the top of this file. Disposing asks it to end, and waits. */
export interface KeptProcess extends AsyncDisposable {
  /** Resolves when the first process is ready. */
  readonly ready: Promise<void>
  /** Rejects with CodedError `PROCESS_FAILED` when it is given up. */
  readonly failed: Promise<never>
}

const STARTS_MAX = 20
const FAILURES_MAX = 3
const LAST_WORDS = 2000
const GUARD = new URL('./end-with-starter.js', import.meta.url).href

/** Starts it. */
export function keepProcess({ name, args, say }: KeptProcessOptions): KeptProcess {
  const ready = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  let failures = FAILURES_MAX
  let stopping = false
  let end = (): void => undefined
  const runOne = async (): Promise<string> => {
    // A group of its own: Ctrl-C is for the starter, which asks the others to end in their turn.
    const child = spawn(process.execPath, ['--import', GUARD, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      env: ownEnvironment(),
    })
    say(`${name} is process ${child.pid}`)
    end = () => void child.kill('SIGTERM')
    let words = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      words = `${words}${chunk.toString()}`.slice(-LAST_WORDS)
    })
    if (child.stdout !== null) {
      createInterface(child.stdout).on('line', (line) => {
        if (line !== 'ready') return
        failures = 0
        ready.resolve()
      })
    }
    await once(child, 'close')
    return words
  }
  const keep = async (): Promise<void> => {
    for (let starts = 1; ; starts++) {
      const words = await runOne()
      if (stopping) return
      if (failures++ < FAILURES_MAX && starts < STARTS_MAX) continue
      const error = gaveUp(name, words)
      ready.reject(error)
      failed.reject(error)
      return
    }
  }
  const kept = keep()
  return {
    ready: ready.promise,
    failed: failed.promise,
    [Symbol.asyncDispose]: async () => {
      stopping = true
      end()
      await kept
    },
  }
}

/** Settings of another server that the environment has are not meant for this one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AMENDS|ANGZARR)_/.test(name)),
  )
}

function gaveUp(name: string, words: string): CodedError {
  return new CodedError('a process of the order book does not run', {
    code: 'PROCESS_FAILED',
    details: { process: name },
    hint: `it said last:\n${words}`,
  })
}
