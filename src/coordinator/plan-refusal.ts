/** What is written down when a command of a reaction is refused (design section 7). Pure. */
import { codeOf } from '../errors.ts'
import type { Nanoseconds } from '../clock.ts'
import type { RowChange } from '../ledger/ledger.ts'
import {
  CascadeErrorMode,
  type CommandBook,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { deadLetterOfCommand, putDeadLetter } from './dead-letter-rows.ts'
import { type Delivery, putDelivery } from './delivery.ts'
import { planRejection } from './plan-rejection.ts'

/** The news for others, and the rows that hold it. */
export type Refusal = { readonly news: readonly Delivery[]; readonly rows: readonly RowChange[] }

/** Refusals of the engine: the command never reached a handler, so nobody has decided about it. */
const NEVER_HANDLED: ReadonlySet<string> = new Set([
  'ANY_DECODE_FAILED',
  'CASCADE_TOO_DEEP',
  'MISSING_COMMAND_PAGE',
  'MISSING_COMMAND_PAYLOAD',
  'NO_HANDLER_REGISTERED',
  'PAYLOAD_TOO_LARGE',
  'UNKNOWN_DOMAIN',
])

/**
 * A command that never reached a handler leaves a dead letter too, and so does one that a request
 * wants on the desk; nothing waits behind it.
 */
export function planRefusal(
  delivery: Delivery,
  rejected: { readonly command: CommandBook; readonly listens: boolean },
  error: Error,
  now: Nanoseconds,
): Refusal {
  const { command, listens: componentListens } = rejected
  const news = planRejection(delivery, command, error, { componentListens, now })
  const rows = news.map((item) => putDelivery(item, now))
  const mode = delivery.cascade?.cascade.errorMode
  const wanted = mode === CascadeErrorMode.CASCADE_ERROR_DEAD_LETTER
  if (!wanted && !NEVER_HANDLED.has(codeOf(error))) return { news, rows }
  const letter = { ...deadLetterOfCommand({ delivery, command, error, now }), lane: '' }
  return { news, rows: [...rows, putDeadLetter(letter)] }
}
