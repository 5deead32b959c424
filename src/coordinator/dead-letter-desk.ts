/** The dead-letter desk over the rows of the ledger. */
import { codedError } from '../errors.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import type { CommandBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { allRows } from './all-rows.ts'
import { deadLetterOf, entryOfRow, removeDeadLetter } from './dead-letter-rows.ts'
import type { DeadLetter, DeadLetterFilter, DeadLetters } from './dead-letters.ts'
import type { Journal } from './journal.ts'
import type { Scheduler } from './scheduler.ts'
import { DEAD_LETTERS } from './spaces.ts'

const LISTED_BY_DEFAULT = 50

/** The desk of a coordinator. */
export function deadLetterDesk(options: {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly scheduler: Scheduler
  /** Sends a command again. */
  readonly resend: (entry: DeadLetterEntry, command: CommandBook) => Promise<void>
}): DeadLetters {
  const { ledger, journal, scheduler, resend } = options
  const entry = async (id: string): Promise<DeadLetterEntry> => {
    const row = await ledger.row(DEAD_LETTERS, id)
    if (row === undefined) throw codedError('DEAD_LETTER_NOT_FOUND', { details: { id } })
    return entryOfRow(row)
  }
  return {
    list: async (filter = {}) => {
      const limit = filter.limit ?? LISTED_BY_DEFAULT
      if (!Number.isSafeInteger(limit) || limit < 1) {
        throw codedError('QUERY_INVALID', { details: { limit } })
      }
      const found: DeadLetter[] = []
      for await (const row of allRows(ledger, DEAD_LETTERS)) {
        if (filter.after !== undefined && row.key <= filter.after) continue
        const letter = deadLetterOf(entryOfRow(row))
        if (matches(letter, filter)) found.push(letter)
        if (found.length >= limit) break
      }
      return found
    },
    get: async (id) => {
      const row = await ledger.row(DEAD_LETTERS, id)
      return row === undefined ? undefined : deadLetterOf(entryOfRow(row))
    },
    replay: async (id) => {
      const found = await entry(id)
      const payload = found.letter?.payload
      if (found.lane === '' && payload?.case === 'rejectedCommand') {
        await resend(found, payload.value)
        return
      }
      if (found.lane === '') {
        throw codedError('DEAD_LETTER_NOT_FOUND', {
          details: { id },
          hint: 'Nothing waits behind this letter, and it holds no command: discard it.',
        })
      }
      await scheduler.takeUp(found, false)
    },
    discard: async (id) => {
      const found = await entry(id)
      if (found.lane !== '') await scheduler.takeUp(found, true)
      else await journal.commit({ rows: [removeDeadLetter(id)] })
    },
  }
}

function matches(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  const { component, domain, correlationId, rejectionType, occurredAfter, occurredBefore } = filter
  return (
    (component === undefined || letter.component === component) &&
    (domain === undefined || letter.domain === domain) &&
    (correlationId === undefined || letter.correlationId === correlationId) &&
    (rejectionType === undefined || letter.rejectionType === rejectionType) &&
    (occurredAfter === undefined || letter.occurredAt > occurredAfter) &&
    (occurredBefore === undefined || letter.occurredAt < occurredBefore)
  )
}
