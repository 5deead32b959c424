/** The encoded message inside an encoded page. */
import { codedError } from '../errors.ts'
import { decodeEventPage } from '../wire/page-codec.ts'

/** @throws CodedError `LEDGER_CORRUPT` for a page without an inline event */
export function eventInPage(page: Uint8Array): Uint8Array {
  const { value } = decodeEventPage(page)
  if (value === undefined) {
    throw codedError('LEDGER_CORRUPT', { details: { cause: 'a page without an event' } })
  }
  return value
}
