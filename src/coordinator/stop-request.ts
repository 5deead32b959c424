/**
 * Stops a request that compensates: in one commit its open reactions are settled as skipped and its
 * undos are written down (design section 6). Before that commit nothing has changed: after a crash
 * the rest goes on as ASYNC.
 */
import type { Clock } from '../clock.ts'
import { dispositionOfError } from '../errors/client-error.ts'
import type { Condition } from '../ledger/ledger.ts'
import { backoffMs } from './backoff.ts'
import type { OpenPart, RunningCommand, StopRequest } from './cascade-parts.ts'
import type { LogSink } from './coordinator.ts'
import { type Delivery, putDelivery } from './delivery.ts'
import { messageOf } from '../errors.ts'
import type { Cascades } from './cascades.ts'
import type { Journal } from './journal.ts'
import { planUndo } from './plan-undo.ts'
import type { Bounds } from './scheduled-component.ts'
import type { Settlement } from './settlement.ts'

/** What stopping needs. */
export type StopOptions = {
  readonly journal: Journal
  readonly clock: Clock
  readonly bounds: Bounds
  readonly log: LogSink
  readonly cascades: Pick<Cascades, 'rollback'>
  /** Brings deliveries to the component they belong to. */
  readonly enqueue: (deliveries: readonly Delivery[]) => void
}

/** See the top of this file. */
export function stopRequests(options: StopOptions): StopRequest {
  return async ({ failure, open, executed, cascadeId }) => {
    const isPending = cascadeId !== undefined
    const all = isPending ? [] : [...executed, ...(await happenedAfterAll(open))]
    const place = failure.place ?? all[0]?.place
    const now = options.clock.wall()
    const undos =
      place === undefined ? [] : planUndo({ place, executed: all, error: failure.error, now })
    const skips = open.flatMap(({ skip }) => skip?.() ?? [])
    const settled = joined([
      ...skips,
      { conditions: place?.term() ?? [], rows: undos.map((item) => putDelivery(item, now)) },
    ])
    const isEmpty = (settled.rows ?? []).length + (settled.claims ?? []).length === 0
    if (!isEmpty && !(await isStored(options, settled))) return false
    options.enqueue(undos)
    // What a crash leaves pending here is revoked when its time is up.
    if (isPending) await options.cascades.rollback(cascadeId, messageOf(failure.error))
    return true
  }
}

/** Commands whose last attempt ended without an answer, and which have been carried out. */
async function happenedAfterAll(open: readonly OpenPart[]): Promise<readonly RunningCommand[]> {
  const found = await Promise.all(open.map(async ({ happened }) => await happened?.()))
  return found.filter((command) => command !== undefined)
}

/** All in one; each condition once. */
function joined(settlements: readonly Settlement[]): Settlement {
  const conditions = new Map<string, Condition>()
  for (const settlement of settlements) {
    for (const condition of settlement.conditions ?? []) {
      conditions.set(JSON.stringify(condition), condition)
    }
  }
  return {
    conditions: [...conditions.values()],
    claims: settlements.flatMap(({ claims }) => claims ?? []),
    rows: settlements.flatMap(({ rows }) => rows ?? []),
  }
}

/** Commits until it is stored; false when somebody else owns a component now. */
async function isStored(options: StopOptions, settled: Settlement): Promise<boolean> {
  const { journal, clock, bounds, log } = options
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await journal.commit(settled)
      if (outcome.kind === 'committed') return true
      // A lease is lost, or a reaction whose outcome was not known has run after all.
      log('error', 'request_not_stopped', { outcome: outcome.kind })
      return false
    } catch (error) {
      if (dispositionOfError(error) !== 'retry' || attempt >= bounds.reactionAttemptsMax) {
        throw error
      }
      const backoff = { msMin: bounds.reactionBackoffMsMin, msMax: bounds.reactionBackoffMsMax }
      await new Promise<void>((resolve) => clock.after(backoffMs(backoff, attempt, 1), resolve))
    }
  }
}
