/**
 * The proof by killing: the order book is killed with SIGKILL at a random moment, continued, and
 * must end with clean books; some are killed again while they recover. Moments come from a seeded
 * generator, scaled by an undisturbed run; run n of a seed is the same whichever runs went before.
 */
import { cp, mkdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openLedger } from 'amends/ledger'
import { readHistory } from '../../examples/order-book/history.ts'
import { endedOrders } from '../../examples/order-book/progress.ts'
import { count, emptyTally, type Tally } from '../../examples/order-book/tally.ts'
import {
  lastLine,
  objectIn,
  runProgram,
  scratchFolder,
  TRADING,
} from '../order-book/run-program.ts'

/** Counts of a proof. */
export type KillCounts = {
  /** Runs that were killed and continued. */
  runs: number
  /** Those killed when between 5 and 95 percent of their orders had ended. */
  inTheMiddle: number
  /** Those killed again during recovery. */
  killedAgain: number
  /** Those whose last audit was clean. */
  clean: number
}

/** What a proof needs to know. */
export type KillOptions = {
  readonly runs: number
  readonly seed: number
  /** Takes a line about each run. */
  readonly report: (line: string) => void
  /** Goes on behind the runs that are counted here. */
  readonly resume?: KillCounts | undefined
  /** Told the counts after each run, for `resume`. */
  readonly counted?: ((counts: Readonly<KillCounts>) => void) | undefined
}

/** What became of it. */
export type KillProof = {
  readonly ok: boolean
  readonly counts: Readonly<Record<keyof KillCounts, number>>
  readonly findings: readonly string[]
}

/** Kills so many runs. Four in five must be hit in the middle, one in five is killed again. */
export async function proveKills(options: KillOptions): Promise<KillProof> {
  const { runs, seed, report } = options
  const counts = { ...(options.resume ?? { runs: 0, inTheMiddle: 0, killedAgain: 0, clean: 0 }) }
  const findings: string[] = []
  await using folder = await scratchFolder()
  const pace = await measure(folder.path)
  report(`undisturbed: ${pace.orders} orders, ${pace.tradingMs.toFixed(0)} ms of trading`)
  while (counts.runs < runs) {
    const number = counts.runs + 1
    const again = counts.killedAgain < Math.ceil(number * AGAIN_SHARE)
    const run = await killOnce({
      folder: folder.path,
      pace,
      random: generator(seed, number),
      again,
    })
    counts.runs++
    if (run.progress >= 0.05 && run.progress <= 0.95) counts.inTheMiddle++
    if (run.killedAgain) counts.killedAgain++
    if (run.findings.length === 0) counts.clean++
    findings.push(...run.findings.map((finding) => `run ${number}: ${finding}`))
    report(`run ${number}: ${describeRun(run)}`)
    options.counted?.(counts)
  }
  const ok =
    counts.clean === runs &&
    counts.inTheMiddle >= runs * MIDDLE_SHARE &&
    counts.killedAgain >= Math.floor(runs * AGAIN_SHARE)
  return { ok, counts, findings }
}

const MIDDLE_SHARE = 0.8
const AGAIN_SHARE = 0.2
const TRADING_MS_MIN = 2500
const REPEAT_MAX = 50
/** Of the pace of the undisturbed run. */
const PACE_SHARE = 0.7

/** How long the runs that are killed take. They are paced, so that a busy machine changes little. */
type Pace = {
  readonly repeat: number
  readonly orders: number
  readonly startUpMs: number
  readonly ordersPerSecond: number
  readonly tradingMs: number
}

type Run = {
  /** Orders ended when it was killed, from 0 to 1. */
  readonly progress: number
  readonly killedAgain: boolean
  readonly findings: readonly string[]
}

