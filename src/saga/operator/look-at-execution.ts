/** Reads an execution for somebody who looks at the ledger from outside, without its definition. */
import { codedError } from '../../errors.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Entry } from '../../machine/journal.ts'
import { entriesOf } from '../runner/load-execution.ts'
import { readRow } from '../runner/read-execution.ts'
import type { ExecutionRow } from '../runner/execution-row.ts'
import { JournalView } from './journal-view.ts'
import type { OperatorRequest } from './operator-request.ts'
import { type OpenItem, openItems } from './open-items.ts'
import { OPEN_REQUESTS, requestOf, REQUESTS } from './request-row.ts'

/** An execution as its row and its journal show it. */
export type LookedAt = {
  readonly row: ExecutionRow
  readonly view: JournalView
  readonly items: readonly OpenItem[]
  readonly entries: readonly Entry[]
  /** What operators have asked for and nobody has carried out yet. */
  readonly requests: readonly OperatorRequest[]
}

/** @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `ENTRY_UNREADABLE` */
export async function lookAtExecution(ledger: Ledger, id: string): Promise<LookedAt> {
  const row = await readRow(ledger, id)
  const view = new JournalView()
  const entries: Entry[] = []
  for await (const entry of entriesOf(ledger, id)) {
    // A stream whose execution was deleted goes on with the next one of that id.
    if (entry.kind === 'started') entries.length = 0
    entries.push(entry)
  }
  for (const entry of entries) view.take(entry)
  if (view.id === '') throw codedError('SAGA_EXECUTION_NOT_FOUND', { details: { id } })
  // The row is written with the journal, but read before it: an item may be newer.
  const items = openItems(view, Math.max(row.openItems, view.backward === 'stuck' ? 1 : 0))
  const requests = (await openRequests(ledger)).filter(({ execution }) => execution === id)
  return { row, view, items, entries, requests }
}

/** Requests that nobody has carried out yet, the oldest ids first. Unreadable ones are left out. */
export async function openRequests(ledger: Ledger): Promise<readonly OperatorRequest[]> {
  const requests: OperatorRequest[] = []
  for (let after: string | undefined; ;) {
    const rows = await ledger.rows(REQUESTS, { group: OPEN_REQUESTS, after, limit: ROWS_PER_READ })
    for (const row of rows) {
      try {
        requests.push(requestOf(row).request)
      } catch {
        // Its row tells no more than that it is there.
      }
    }
    after = rows.at(-1)?.key
    if (rows.length < ROWS_PER_READ) return requests
  }
}

const ROWS_PER_READ = 500
