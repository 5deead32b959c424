/** Makes room for new books: removes the old ones, and nothing else. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { CodedError } from 'amends'
import { openLedger } from 'amends/ledger'
import { BooksOpenedSchema } from './gen/book_pb.ts'

/**
 * Deletes the ledger of an earlier order book; does nothing when there is none.
 *
 * @throws CodedError `DATABASE_FOREIGN` when the file holds anything else
 */
export async function removeOldBooks(path: string): Promise<void> {
  if (existsSync(path)) await refuseForeign(path)
  // The database goes first: what is left of a log without its database is ignored.
  for (const ending of ['', '-wal', '-shm']) await rm(`${path}${ending}`, { force: true })
}

async function refuseForeign(path: string): Promise<void> {
  const first = await firstEvent(path).catch((error: unknown) => {
    throw foreign(path, 'it is not a ledger', error)
  })
  if (first !== undefined && first !== BooksOpenedSchema.typeName) {
    throw foreign(path, `it is a ledger of something else: it begins with ${first}`)
  }
}

async function firstEvent(path: string): Promise<string | undefined> {
  await using ledger = await openLedger(path)
  for await (const [first] of ledger.log(0, { limit: 1 })) return first?.type
  return undefined
}

function foreign(path: string, why: string, cause?: unknown): CodedError {
  return new CodedError('the database is not one of this program, so it was left alone', {
    code: 'DATABASE_FOREIGN',
    details: { option: '--database', database: path },
    hint: `${path}: ${why}; choose another file with --database`,
    cause,
  })
}