/** Measures an undisturbed run, and repeats the data until it is long enough to be hit. */
async function measure(folder: string, repeat = 1): Promise<Pace> {
  const { code, stdout, stderr } = await runProgram(argsOf(join(folder, 'measure.db'), repeat))
  const json = code === 0 ? lastLine(stdout) : undefined
  if (json === undefined) throw new Error(`the undisturbed run failed: ${stderr}`)
  const seconds = Number(json['seconds'])
  const orders = Number(json['orders'])
  const pace = {
    repeat,
    orders,
    startUpMs: Number(json['startUpSeconds']) * 1000,
    ordersPerSecond: Math.max(1, Math.floor((orders / seconds) * PACE_SHARE)),
    tradingMs: (seconds * 1000) / PACE_SHARE,
  }
  if (pace.tradingMs >= TRADING_MS_MIN || repeat >= REPEAT_MAX) return pace
  return await measure(folder, Math.ceil((repeat * TRADING_MS_MIN * 1.1) / pace.tradingMs))
}

async function killOnce(run: {
  readonly folder: string
  readonly pace: Pace
  readonly random: () => number
  readonly again: boolean
}): Promise<Run> {
  const { pace, random, again } = run
  const folder = join(run.folder, `${process.hrtime.bigint()}`)
  await mkdir(folder)
  const database = join(folder, 'books.db')
  const args = argsOf(database, pace.repeat)
  const paced = [...args, '--rate', String(pace.ordersPerSecond)]
  const strike = async (more: readonly string[], ms: number): Promise<boolean> => {
    const moment =
      ms < 0 ? { afterMs: pace.startUpMs * random() } : { atText: TRADING, afterMs: ms }
    const { code } = await runProgram([...paced, ...more], { signal: 'SIGKILL', ...moment })
    return code === undefined
  }
  // A few die before the first order, on purpose.
  await strike([], pace.tradingMs * (0.98 * random() - 0.02))
  const progress = endedOrders(await tallyOf(folder, database)) / pace.orders
  const restMs = pace.tradingMs * (1 - progress)
  const killedAgain = again && (await strike(['--continue'], restMs * 0.9 * random()))
  const { code, stdout, stderr } = await runProgram([...args, '--continue'])
  const findings = faults(code, stdout, stderr, pace.orders)
  await rm(folder, { recursive: true, force: true })
  return { progress, killedAgain, findings }
}

/** What the books hold. Reads a copy, so that they are continued exactly as they were left. */
export async function tallyOf(folder: string, database: string): Promise<Tally> {
  const copy = join(folder, 'copy.db')
  for (const ending of ['', '-wal']) {
    if (existsSync(database + ending)) await cp(database + ending, copy + ending)
  }
  const tally = emptyTally()
  if (!existsSync(copy)) return tally
  await using ledger = await openLedger(copy)
  for await (const entry of readHistory(ledger)) count(tally, entry)
  return tally
}

/** What is wrong with how a run ended, given how many orders it had to place. */
export function faults(
  code: number | undefined,
  stdout: string,
  stderr: string,
  total: number,
): readonly string[] {
  const json = lastLine(stdout)
  const found = objectIn(json, 'audit')['findings']
  const findings = Array.isArray(found) ? found.map((finding) => JSON.stringify(finding)) : []
  if (code !== 0) findings.push(`ended with ${code}: ${stderr.slice(-500)}`)
  if (json?.['placed'] !== total) findings.push(`${String(json?.['placed'])} of ${total} placed`)
  return findings
}

function describeRun({ progress, killedAgain, findings }: Run): string {
  const percent = `${(progress * 100).toFixed(1)}%`.padStart(6)
  const books = findings.length === 0 ? 'clean' : `NOT CLEAN: ${findings[0]}`
  return `killed at ${percent}${killedAgain ? ', and again' : ''}; ${books}`
}

function argsOf(database: string, repeat: number): string[] {
  return ['--json', '--database', database, '--repeat', String(repeat)]
}

/** Random numbers in [0, 1) that depend on the seed and the number of the run alone. */
export function generator(seed: number, run: number): () => number {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(run, 0xc2b2ae35)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
