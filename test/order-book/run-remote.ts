/** Runs the order book over three processes, and kills any of them while it runs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Ended, TRADING } from './run-program.ts'

const PROGRAM = fileURLToPath(new URL('../../examples/order-book/main.js', import.meta.url))

/** Who is killed. */
export type Victim = 'amends serve' | 'components' | 'driver'

/** A kill -9: so long after standard error has shown something, or `again` after a new process. */
export type Kill = {
  readonly victim: Victim
  readonly atText?: RegExp | undefined
  readonly afterMs: number
  /** Kills the process that takes the place of the first victim, too; not for a driver. */
  readonly againAfterMs?: number | undefined
}

/** How a run ended, and whom it had started. */
export type RemoteEnded = Ended & {
  /** Processes that the driver has started, in their order. */
  readonly started: readonly { readonly name: string; readonly pid: number }[]
  readonly kills: number
}

/** Longer than any run takes; one that takes longer hangs. */
const HANGS_MS = 240_000

/** Runs the program with `--remote` and these arguments to its end. */
export async function runRemote(args: readonly string[], kill?: Kill): Promise<RemoteEnded> {
  const child = spawn(process.execPath, [PROGRAM, '--remote', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A driver that is killed leaves its sockets: they go with the folder of its books.
    env: { ...process.env, TMPDIR: folderIn(args) },
  })
  const over = new AbortController()
  const striking = new Striking(child, kill, over.signal)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    striking.look(stderr)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_MS)
  await once(child, 'close')
  clearTimeout(timer)
  over.abort()
  const { kills, started } = striking
  return { code: child.exitCode ?? undefined, stdout, stderr, kills, started }
}

/** Resolves when none of these processes is there any more; rejects after ten seconds. */
export async function gone(started: RemoteEnded['started']): Promise<void> {
  for (let look = 0; look < 200; look++) {
    if (!started.some(({ pid }) => isThere(pid))) return
    await sleep(50)
  }
  throw new Error(`still there: ${JSON.stringify(started.filter(({ pid }) => isThere(pid)))}`)
}

class Striking {
  kills = 0
  started: { readonly name: string; readonly pid: number }[] = []
  readonly #child: ChildProcess
  readonly #kill: Kill | undefined
  readonly #over: AbortSignal
  #armed = false
  #replacedAt = 0

  constructor(child: ChildProcess, kill: Kill | undefined, over: AbortSignal) {
    this.#child = child
    this.#kill = kill
    this.#over = over
  }

  /** Looks at everything that was said so far. */
  look(text: string): void {
    const said = text.matchAll(/^(?<name>amends serve|components) is process (?<pid>\d+)$/gm)
    this.started = [...said].map(({ groups }) => ({
      name: groups?.['name'] ?? '',
      pid: Number(groups?.['pid']),
    }))
    const kill = this.#kill
    if (kill === undefined) return
    if (!this.#armed && (kill.atText ?? TRADING).test(text)) {
      this.#armed = true
      this.#after(kill.afterMs, () => {
        this.#replacedAt = this.started.length
        this.#strike(kill.victim)
      })
    }
    if (this.kills !== 1 || kill.againAfterMs === undefined) return
    if (!this.started.slice(this.#replacedAt).some(({ name }) => name === kill.victim)) return
    this.#replacedAt = Infinity
    this.#after(kill.againAfterMs, () => this.#strike(kill.victim))
  }

  #after(ms: number, act: () => void): void {
    void sleep(ms, undefined, { signal: this.#over }).then(act, () => undefined)
  }

  #strike(victim: Victim): void {
    const pid =
      victim === 'driver'
        ? this.#child.pid
        : this.started.findLast(({ name }) => name === victim)?.pid
    if (pid === undefined || !isThere(pid)) return
    this.kills++
    process.kill(pid, 'SIGKILL')
  }
}

function folderIn(args: readonly string[]): string {
  const database = args[args.indexOf('--database') + 1]
  return database === undefined ? tmpdir() : dirname(database)
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
