/** Reads entries back from the events of an execution's stream. */
import { codedError, type CodedError, messageOf } from '../../errors.ts'
import type { StoredEvent } from '../../ledger/ledger.ts'
import type { Entry } from '../../machine/journal.ts'
import { ByteReader } from '../../wire/codec/byte-reader.ts'
import { decodeEventPage } from '../../wire/page-codec.ts'
import { EntryDraft } from './entry-draft.ts'
import { entryOfDraft } from './entry-of-draft.ts'
import { entryKinds } from './entry-types.ts'

const reader = new ByteReader()
const NOTHING = new Uint8Array(0)

/**
 * The entry in a stored event. What is optional and not there is no property of the entry either;
 * what it holds is new.
 *
 * @throws CodedError `ENTRY_UNREADABLE` with `type` and `cause`: damaged, or written by a newer
 * version
 */
export function decodeEntry(stored: Pick<StoredEvent, 'type' | 'page'>): Entry {
  const kind = entryKinds.get(stored.type)
  if (kind === undefined) throw unreadable(stored.type, 'no entry of a journal')
  try {
    const page = decodeEventPage(stored.page)
    const { createdAt } = page
    if (createdAt === undefined) throw new Error('a page without a time')
    const draft = new EntryDraft(kind, createdAt)
    reader.start(page.bytes, page.valueFrom)
    draft.read(reader, page.valueTo)
    return entryOfDraft(draft)
  } catch (cause) {
    throw unreadable(stored.type, messageOf(cause), cause)
  } finally {
    reader.start(NOTHING, 0)
  }
}

function unreadable(type: string, cause: string, error?: unknown): CodedError {
  return codedError('ENTRY_UNREADABLE', { details: { type, cause }, cause: error })
}
