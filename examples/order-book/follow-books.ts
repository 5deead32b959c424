/** Keeps the books up to date with the ledger while the business runs. */
import type { Ledger } from 'amends/ledger'
import { Books } from './books.ts'
import { decodeEntry } from './history.ts'

/** Books that follow a ledger. Disposing stops following. */
export interface FollowedBooks extends AsyncDisposable {
  readonly books: Books
  /** Resolves when what is in the ledger by then has been taken in, or following has ended. */
  caughtUp(): Promise<void>
}

/** Reads what is there and goes on following. */
export async function followBooks(ledger: Pick<Ledger, 'log' | 'tip'>): Promise<FollowedBooks> {
  const books = new Books()
  const stop = new AbortController()
  const { signal } = stop
  let position = 0
  let over = false
  let more = Promise.withResolvers<void>()
  const follow = async (): Promise<void> => {
    for await (const chunk of ledger.log(0, { limit: 1000, follow: true, signal })) {
      for (const stored of chunk) {
        books.add(decodeEntry(stored))
        position = stored.position
      }
      more.resolve()
      more = Promise.withResolvers()
    }
  }
  const following = follow()
    .catch((error: unknown) => error)
    .then((error) => {
      over = true
      books.close(error ?? signal.reason)
      more.resolve()
    })
  const followed: FollowedBooks = {
    books,
    caughtUp: async () => {
      const tip = await ledger.tip()
      while (position < tip && !over) await more.promise
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await following
    },
  }
  await followed.caughtUp()
  return followed
}
