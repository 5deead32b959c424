/** What the commit of a decision holds because its events are pending. */
import { type Clock, NANOSECONDS_PER_MS } from '../clock.ts'
import type { Visibility } from '../ledger/ledger.ts'
import type { Draft } from './journal.ts'
import type { Mailbox } from './mailbox.ts'
import { putPendingPages, unresolved } from './pending-rows.ts'
import type { Decided, Work } from './work.ts'

/** Seen by one cascade only. */
export function pendingIn(cascadeId: string): Visibility {
  return { kind: 'pending', cascadeId }
}

/** The same, with the rows by which the pages are found again, for a cascade that is not resolved. */
export function withPendingPages(
  mailbox: Mailbox,
  { cascadeId, correlationId }: Work,
  decided: Decided,
  own: Draft,
  { clock, pendingTimeoutMs }: { readonly clock: Clock; readonly pendingTimeoutMs: number },
): Draft {
  if (cascadeId === undefined || decided.kind === 'rejected' || decided.events.length === 0) {
    return own
  }
  const since = clock.wall()
  const row = putPendingPages({
    cascadeId,
    key: mailbox.key,
    correlationId,
    sequences: decided.events.map(({ sequence }) => sequence),
    since,
    dueAt: since + BigInt(pendingTimeoutMs) * NANOSECONDS_PER_MS,
  })
  return {
    ...own,
    conditions: [...(own.conditions ?? []), unresolved(cascadeId)],
    rows: [...(own.rows ?? []), row],
  }
}
