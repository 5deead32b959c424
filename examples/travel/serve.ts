/** A process of one service: it books and cancels, and may be killed at any moment. */
import { join } from 'node:path'
import { openLedger } from 'amends/ledger'
import { openParticipant } from 'amends/participant'
import { refuse } from 'amends/saga'
import { handle } from 'amends/saga'
import { changeOf } from './bookings.ts'
import { book, cancel, type Service } from './requests.ts'
import { refusedBy } from './trip.ts'

/** Where a service keeps its books. */
export function ledgerOf(folder: string, name: string): string {
  return join(folder, `${name}.db`)
}

/** Serves until it is told to stop. */
export async function serve(options: {
  readonly service: Service
  readonly url: string
  readonly folder: string
  readonly stopped: Promise<void>
  readonly say: (line: string) => void
}): Promise<void> {
  const { service, url, folder, stopped, say } = options
  await using ledger = await openLedger(ledgerOf(folder, service))
  const handlers = [
    handle(book[service], async (wish, info) => {
      if (refusedBy(wish) === service) throw refuse(`${service} is not possible`)
      info.store({ rows: [await changeOf(ledger, info.executionId, 'booked')] })
      return { booking: `${service}-${info.executionId}` }
    }),
    handle(cancel[service], async (_, info) => {
      info.store({ rows: [await changeOf(ledger, info.executionId, 'cancelled')] })
    }),
  ]
  await using _ = await openParticipant({ service, url, ledger, handlers })
  say('serving')
  await stopped
}
