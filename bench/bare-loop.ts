/**
 * A bare loop over `node:sqlite` that does the ledger's inserts into the ledger's tables with the
 * same durability: what this machine can do at most.
 */
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '../src/clock.ts'
import { systemRandom, writeIds } from '../src/identity.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { withScratch } from './scratch.ts'

/** Streams the events go to, in turn. */
export const STREAMS = 1_000
/** Bytes of each event's page. */
export const PAYLOAD_BYTES = 120

/** A rate, and what belongs to it. */
export type Measured = {
  readonly perSecond: number
  readonly figures: Readonly<Record<string, number>>
}

/** Events per second of one event a stream, `batch` of them a transaction. */
export function bareLoop(batch: number, seconds: number): Promise<Measured> {
  return withScratch(async (path) => {
    await (await openLedger(path))[Symbol.asyncDispose]()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -65536')
    const newStream = db.prepare('INSERT INTO streams (timeline, root) VALUES (1, ?)')
    db.exec("INSERT INTO timelines (domain, edition) VALUES ('order', '')")
    const random = systemRandom()
    for (let i = 0; i < STREAMS; i++) newStream.run(random.bytes(16))
    const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')]
    const insertCommit = db.prepare(
      'INSERT INTO commits (number, id, recorded, first, last) VALUES (?, ?, ?, ?, ?)',
    )
    const insertEvent = db.prepare(
      'INSERT INTO events (position, stream, sequence, record) VALUES (?, ?, ?, ?)',
    )
    const newId = writeIds(systemClock(), random)
    const record = new Uint8Array(PAYLOAD_BYTES + 46 + 36)
    const heads = new Uint32Array(STREAMS)
    const cpu = process.cpuUsage()
    const started = performance.now()
    let stored = 0
    while (performance.now() - started < seconds * 1_000) {
      const recorded = systemClock().wall()
      begin.run()
      for (let i = 0; i < batch; i++) {
        const stream = stored % STREAMS
        stored++
        insertCommit.run(stored, newId(), recorded, stored, stored)
        insertEvent.run(stored, stream + 1, heads[stream] ?? 0, record)
        heads[stream] = (heads[stream] ?? 0) + 1
      }
      commit.run()
    }
    const perSecond = rate(stored, started)
    const cpuMicros = cpuPerEvent(cpu, stored)
    db.close()
    return { perSecond, figures: { commitsPerSecond: Math.round(perSecond / batch), cpuMicros } }
  })
}

/** Events per second since a moment. */
export function rate(count: number, startedMs: number): number {
  return (count / (performance.now() - startedMs)) * 1_000
}

/** CPU time per event in microseconds, of both threads; unlike the rate it says the same on a busy machine. */
export function cpuPerEvent(since: NodeJS.CpuUsage, events: number): number {
  const { user, system } = process.cpuUsage(since)
  return Math.round((10 * (user + system)) / events) / 10
}
