/** A command that was refused because its aggregate has moved on, with the aggregate as it is now. */
import { create } from '@bufbuild/protobuf'
import { GRPCError } from '../../errors/client-error.ts'
import { limits } from '../../limits.ts'
import {
  type Cover,
  type EventBook,
  type Query,
  QuerySchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { receivedBook } from './received-error.ts'

/** Reads what a query selects. */
export type BookReader = (query: Query) => Promise<EventBook>

/**
 * A command expects another sequence than its aggregate has. Whoever wants to build the command anew
 * finds the aggregate in `currentBook`, as with `SequenceMismatchError` in one process.
 */
export class StaleCommandError extends GRPCError {
  readonly #read: () => Promise<EventBook>

  constructor(error: GRPCError, read: () => Promise<EventBook>) {
    const { grpcCode: status, grpcDetails: text, code, details } = error
    super({ status, details: text }, { code, details, cause: error.cause })
    this.#read = read
  }

  /**
   * The aggregate: its next sequence and its events, of a long history the last
   * `limits.queryResultsMax`. What came with the refusal is given back; what did not fit there is
   * read when this is called.
   */
  currentBook(): Promise<EventBook> {
    return this.#read()
  }
}

/** The error of a command that failed: a stale one when the current book came with it. */
export function commandError(error: unknown, cover: Cover | undefined, read: BookReader): unknown {
  if (!(error instanceof GRPCError)) return error
  const book = receivedBook(error)
  if (book === undefined) return error
  return new StaleCommandError(error, async () => {
    const { nextSequence, pages } = book
    if (pages.length === nextSequence || cover === undefined) return book
    const lower = Math.max(0, nextSequence - limits.queryResultsMax)
    const selection = { case: 'range' as const, value: { lower } }
    // A query under a correlation id is one for its workflow.
    const own = { ...cover, correlationId: '' }
    return await read(create(QuerySchema, { cover: own, selection }))
  })
}
