/** The encoded message inside an encoded page. */
import { codedError } from '../errors.ts'
import { decodeEventPage } from '../wire/page-codec.ts'

/** @throws CodedError `LEDGER_CORRUPT` for a page without an inline event */
export function eventInPage(page: Uint8Array): Uint8Array {
  const value = inlineEventIn(page)
  if (value === undefined) {
    throw codedError('LEDGER_CORRUPT', { details: { cause: 'a page without an event' } })
  }
  return value
}

/** The message; `undefined` when it is kept elsewhere. */
export function inlineEventIn(page: Uint8Array): Uint8Array | undefined {
  return decodeEventPage(page).value
}
