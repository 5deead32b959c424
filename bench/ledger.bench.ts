/**
 * What the ledger makes of the disk, beside a bare loop over `node:sqlite` that does the same inserts
 * into the same tables with the same durability.
 *
 * Not measured: claims, rows and snapshots; streams beyond 1,000; disks slower than this one, where
 * group commit gains more and a single caller loses less.
 */
import { statSync } from 'node:fs'
import { systemClock } from '../src/clock.ts'
import { randomRoot, systemRandom, type WriteId, writeIds } from '../src/identity.ts'
import type { Ledger, StreamKey } from '../src/ledger/ledger.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { bareLoop, cpuPerEvent, type Measured, PAYLOAD_BYTES, rate, STREAMS } from './bare-loop.ts'
import { withScratch } from './scratch.ts'

/** One line of the result: a name and its figures. */
export type LedgerFigures = { readonly name: string } & Readonly<Record<string, string | number>>

const ROUNDS = 3
const WARM_UP_SECONDS = 0.5
const CALLERS = [1, 16, 64, 256]

/** Runs the bench; `seconds` is the time of each figure in each of three rounds. */
export async function ledgerBench(options: { seconds: number }): Promise<LedgerFigures[]> {
  const measures = new Map<string, (seconds: number) => Promise<Measured>>([
    ['bare loop, batches of 1', (seconds) => bareLoop(1, seconds)],
    ['bare loop, batches of 100', (seconds) => bareLoop(100, seconds)],
    ...CALLERS.map(
      (callers) =>
        [
          `ledger, callers ${callers}`,
          (seconds: number) => appendFrom({ callers, seconds }),
        ] as const,
    ),
    [
      'ledger inline, callers 1',
      (seconds) => appendFrom({ callers: 1, seconds, thread: 'inline' }),
    ],
    ['ledger, stream of 100000 read', () => readStream(100_000)],
  ])
  // What runs first would be measured while its code is still being compiled.
  for (const measure of measures.values()) await measure(WARM_UP_SECONDS)
  const rounds = new Map<string, Measured[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of measures) {
      rounds.set(name, [...(rounds.get(name) ?? []), await measure(options.seconds)])
    }
  }
  const medians = [...rounds].map(([name, all]) => figures(name, all))
  return [...medians, ...ratios(medians)]
}

function figures(name: string, rounds: readonly Measured[]): LedgerFigures {
  const sorted = rounds.toSorted((one, other) => one.perSecond - other.perSecond)
  const median = sorted[sorted.length >> 1]
  const [low, high] = [sorted[0]?.perSecond ?? 0, sorted.at(-1)?.perSecond ?? 0]
  return {
    name,
    eventsPerSecond: Math.round(median?.perSecond ?? 0),
    low: Math.round(low),
    high: Math.round(high),
    sync: name.startsWith('ledger, stream') ? 'none (read)' : 'FULL',
    ...median?.figures,
  }
}

function ratios(all: readonly LedgerFigures[]): LedgerFigures[] {
  const of = (name: string): number =>
    Number(all.find((one) => one.name === name)?.['eventsPerSecond'] ?? 0)
  const ratio = (ours: string, bare: string): number =>
    Math.round((100 * of(ours)) / of(bare)) / 100
  return [
    {
      name: 'ratio, 256 callers to bare batches of 100',
      ratio: ratio('ledger, callers 256', 'bare loop, batches of 100'),
      floor: 0.6,
    },
    {
      name: 'ratio, one caller to bare batches of 1',
      ratio: ratio('ledger, callers 1', 'bare loop, batches of 1'),
      floor: 0.7,
    },
    {
      name: 'cost of the hop to the thread, microseconds',
      microseconds: Math.round(
        1e6 / of('ledger, callers 1') - 1e6 / of('ledger inline, callers 1'),
      ),
    },
  ]
}

type Load = {
  readonly callers: number
  readonly seconds: number
  readonly thread?: 'worker' | 'inline'
}

