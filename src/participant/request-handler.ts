/** What a participant is made of: handlers, one per target. */
import type { Awaitable } from '../awaitable.ts'
import type { RequestWrites } from './reply-store.ts'
import type { RequestDirection } from './request-message.ts'

/** What a handler is told beside the content. */
export type RequestInfo = {
  readonly target: string
  readonly requestId: string
  readonly executionId: string
  /** The path of the step that asks. */
  readonly path: string
  /** The attempt of the one who asks; counts from 1. */
  readonly attempt: number
  readonly direction: RequestDirection
  readonly correlationId: string
  /** For whom the execution runs. */
  readonly user: string | undefined
  /** The same for every attempt of this request: what keeps its effect from happening twice. */
  readonly idempotencyKey: string
  /** This request was begun before and may have had its effect. */
  readonly isAgain: boolean
  /** Of an undo: the request it undoes. */
  readonly undoes: UndoneInfo | undefined
  /** Aborts when the handler's time is up, or the service no longer waits for it. */
  readonly signal: AbortSignal
  readonly headers: Readonly<Record<string, string>>
  /**
   * Of a request of an isolated saga, where the handler is a transactional one: the transaction that
   * what it writes belongs to. See `transactional`.
   */
  readonly transaction?: string | undefined
  /**
   * Has something stored in the ledger of the participant, in the commit that stores the answer 200:
   * the effect and the answer are there together, or neither is. When what a condition, a row or a
   * stream expects does not hold by then, the handler is called again. What a handler asked for that
   * ends in a refusal or an error is dropped.
   *
   * @throws CodedError `REQUEST_STORE_MISSING` where the participant has no ledger
   */
  store(writes: RequestWrites): void
}

/** What is known of the request that an undo undoes. */
export type UndoneInfo = {
  readonly requestId: string
  /** What this service answered; `undefined` when it does not know. */
  readonly status: number | undefined
}

/** Answers the requests of one target. */
export type RequestHandler = {
  readonly target: string
  /**
   * What it returns is answered with status 200. A refusal, thrown or returned, is answered with
   * 400; any other error, thrown or returned, with 500.
   */
  readonly handle: (content: unknown, info: RequestInfo) => Awaitable<unknown>
  /** What it writes stays pending until the saga ends; see `transactional`. Default: it does not. */
  readonly isolates?: boolean | undefined
}
