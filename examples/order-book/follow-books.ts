/** Keeps the books up to date with the ledger while the business runs. */
import type { Ledger } from 'amends/ledger'
import { Books } from './books.ts'
import { decodeEntry } from './history.ts'

const CHUNK = 1000

/** Reads what is there and goes on following; resolves when it has caught up. */
export async function followBooks(
  ledger: Pick<Ledger, 'log'>,
): Promise<{ readonly books: Books } & AsyncDisposable> {
  const books = new Books()
  let position = 0
  for await (const chunk of ledger.log(0, { limit: CHUNK })) {
    chunk.forEach((stored) => books.add(decodeEntry(stored)))
    position = chunk.at(-1)?.position ?? position
  }
  const stop = new AbortController()
  const following = follow(ledger, position, books, stop.signal)
  return {
    books,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await following
    },
  }
}

async function follow(
  ledger: Pick<Ledger, 'log'>,
  after: number,
  books: Books,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const chunk of ledger.log(after, { limit: CHUNK, follow: true, signal })) {
      chunk.forEach((stored) => books.add(decodeEntry(stored)))
    }
    books.close(signal.reason)
  } catch (error) {
    books.close(error)
  }
}
