/** Opens the database: fresh, or with the books that are there; files of others are left alone. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { CodedError } from 'amends'
import { type Ledger, openLedger } from 'amends/ledger'
import { BooksOpenedSchema } from './gen/book_pb.ts'

/** Where the read models of components elsewhere are kept, beside the books. */
export const readModelsOf = (database: string): string => `${database}-views.db`

const READ_MODELS = ['', '-wal', '-shm'].map((ending) => `${readModelsOf('')}${ending}`)

/**
 * Opens the ledger of an order book; without `continued` the old one is removed first.
 *
 * @throws CodedError `DATABASE_UNUSABLE` when the file holds anything else, or cannot be opened
 */
export async function openDatabase(path: string, continued: boolean): Promise<Ledger> {
  if (existsSync(path)) {
    const ledger = await openOwn(path)
    if (continued) return ledger
    await ledger[Symbol.asyncDispose]()
  }
  // The database goes first: what is left of a log without its database is ignored.
  for (const ending of ['', '-wal', '-shm', ...READ_MODELS])
    await rm(`${path}${ending}`, { force: true })
  return await open(path)
}

async function openOwn(path: string): Promise<Ledger> {
  const ledger = await open(path)
  const first = await firstEvent(ledger)
  if (first === undefined || first === BooksOpenedSchema.typeName) return ledger
  await ledger[Symbol.asyncDispose]()
  throw unusable(path, `it is a ledger of something else and begins with ${first}`)
}

async function open(path: string): Promise<Ledger> {
  try {
    return await openLedger(path)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw unusable(path, `${error.message} (${error.code})`, error)
  }
}

async function firstEvent(ledger: Ledger): Promise<string | undefined> {
  for await (const [first] of ledger.log(0, { limit: 1 })) return first?.type
  return undefined
}

function unusable(path: string, why: string, cause?: CodedError): CodedError {
  return new CodedError('the database cannot be used, and was left alone', {
    code: 'DATABASE_UNUSABLE',
    details: { option: '--database', database: path },
    hint: `${path}: ${why}; choose another file with --database`,
    cause,
  })
}
