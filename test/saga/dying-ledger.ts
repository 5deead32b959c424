/** The ledger as one process sees it that dies at a commit: from then on nothing is answered. */
import { codedError } from '../../src/errors.ts'
import type { Ledger, Outcome, Write } from '../../src/ledger/ledger.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'

/** See the top of this file. */
export type DyingLedger = Ledger & {
  /** Commits of executions so far. */
  readonly commits: number
  readonly isDead: boolean
}

/**
 * Wraps a ledger. `at` counts commits that concern executions, or whatever `counts` says, from 1. `done-but-reported-failed` does
 * not kill: the process is told that the outcome is not known, and lives on.
 */
export function dyingLedger(
  ledger: Ledger,
  at: number,
  kind: FaultKind,
  counts: (write: Write) => boolean = concernsExecutions,
): DyingLedger {
  let commits = 0
  let isDead = false
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
  const alive = <T>(call: () => Promise<T>): Promise<T> => (isDead ? never<T>() : call())

  const commit = async (write: Write): Promise<Outcome> => {
    if (isDead) return await never()
    if (!counts(write) || ++commits !== at) return await ledger.commit(write)
    switch (kind) {
      case 'before':
        isDead = true
        return await never()
      case 'after':
        isDead = true
        await ledger.commit(write)
        return await never()
      case 'done-but-reported-failed':
        await ledger.commit(write)
        throw codedError('COMMIT_OUTCOME_UNKNOWN')
      default:
        return kind satisfies never
    }
  }
  return {
    commit,
    get commits() {
      return commits
    },
    get isDead() {
      return isDead
    },
    find: (id) => alive(() => ledger.find(id)),
    claimed: (claim) => alive(() => ledger.claimed(claim)),
    stream: (key, range) => ledger.stream(key, range),
    head: (key) => alive(() => ledger.head(key)),
    snapshot: (key, atOrBefore) => alive(() => ledger.snapshot(key, atOrBefore)),
    log: (after, options) => ledger.log(after, options),
    tip: () => alive(() => ledger.tip()),
    byCorrelation: (id) => ledger.byCorrelation(id),
    streams: (filter) => ledger.streams(filter),
    row: (space, key) => alive(() => ledger.row(space, key)),
    rows: (space, query) => alive(() => ledger.rows(space, query)),
    foreignWrites: () => ledger.foreignWrites(),
    location: ledger.location,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function concernsExecutions({ appends, rows }: Write): boolean {
  return (appends ?? []).length > 0 || (rows ?? []).some(({ space }) => space === 'saga-execution')
}
