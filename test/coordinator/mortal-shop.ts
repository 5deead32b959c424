/** A shop whose process dies at a commit of its ledger: nothing it does afterwards has any effect. */
import type { Component } from '../../src/component/definition.ts'
import { type Clock, systemClock, type Timer } from '../../src/clock.ts'
import type { WriteId } from '../../src/identity.ts'
import type { Ledger, Write } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { MetricsRegistry } from '../../src/telemetry/metrics-registry.ts'
import { recordTelemetry } from '../../src/telemetry/recorded-telemetry.ts'
import type { LedgerFolder } from './ledger-folder.ts'
import { openShop, type Shop, type ShopOptions } from './open-shop.ts'
import { inProcess } from './twice.ts'

/** Whether the fatal commit is stored before the process dies. */
export type Death = 'before' | 'after'

/** Which commit is fatal: the nth from 1, or the first one that a predicate picks. */
export type FatalCommit = number | ((write: Write) => boolean)

/** A shop that is to die. Its ledger is read when it is opened again. */
export type MortalShop = Omit<Shop, 'ledger' | 'deadLetters'> & {
  /** Resolves at its death. */
  readonly death: Promise<void>
  /** Replays everything on its desk. */
  replayAll(): Promise<void>
  /** Commits it has offered. */
  readonly commits: () => number
  /** Closes what is left of it; the next process on its ledger need not wait for its leases. */
  bury(): Promise<void>
}

/** Opens one on a folder, always in process. It must be buried, dead or not. */
export async function openMortalShop(
  components: readonly Component[],
  options: Omit<ShopOptions, 'wrap'> & {
    readonly folder: LedgerFolder
    readonly fatal: FatalCommit
    readonly death: Death
  },
): Promise<MortalShop> {
  const { fatal, death: kind, folder, ...rest } = options
  const { promise: death, resolve: die } = Promise.withResolvers<void>()
  let inner: Ledger | undefined
  let commits = 0
  let dead = false
  const wrap = (ledger: Ledger): Ledger => {
    inner = ledger
    const end = (): Promise<never> => {
      dead = true
      die()
      return never()
    }
    const alive = async <T>(answer: Promise<T>): Promise<T> => (dead ? never() : later(answer))
    const later = async <T>(answer: Promise<T>): Promise<T> => {
      const value = await answer
      return dead ? never() : value
    }
    return {
      commit: async (write) => {
        if (dead) return never()
        commits++
        const isFatal = typeof fatal === 'number' ? commits === fatal : fatal(write)
        if (isFatal && kind === 'before') return end()
        const outcome = await ledger.commit(write)
        return isFatal ? end() : alive(Promise.resolve(outcome))
      },
      find: (id) => alive(ledger.find(id)),
      claimed: (claim) => alive(ledger.claimed(claim)),
      head: (key) => alive(ledger.head(key)),
      snapshot: (key, sequence) => alive(ledger.snapshot(key, sequence)),
      tip: () => alive(ledger.tip()),
      row: (space, key) => alive(ledger.row(space, key)),
      rows: (space, query) => alive(ledger.rows(space, query)),
      stream: (key, range) => ledger.stream(key, range),
      log: (after, reading) => ledger.log(after, reading),
      byCorrelation: (id) => ledger.byCorrelation(id),
      streams: (filter) => ledger.streams(filter),
      foreignWrites: () => (dead ? 0 : ledger.foreignWrites()),
      location: ledger.location,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
  const clock = mortalClock()
  const opening = inProcess(() => openShop(components, { clock, ...rest, folder, wrap }))
  const bury = async (): Promise<void> => {
    dead = true
    clock.stop()
    await turns(3)
    await inner?.[Symbol.asyncDispose]()
    await forgetLeases(folder)
  }
  const shop = await Promise.race([opening, death.then(() => undefined)])
  const base = shop ?? stillborn(folder)
  const replayAll = async (): Promise<void> => {
    for (const { id } of (await shop?.deadLetters.list()) ?? []) await shop?.deadLetters.replay(id)
  }
  return { ...base, death, replayAll, commits: () => commits, bury, [Symbol.asyncDispose]: bury }
}

/** A process that died while it was starting has no shop. */
function stillborn({ path }: LedgerFolder): Omit<Shop, 'ledger' | 'deadLetters'> {
  const gone = (): never => {
    throw new Error('the process died while it was starting')
  }
  return {
    path,
    orphans: [],
    metrics: new MetricsRegistry(),
    telemetry: recordTelemetry(),
    client: gone,
    serves: gone,
    services: {
      handleEvent: gone,
      handleSync: gone,
      handleCompensation: gone,
      synchronize: gone,
      getAggregateRoots: gone,
      subscribe: gone,
    },
    cascades: {
      state: gone,
      reserve: gone,
      commit: gone,
      rollback: gone,
      reap: gone,
      ownedBy: gone,
    },
    deleteEdition: gone,
    settled: gone,
    projection: gone,
    rebuild: gone,
    status: gone,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** What the system does when the holder of leases is a process that is gone. */
export async function forgetLeases(folder: LedgerFolder): Promise<void> {
  await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
  const id = `forget-leases-${process.hrtime.bigint()}` as WriteId
  await ledger.commit({ id, deletions: [{ kind: 'space', space: 'lease' }] })
}

/** The clock of this machine until it is stopped: then nothing fires any more. */
function mortalClock(): Clock & { stop(): void } {
  const clock = systemClock()
  const timers = new Set<Timer>()
  let stopped = false
  return {
    ...clock,
    after: (delayMs, callback) => {
      if (stopped) return { cancel: () => undefined }
      const timer = clock.after(delayMs, () => {
        timers.delete(timer)
        callback()
      })
      timers.add(timer)
      return timer
    },
    stop: () => {
      stopped = true
      for (const timer of timers) timer.cancel()
    },
  }
}

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

function never(): Promise<never> {
  return new Promise<never>(() => undefined)
}
