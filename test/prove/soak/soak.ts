/**
 * The soak: minutes of mixed load at 80 percent of the peak that is measured at the start, against a
 * served coordinator whose components are a second process. Nothing may fail, and memory and latency
 * stay flat; `judge.ts` says what flat is.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectChannel, create, serviceClient } from 'amends'
import { DlqAdminService, ListDeadLettersRequestSchema } from 'amends/proto'
import { declarationOf } from '../../../examples/order-book/remote/declared-components.ts'
import { commandLine } from '../../../examples/order-book/remote/processes.ts'
import { definitionsElsewhere } from '../../../examples/order-book/remote/remote-components.ts'
import { scratchFolder } from '../../order-book/run-program.ts'
import { generator } from '../kills.ts'
import type { ProofResult } from '../proof.ts'
import { growthPercent, judgeSoak, latencyOf, type SoakSample } from './judge.ts'
import { MixedLoad } from './mixed-load.ts'
import { type WatchedProcess, watchProcess } from './watched-process.ts'

/** How long to load, and how often to look. */
export type SoakOptions = {
  readonly seed: number
  readonly seconds: number
  /** Time to find the peak. */
  readonly peakSeconds: number
  readonly everySeconds: number
  /** Takes a line about each sample. */
  readonly report: (line: string) => void
}

/** What a soak comes to: the verdict, and what it was made of. */
export type Soak = ProofResult & {
  readonly samples: readonly SoakSample[]
  /** What failed; flat or not. */
  readonly failures: readonly string[]
}

/** A cache that is soon full: what it takes until then is no leak. */
const SETTINGS = { snapshotEvery: 100, stateCacheBytesMax: 4_194_304 }
const PEAK_WORKERS = 32
const SHARE_OF_PEAK = 0.8
const UNDER_WAY_MAX = 256

/** Runs a soak. */
export async function soak(options: SoakOptions): Promise<Soak> {
  const { seed, seconds, report } = options
  await using folder = await scratchFolder()
  await using served = await serve(folder.path)
  await using channel = await connectChannel(served.endpoint)
  const durations = { calls: [] as number[], orders: [] as number[] }
  const load = new MixedLoad(channel, generator(seed, 1), (what, ms) => durations[what].push(ms))
  await using _load = load
  await load.open()
  const peak = await findPeak(load, options.peakSeconds)
  report(`peak: ${peak.toFixed(1)} orders a second with ${PEAK_WORKERS} at a time`)
  const taken = (): SoakSample['latency'] => ({
    calls: latencyOf(durations.calls.splice(0)),
    orders: latencyOf(durations.orders.splice(0)),
  })
  taken()
  const before = endedOf(load)
  const samples: SoakSample[] = []
  const over = new AbortController()
  const looking = look({ ...options, served, taken, signal: over.signal }, (sample) => {
    samples.push(sample)
    report(`${describe(sample)}, ${endedOf(load) - before} orders`)
  })
  await paced(load, peak * SHARE_OF_PEAK, seconds)
  const orders = endedOf(load) - before
  over.abort()
  await looking
  const letters = await deadLetters(channel)
  const failures = [...load.failures, ...letters]
  const findings = [...failures, ...judgeSoak(samples)]
  const counts = { ...countsOf(samples), orders, ...load.ended, seconds, peak: Math.round(peak) }
  return { ok: findings.length === 0, counts, findings, samples, failures }
}

type Served = AsyncDisposable & {
  readonly endpoint: string
  readonly processes: Readonly<Record<string, WatchedProcess>>
}

