/** What the commit of a decided piece of work holds. */
import type { Clock } from '../clock.ts'
import type { Append, Condition, StoredSnapshot } from '../ledger/ledger.ts'
import { pendingIn, withPendingPages } from './draft-pending.ts'
import { branchConditions, branchRows } from './draft-branch.ts'
import type { Draft } from './journal.ts'
import type { Mailbox } from './mailbox.ts'
import type { Decision } from './stateful-endpoint.ts'
import type { Decided, Work } from './work.ts'

/**
 * Its events, or only the check that the stream still stands where the decision was made; its
 * claim, unless it was refused; and whatever its settlement adds.
 */
export function draftWork(
  mailbox: Mailbox,
  work: Work,
  decided: Decided,
  bounds: { readonly clock: Clock; readonly pendingTimeoutMs: number },
): Draft {
  const settlement = work.settle?.(decided)
  const plain = ownPart(mailbox, work, decided)
  const own =
    work.cascadeId === undefined ? plain : withPendingPages(mailbox, work, decided, plain, bounds)
  const claims =
    decided.kind === 'accepted' && work.idempotencyKey !== undefined
      ? [{ scope: mailbox.key, key: work.idempotencyKey }]
      : []
  if (settlement === undefined) return claims.length === 0 ? own : { ...own, claims }
  return {
    ...settlement,
    conditions: [...(own.conditions ?? []), ...(settlement.conditions ?? [])],
    appends: [...(own.appends ?? []), ...(settlement.appends ?? [])],
    ...(own.rows === undefined ? {} : { rows: [...own.rows, ...(settlement.rows ?? [])] }),
    claims: [...claims, ...(settlement.claims ?? [])],
  }
}

/** The check that a stream stands where a decision about it was made. */
export function checkOf(mailbox: Mailbox): Condition {
  const { key, next, branch } = mailbox
  // Nothing is stored yet of a stream that has not branched off.
  return {
    kind: 'stream',
    key,
    next: branch?.version === undefined ? (branch?.head ?? next) : next,
  }
}

/**
 * A snapshot of the state as it is now: the one that the handler has written down, or one of ours
 * when enough events have come since the last.
 */
export function snapshotIfDue(
  mailbox: Mailbox,
  decision: Decision,
  options: { readonly snapshotEvery: number; readonly clock: Clock },
): StoredSnapshot | undefined {
  // A state that not everybody sees is nobody's beginning.
  if (mailbox.pending !== undefined) return undefined
  const written = decision.kind === 'events' ? decision.snapshot : undefined
  if (written !== undefined && mailbox.next > 0) {
    mailbox.snapshotAt = mailbox.next - 1
    const place = { key: mailbox.key, sequence: mailbox.snapshotAt }
    return { ...place, ...written, createdAt: options.clock.wall() }
  }
  const every = mailbox.endpoint.snapshotEvery ?? options.snapshotEvery
  const sequence = mailbox.next - 1
  if (every === 0 || sequence - mailbox.snapshotAt < every) return undefined
  const state = mailbox.endpoint.capture(mailbox.state)
  if (state === undefined) return undefined
  mailbox.snapshotAt = sequence
  const createdAt = options.clock.wall()
  return { key: mailbox.key, sequence, state, retention: 'default', createdAt }
}

function ownPart(mailbox: Mailbox, work: Work, decided: Decided): Draft {
  const { branch } = mailbox
  const conditions = branch === undefined ? [] : branchConditions(mailbox, branch)
  if (decided.kind === 'rejected' || decided.events.length === 0) {
    return { conditions: [checkOf(mailbox), ...conditions] }
  }
  const append: Append = {
    key: mailbox.key,
    at: mailbox.next,
    events: decided.events,
    correlationId: work.correlationId,
    visibility: work.cascadeId === undefined ? work.visibility : pendingIn(work.cascadeId),
  }
  if (branch === undefined) return { appends: [append] }
  return { appends: [append], conditions, rows: branchRows(mailbox, branch, work.edition) }
}
