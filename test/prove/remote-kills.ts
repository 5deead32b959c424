/**
 * The proof by killing over three processes: while the order book runs against `amends serve` with its
 * components elsewhere, one of the three is killed with SIGKILL at a random moment, some again while
 * they recover. The coordinator and the components are started again by the driver, which goes on; a
 * driver is continued. What is audited is what gRPC answers; the ledger is looked at besides.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endedOrders } from '../../examples/order-book/progress.ts'
import { lastLine, scratchFolder, TRADING } from '../order-book/run-program.ts'
import { gone, type RemoteEnded, runRemote, type Victim } from '../order-book/run-remote.ts'
import { faults, generator, tallyOf } from './kills.ts'

/** Counts of a proof. */
export type RemoteKillCounts = {
  runs: number
  /** Runs whose coordinator, components or driver was killed. */
  serve: number
  components: number
  driver: number
  /** Those killed again during recovery. */
  killedAgain: number
  /** Those that ended with clean books, nothing lost and nothing twice. */
  clean: number
}

/** What a proof needs to know. */
export type RemoteKillOptions = {
  readonly runs: number
  readonly seed: number
  /** Takes a line about each run. */
  readonly report: (line: string) => void
  /** Goes on behind the runs that are counted here. */
  readonly resume?: RemoteKillCounts | undefined
  /** Told the counts after each run, for `resume`. */
  readonly counted?: ((counts: Readonly<RemoteKillCounts>) => void) | undefined
  /** Further arguments of the program. Default none. */
  readonly args?: readonly string[] | undefined
}

/** What became of it. */
export type RemoteKillProof = {
  readonly ok: boolean
  readonly counts: Readonly<Record<keyof RemoteKillCounts, number>>
  readonly findings: readonly string[]
}

/** Of every four runs, two lose the coordinator, one the components and one the driver. */
const VICTIMS: readonly Victim[] = ['amends serve', 'components', 'driver', 'amends serve']
const AGAIN_SHARE = 0.2
/** A process that has just been started is killed again within this time. */
const RECOVERY_MS = 1500

type Run = {
  readonly victim: Victim
  readonly kills: number
  readonly findings: readonly string[]
}

/** Kills so many runs. */
export async function proveRemoteKills(options: RemoteKillOptions): Promise<RemoteKillProof> {
  const { runs, seed, report, args = [] } = options
  const none = { runs: 0, serve: 0, components: 0, driver: 0, killedAgain: 0, clean: 0 }
  const counts = { ...(options.resume ?? none) }
  const findings: string[] = []
  await using folder = await scratchFolder()
  const pace = await measure(folder.path, args)
  report(`undisturbed: ${pace.orders} orders, ${pace.tradingMs.toFixed(0)} ms of trading`)
  while (counts.runs < runs) {
    const number = counts.runs + 1
    const victim = VICTIMS[counts.runs % VICTIMS.length] ?? 'driver'
    const again = counts.killedAgain < Math.ceil(number * AGAIN_SHARE)
    const random = generator(seed, number)
    const run = await killOnce({ folder: folder.path, args, pace, victim, again, random })
    counts.runs++
    counts[victim === 'amends serve' ? 'serve' : victim]++
    if (run.kills > 1) counts.killedAgain++
    if (run.findings.length === 0) counts.clean++
    findings.push(...run.findings.map((finding) => `run ${number}: ${finding}`))
    const books = run.findings.length === 0 ? 'clean' : `NOT CLEAN: ${run.findings[0]}`
    report(`run ${number}: ${victim} killed ${run.kills} times; ${books}`)
    options.counted?.(counts)
  }
  const ok = counts.clean === runs && counts.killedAgain >= Math.floor(runs * AGAIN_SHARE)
  return { ok, counts, findings }
}

type Pace = { readonly orders: number; readonly tradingMs: number }

async function measure(folder: string, args: readonly string[]): Promise<Pace> {
  const database = join(folder, 'measure.db')
  const { code, stdout, stderr } = await runRemote(['--json', '--database', database, ...args])
  const json = code === 0 ? lastLine(stdout) : undefined
  if (json === undefined) throw new Error(`the undisturbed run failed: ${stderr}`)
  return { orders: Number(json['orders']), tradingMs: Number(json['seconds']) * 1000 }
}

async function killOnce(run: {
  readonly folder: string
  readonly args: readonly string[]
  readonly pace: Pace
  readonly victim: Victim
  readonly again: boolean
  readonly random: () => number
}): Promise<Run> {
  const { pace, victim, again, random } = run
  const folder = join(run.folder, `${process.hrtime.bigint()}`)
  await mkdir(folder)
  const database = join(folder, 'books.db')
  const args = ['--json', '--database', database, ...run.args]
  const first = await runRemote(args, {
    victim,
    atText: TRADING,
    afterMs: pace.tradingMs * (0.05 + 0.8 * random()),
    ...(again && { againAfterMs: RECOVERY_MS * random() }),
  })
  const { kills } = first
  const ended =
    victim === 'driver'
      ? await goOn({ folder, database, args, first, again, random })
      : { last: first, kills, findings: [] }
  const findings = [...ended.findings, ...(await lookAt(folder, database, ended.last, pace.orders))]
  await rm(folder, { recursive: true, force: true })
  return { victim, kills: ended.kills, findings }
}

/** Continues what a killed driver has left. What it had seen must be there. */
async function goOn(from: {
  readonly folder: string
  readonly database: string
  readonly args: readonly string[]
  readonly first: RemoteEnded
  readonly again: boolean
  readonly random: () => number
}): Promise<{ last: RemoteEnded; kills: number; findings: readonly string[] }> {
  const { folder, database, args, first, again, random } = from
  await gone(first.started)
  const findings: string[] = []
  const seen = /.*^(?<ended>\d+) of \d+ orders ended/ms.exec(first.stderr)?.groups?.['ended'] ?? 0
  const kept = endedOrders(await tallyOf(folder, database))
  if (kept < Number(seen)) findings.push(`${seen} orders had ended, ${kept} are in the ledger`)
  let { kills } = first
  const more = [...args, '--continue']
  if (again) {
    const strike = { victim: 'driver', atText: /process/, afterMs: RECOVERY_MS * random() } as const
    const second = await runRemote(more, strike)
    await gone(second.started)
    kills += second.kills
  }
  return { last: await runRemote(more), kills, findings }
}

/** The books of the last run, and whether the driver has seen just what is in the ledger. */
async function lookAt(
  folder: string,
  database: string,
  { code, stdout, stderr }: RemoteEnded,
  orders: number,
): Promise<readonly string[]> {
  const findings = [...faults(code, stdout, stderr, orders)]
  const seen = lastLine(stdout)?.['events']
  const { events } = await tallyOf(folder, database)
  if (seen !== events) {
    findings.push(`the driver has seen ${String(seen)} events, the ledger has ${events}`)
  }
  return findings
}
