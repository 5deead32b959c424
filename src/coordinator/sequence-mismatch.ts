/** The refusal of a stale command, with the aggregate as it is now. */
import { create } from '@bufbuild/protobuf'
import { CodedError, type ErrorDetails, errorTable } from '../errors.ts'
import type { StreamKey } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import { type EventBook, QuerySchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { coverOf } from './cover-of.ts'
import { eventBook, type QueryOptions } from './run-query.ts'

/** How a command can be stale. */
export type SequenceMismatchCode =
  'SEQUENCE_MISMATCH' | 'SEQUENCE_OVERLAP' | 'SEQUENCE_DEAD_LETTERED'

/**
 * A command expects another sequence than its aggregate has. Whoever wants to build the command anew
 * finds the aggregate in `currentBook`.
 */
export class SequenceMismatchError extends CodedError<SequenceMismatchCode> {
  readonly #read: () => Promise<EventBook>

  constructor(
    code: SequenceMismatchCode,
    options: { readonly details: ErrorDetails; readonly read: () => Promise<EventBook> },
  ) {
    const hint = 'Read the aggregate again and send the command with its next sequence.'
    super(errorTable[code].message, { code, details: options.details, hint })
    this.#read = options.read
  }

  /**
   * The aggregate as it is when this is called: its next sequence and its events, of a long history
   * the last `limits.queryResultsMax`. Not read before, because few ask.
   */
  currentBook(): Promise<EventBook> {
    return this.#read()
  }
}

/** The error for a stream that stands at `actual`. */
export function sequenceMismatch(
  code: SequenceMismatchCode,
  options: QueryOptions & {
    readonly key: StreamKey
    readonly expected: number | undefined
    readonly actual: number
    readonly stream: string
    readonly fields?: readonly string[] | undefined
  },
): SequenceMismatchError {
  const { key, expected, actual, stream, fields } = options
  const details = {
    expected: String(expected),
    actual: String(actual),
    stream,
    ...(fields === undefined ? {} : { fields: fields.join(',') }),
  }
  const read = (): Promise<EventBook> => {
    const lower = Math.max(0, actual - limits.queryResultsMax)
    const selection = { case: 'range' as const, value: { lower } }
    return eventBook(options, create(QuerySchema, { cover: coverOf(key, ''), selection }))
  }
  return new SequenceMismatchError(code, { details, read })
}
