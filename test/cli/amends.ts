/** The command line as a process of its own. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How a command ended, and what it wrote. */
export type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

/** Runs a command to its end. */
export async function amends(...args: readonly string[]): Promise<Ended> {
  return await endOf(begin(args))
}

/** Starts a command. */
export function begin(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [main, ...args])
}

/** Waits for the end of a command. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

/** A process that runs sagas on a ledger; see `saga-program.ts`. */
export type Program = AsyncDisposable & {
  /** Ends it as a crash does. */
  kill(): Promise<void>
}

/** Starts one; resolves when it runs the sagas. `start` names executions to start first. */
export async function program(path: string, ...start: readonly string[]): Promise<Program> {
  const script = fileURLToPath(new URL('./saga-program.js', import.meta.url))
  const child = spawn(process.execPath, [script, path, ...start])
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes('ready')) resolve()
    })
    child.stderr.on('data', (chunk) => (said += String(chunk)))
    child.once('close', () => reject(new Error(`it ended: ${said}`)))
  })
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await closed
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await closed
    },
  }
}

/** A place for a ledger. */
export function place(): Disposable & { readonly path: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'amends-cli-'))
  return {
    folder,
    path: join(folder, 'shop.db'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A list of records within something read from JSON. */
export function recordsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? (value as readonly Readonly<Record<string, unknown>>[]) : []
}

/** JSON lines, read. */
export function jsonLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}
