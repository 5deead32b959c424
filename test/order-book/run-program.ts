/** Runs the order book as a process of its own, the way a user does. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../examples/order-book/main.js', import.meta.url))

/** How a run ended. */
export type Ended = {
  /** The exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** A signal to send: so long after the start, or after standard error has shown something. */
export type Interruption = {
  readonly signal: NodeJS.Signals
  readonly atText?: RegExp | undefined
  /** Default 0. */
  readonly afterMs?: number | undefined
}

/** Runs the program with these arguments to its end, which a signal may hasten. */
export async function runProgram(
  args: readonly string[],
  interruption?: Interruption,
): Promise<Ended> {
  const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const over = new AbortController()
  const arm = (): void => {
    if (interruption === undefined) return
    const { signal, afterMs = 0 } = interruption
    const strike = (): boolean => child.kill(signal)
    void sleep(afterMs, undefined, { signal: over.signal }).then(strike, () => undefined)
  }
  let awaited = interruption?.atText
  const seen = (text: string): void => {
    if (awaited?.test(text) !== true) return
    awaited = undefined
    arm()
  }
  if (awaited === undefined) arm()
  const exit = new Promise<number | undefined>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? undefined))
  })
  const texts = [textOf(child.stdout), textOf(child.stderr, seen)] as const
  const [code, stdout, stderr] = await Promise.all([exit, ...texts])
  over.abort()
  return { code, stdout, stderr }
}

/** Shown when the first order can be placed. */
export const TRADING: RegExp = /^\d+ of \d+ orders ended/m

/** Shown when some orders have ended, but not all. */
export const UNDER_WAY: RegExp = /^[1-9]\d* of \d+ orders ended/m

/** The JSON object of the last line; `undefined` when there is none. */
export function lastLine(stdout: string): Record<string, unknown> | undefined {
  const parsed: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) || 'null')
  return isObject(parsed) ? parsed : undefined
}

/** A field of a JSON object as an object; empty when it is none. */
export function objectIn(
  json: Record<string, unknown> | undefined,
  field: string,
): Record<string, unknown> {
  const value = json?.[field]
  return isObject(value) ? value : {}
}

/** A folder that is removed when it is disposed. */
export async function scratchFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'order-book-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function textOf(
  stream: AsyncIterable<unknown>,
  seen?: (chunk: string) => void,
): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    seen?.(String(chunk))
  }
  return text
}