async function appendFrom({ callers, seconds, thread }: Load): Promise<Measured> {
  return withScratch(async (path) => {
    const ledger = await openLedger(path, { thread })
    const newId = writeIds(systemClock(), systemRandom())
    const streams = newStreams(STREAMS)
    // The bare loop's streams are there when its clock starts, and so are these.
    const begin = (key: StreamKey): Promise<unknown> =>
      appendOne(ledger, { id: newId(), key, at: 0 })
    // One caller alone is alone from the start.
    if (callers === 1) for (const key of streams) await begin(key)
    else await Promise.all(streams.map(begin))
    const latencies: number[] = []
    const cpu = process.cpuUsage()
    const started = performance.now()
    const until = started + seconds * 1_000
    let stored = 0
    const caller = async (first: number): Promise<void> => {
      for (let at = 1; ; at++) {
        for (let stream = first; stream < STREAMS; stream += callers) {
          const from = performance.now()
          if (from >= until) return
          await appendOne(ledger, { id: newId(), key: streams[stream], at })
          latencies.push(performance.now() - from)
          stored++
        }
      }
    }
    await Promise.all(Array.from({ length: callers }, (_, first) => caller(first)))
    const perSecond = rate(stored, started)
    const cpuMicros = cpuPerEvent(cpu, stored)
    const rssMb = Math.round(process.memoryUsage.rss() / 1e6)
    const walMb = Math.round(statSync(`${path}-wal`).size / 1e6)
    await ledger[Symbol.asyncDispose]()
    latencies.sort((one, other) => one - other)
    const percentile = (p: number): number =>
      Math.round((latencies[Math.floor(latencies.length * p)] ?? 0) * 1_000)
    const p50 = percentile(0.5)
    const p99Micros = percentile(0.99)
    return { perSecond, figures: { p50Micros: p50, p99Micros, cpuMicros, rssMb, walMb } }
  })
}

const CORRELATION = '3b1f2c9e-6d2a-4f0e-9c1b-7a5d8e4f2b10'
const PAGE = new Uint8Array(PAYLOAD_BYTES).map((_, i) => (i * 37) & 0xff)

type One = { readonly id: WriteId; readonly key: StreamKey | undefined; readonly at: number }

async function appendOne(ledger: Ledger, { id, key, at }: One): Promise<void> {
  if (key === undefined) throw new Error('there are fewer streams than callers')
  const events = [{ type: 'bench.Happened', page: PAGE }]
  const outcome = await ledger.commit({
    id,
    appends: [{ key, at, events, correlationId: CORRELATION }],
  })
  if (outcome.kind !== 'committed') throw new Error(`an append ended as ${outcome.kind}`)
}

function newStreams(count: number): StreamKey[] {
  const random = systemRandom()
  return Array.from({ length: count }, () => ({
    domain: 'order',
    edition: '',
    root: randomRoot(random),
  }))
}

async function readStream(total: number): Promise<Measured> {
  return withScratch(async (path) => {
    const ledger = await openLedger(path)
    const newId = writeIds(systemClock(), systemRandom())
    const [key] = newStreams(1)
    if (key === undefined) throw new Error('there is no stream')
    const events = Array.from({ length: 1_000 }, () => ({ type: 'bench.Happened', page: PAGE }))
    for (let at = 0; at < total; at += events.length) {
      await ledger.commit({
        id: newId(),
        appends: [{ key, at, events, correlationId: CORRELATION }],
      })
    }
    let read = 0
    const readAll = async (): Promise<void> => {
      for await (const chunk of ledger.stream(key, { from: 0 })) read += chunk.length
    }
    await readAll()
    read = 0
    const cpu = process.cpuUsage()
    const started = performance.now()
    await readAll()
    const perSecond = rate(read, started)
    const cpuMicros = cpuPerEvent(cpu, read)
    await ledger[Symbol.asyncDispose]()
    return { perSecond, figures: { events: read, cpuMicros } }
  })
}
