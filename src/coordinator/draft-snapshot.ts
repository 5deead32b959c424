/**
 * The snapshot in the commit of the events it follows. It is an aid and they are what counts: a state
 * that has no room beside them is left out, and the log says so.
 */
import { limits } from '../limits.ts'
import type { StoredSnapshot } from '../ledger/ledger.ts'
import type { LogSink } from './coordinator.ts'
import { snapshotIfDue } from './draft-work.ts'
import type { Draft } from './journal.ts'
import type { Mailbox } from './mailbox.ts'
import type { Decision } from './stateful-endpoint.ts'

/** The draft with the snapshot that is due, if any is and it has room. */
export function withSnapshot(
  draft: Draft,
  mailbox: Mailbox,
  decision: Decision,
  options: Parameters<typeof snapshotIfDue>[2] & { readonly log: LogSink },
): Draft {
  const snapshot = snapshotIfDue(mailbox, decision, options)
  if (snapshot === undefined) return draft
  if (hasRoom(draft, snapshot)) return { ...draft, snapshots: [snapshot] }
  const { key, sequence, state } = snapshot
  options.log('warn', 'snapshot_left_out', { ...key, sequence, bytes: state.length })
  return draft
}

/** What a draft may get beside its events and rows before it is committed. */
const BESIDE_BYTES = 65_536

function hasRoom(draft: Draft, { state }: StoredSnapshot): boolean {
  let bytes = state.length + BESIDE_BYTES
  for (const { events } of draft.appends ?? []) for (const { page } of events) bytes += page.length
  for (const row of draft.rows ?? []) if (row.kind === 'put') bytes += row.value.length
  return bytes <= limits.bytesPerGroupMax
}