async function serve(folder: string): Promise<Served> {
  const [endpoint, config] = [join(folder, 'coordinator'), join(folder, 'amends.json')]
  const components = definitionsElsewhere().map(declarationOf)
  const content = { ledger: join(folder, 'soak.db'), listen: [endpoint], components }
  await writeFile(config, JSON.stringify({ ...content, ...SETTINGS }))
  const program = new URL(
    '../../../examples/order-book/remote/components-program.js',
    import.meta.url,
  ).pathname
  await using starting = new AsyncDisposableStack()
  const args = [program, endpoint, join(folder, 'read-models'), join(folder, 'views.db')]
  const beside = starting.use(watchProcess(args))
  const server = starting.use(watchProcess([commandLine(), 'serve', '--config', config]))
  await Promise.all([beside.ready, server.ready])
  const started = starting.move()
  return {
    endpoint,
    processes: { coordinator: server, components: beside },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** Orders a second when each worker begins the next one as soon as it can. */
async function findPeak(load: MixedLoad, seconds: number): Promise<number> {
  const since = performance.now()
  const elapsed = (): number => (performance.now() - since) / 1000
  // What is quick at the beginning, while everything is small and unwarmed, says little.
  let [at, from] = [0, 0]
  const work = async (): Promise<void> => {
    while (elapsed() < seconds) {
      await load.one()
      if (at !== 0 || elapsed() < seconds / 3) continue
      at = elapsed()
      from = endedOf(load)
    }
  }
  await Promise.all(Array.from({ length: PEAK_WORKERS }, work))
  return (endedOf(load) - from) / (elapsed() - at)
}

async function paced(load: MixedLoad, perSecond: number, seconds: number): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const since = performance.now()
  for (let begun = 0; ; begun++) {
    const dueMs = since + (begun * 1000) / perSecond
    if (dueMs - since > seconds * 1000) break
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    if (underWay.size >= UNDER_WAY_MAX) await Promise.race(underWay)
    if (performance.now() - since > seconds * 1000) break
    const one = load.one()
    underWay.add(one)
    void one.then(() => underWay.delete(one))
  }
  await Promise.all(underWay)
}

async function look(
  soaked: {
    readonly everySeconds: number
    readonly served: Served
    readonly taken: () => SoakSample['latency']
    readonly signal: AbortSignal
  },
  take: (sample: SoakSample) => void,
): Promise<void> {
  const { everySeconds, served, taken, signal } = soaked
  const since = performance.now()
  for (;;) {
    await sleep(everySeconds * 1000, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const memory: Record<string, number> = {}
    for (const [name, process] of Object.entries(served.processes)) {
      const { rss, heapUsed } = await process.memory()
      memory[`${name} resident`] = rss
      memory[`${name} heap`] = heapUsed
    }
    take({ second: (performance.now() - since) / 1000, memory, latency: taken() })
  }
}

async function deadLetters(channel: Parameters<typeof serviceClient>[1]): Promise<string[]> {
  const { listDeadLetters } = serviceClient(DlqAdminService, channel)
  const { state } = await listDeadLetters(create(ListDeadLettersRequestSchema))
  if (state.case !== 'ok') return ['the desk does not answer']
  return state.value.entries.map(({ rejectionReason }) => `dead letter: ${rejectionReason}`)
}

function endedOf({ ended }: MixedLoad): number {
  return ended.confirmed + ended.amended
}

function describe({ second, memory, latency }: SoakSample): string {
  const sizes = Object.entries(memory).map(([name, bytes]) => `${name} ${megabytes(bytes)} MB`)
  const times = Object.entries(latency).map(
    ([name, { p50Ms, p99Ms }]) => `${name} ${p50Ms.toFixed(1)}/${p99Ms.toFixed(1)} ms`,
  )
  return [`${second.toFixed(0)} s`, ...sizes, ...times].join(', ')
}

/** The numbers of the result: growth in thousandths of a percent, sizes in megabytes. */
function countsOf(samples: readonly SoakSample[]): Record<string, number> {
  const settled = samples.slice(Math.floor(samples.length / 3))
  const counts: Record<string, number> = { samples: samples.length }
  for (const name of Object.keys(samples[0]?.memory ?? {})) {
    counts[`${name}, MB`] = megabytes(settled.at(-1)?.memory[name] ?? 0)
    counts[`${name}, percent a minute`] = rounded(growthPercent(settled, name), 3)
  }
  for (const name of Object.keys(samples[0]?.latency ?? {})) {
    for (const which of ['p50Ms', 'p99Ms'] as const) {
      const all = settled.map(({ latency }) => latency[name]?.[which] ?? 0)
      counts[`${name} ${which}`] = rounded(latencyOf(all).p50Ms, 1)
    }
  }
  return counts
}

function megabytes(bytes: number): number {
  return rounded(bytes / 2 ** 20, 1)
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places))
}
