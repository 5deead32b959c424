/**
 * A ledger whose commits fail when a test says so: before anything happened, after it happened, or
 * with an outcome that is reported as unknown although the write is stored. Every crash there is lies
 * in one of these places.
 */
import { codedError } from '../errors.ts'
import type { Abortable, Ledger, Outcome, Write } from '../ledger/ledger.ts'

/**
 * Where a commit fails: `before` nothing was stored; `after` everything was, and the caller is told
 * that the write failed in an unknown way by an error of no code; `done-but-reported-failed` the same
 * with `COMMIT_OUTCOME_UNKNOWN`.
 */
export type FaultKind = 'before' | 'after' | 'done-but-reported-failed'

/** Chooses commits: the nth (1 is the next one), or all that a predicate picks. */
export type FaultChoice = number | ((write: Write, nth: number) => boolean)

/** A ledger with a handle on its failures. */
export interface FaultyLedger extends Ledger {
  /** Makes one commit fail, or every one that the predicate picks. */
  failAt(choice: FaultChoice, kind: FaultKind): void
  /** Forgets all chosen failures. */
  heal(): void
  /** Holds commits back until the returned function is called; those behind them wait too. */
  pause(): () => void
  /** How many commits were offered. */
  readonly commits: number
  /** The writes that were offered, in their order. */
  readonly offered: readonly Write[]
}

type Fault = { readonly picks: (write: Write, nth: number) => boolean; readonly kind: FaultKind }

/** Wraps a ledger. Disposing the wrapper disposes the ledger. */
export function faultyLedger(ledger: Ledger): FaultyLedger {
  const offered: Write[] = []
  let faults: Fault[] = []
  let gate: Promise<void> | undefined

  const commit = async (write: Write, options?: Abortable): Promise<Outcome> => {
    const nth = offered.push(write)
    const fault = faults.find(({ picks }) => picks(write, nth))
    if (gate !== undefined) await gate
    if (fault?.kind === 'before') throw codedError('LEDGER_WRITE_FAILED', { details: { nth } })
    const outcome = await ledger.commit(write, options)
    if (fault === undefined) return outcome
    switch (fault.kind) {
      case 'after':
        throw new Error('the process is gone after the commit')
      case 'done-but-reported-failed':
        throw codedError('COMMIT_OUTCOME_UNKNOWN', { details: { nth } })
      default:
        return fault.kind satisfies never
    }
  }

  return {
    commit,
    failAt: (choice, kind) => {
      const at = typeof choice === 'number' ? offered.length + choice : 0
      const picks =
        typeof choice === 'number' ? (_: Write, nth: number): boolean => nth === at : choice
      faults.push({ picks, kind })
    },
    heal: () => {
      faults = []
    },
    pause: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const mine = gate === undefined ? promise : gate.then(() => promise)
      gate = mine
      return () => {
        resolve()
        // Only behind those that wait already, so that no write overtakes another.
        void mine.then(() => {
          if (gate === mine) gate = undefined
        })
      }
    },
    get commits() {
      return offered.length
    },
    offered,
    find: (id) => ledger.find(id),
    claimed: (claim) => ledger.claimed(claim),
    stream: (key, range) => ledger.stream(key, range),
    head: (key) => ledger.head(key),
    snapshot: (key, atOrBefore) => ledger.snapshot(key, atOrBefore),
    log: (after, options) => ledger.log(after, options),
    tip: () => ledger.tip(),
    byCorrelation: (id) => ledger.byCorrelation(id),
    streams: (filter) => ledger.streams(filter),
    row: (space, key) => ledger.row(space, key),
    rows: (space, query) => ledger.rows(space, query),
    foreignWrites: () => ledger.foreignWrites(),
    location: ledger.location,
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  }
}
