/**
 * The port of what a participant remembers: which requests it has begun, what it answered, and which
 * were undone before they came. It makes a request take effect once per id (P3), for as long as it
 * is remembered.
 *
 * 1. `put` stores all of its changes in one commit, or none.
 * 2. A change is stored only if its record is of the expected kind at that moment.
 * 3. Everything put after `rememberedSince` is still there.
 */
import type { Awaitable } from '../awaitable.ts'
import type { Nanoseconds } from '../clock.ts'
import type { Write } from '../ledger/ledger.ts'
import type { Answer } from './answer.ts'

/** What is known of a request. */
export type RequestRecord =
  /** Its handler was called; it has not been answered. It may have had its effect. */
  | { readonly kind: 'begun'; readonly attempt: number }
  | { readonly kind: 'answered'; readonly attempt: number; readonly answer: Answer }
  /** It was undone before it was seen or answered for good; it must have no effect any more. */
  | {
      readonly kind: 'cancelled'
      /** The id of the undo. */
      readonly by: string
      /** What it was answered before. */
      readonly status?: number | undefined
      /** It is certain that it never had one. */
      readonly isCertain: boolean
    }

/** A change of one record. */
export type RecordChange = {
  readonly requestId: string
  readonly expected: RequestRecord['kind'] | 'absent'
  readonly record: RequestRecord
}

/** What a handler may have stored together with its answer. */
export type RequestWrites = Pick<Write, 'conditions' | 'appends' | 'rows'>

/** See the top of this file. */
export interface ReplyStore {
  find(requestId: string): Awaitable<RequestRecord | undefined>
  /**
   * False when a record was not of the expected kind: nothing is stored then.
   *
   * @param writes what a handler wants stored in the same commit; only with `takesWrites`
   * @throws CodedError `REQUEST_WRITE_CONFLICT` when what a write expects does not hold: nothing is
   *   stored then
   */
  put(changes: readonly RecordChange[], writes?: readonly RequestWrites[]): Awaitable<boolean>
  /** The time since when nothing was forgotten; asked after `find` has found nothing. */
  rememberedSince(): Awaitable<Nanoseconds>
  /** Whether it can store what handlers want stored. Default: no. */
  readonly takesWrites?: boolean | undefined
}
