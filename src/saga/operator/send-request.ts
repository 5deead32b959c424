/** The side of the operator: stores a request, and waits for what becomes of it. */
import { sleep } from '../../abort.ts'
import { type Clock } from '../../clock.ts'
import { codedError, codeOf } from '../../errors.ts'
import type { WriteId } from '../../identity.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { OperatorAnswer, OperatorRequest } from './operator-request.ts'
import { isSameRequest, putRequest, requestOf, REQUESTS } from './request-row.ts'

/**
 * Stores a request; resolves when it is on disk. The same request under the same id is stored once.
 *
 * @throws CodedError `OPERATOR_REQUEST_INVALID`, `OPERATOR_REQUEST_ID_TAKEN`, `VALUE_NOT_STORABLE`,
 * `VALUE_TOO_LARGE`, what `commit` throws
 */
export async function storeRequest(
  ledger: Ledger,
  writeId: WriteId,
  request: OperatorRequest,
): Promise<{ readonly isNew: boolean }> {
  const row = putRequest(request)
  try {
    const { kind } = await ledger.commit({ id: writeId, rows: [row] })
    if (kind === 'committed') return { isNew: true }
  } catch (error) {
    // It may be stored all the same: its row says so.
    if (codeOf(error) !== 'COMMIT_OUTCOME_UNKNOWN') throw error
    if ((await ledger.row(REQUESTS, request.id)) === undefined) throw error
  }
  const stored = await ledger.row(REQUESTS, request.id)
  if (stored !== undefined && isSameRequest(requestOf(stored).request, request)) {
    return { isNew: false }
  }
  throw codedError('OPERATOR_REQUEST_ID_TAKEN', {
    details: { id: request.id },
    hint: 'A request that asks for something else was stored under this id before.',
  })
}

/** What became of a request; undefined while it is open. */
export async function answerOf(ledger: Ledger, id: string): Promise<OperatorAnswer | undefined> {
  const row = await ledger.row(REQUESTS, id)
  return row === undefined ? undefined : requestOf(row).answer
}

/**
 * Waits until a request is answered; undefined when the time is up first.
 *
 * @throws CodedError `ABORTED`: the request stays stored
 */
export async function awaitAnswer(
  ledger: Ledger,
  id: string,
  wait: {
    readonly clock: Clock
    readonly waitMs: number
    readonly signal?: AbortSignal | undefined
  },
): Promise<OperatorAnswer | undefined> {
  const { clock, waitMs, signal } = wait
  const untilMs = clock.monotonicMs() + waitMs
  for (;;) {
    const answer = await answerOf(ledger, id)
    const leftMs = untilMs - clock.monotonicMs()
    if (answer !== undefined || leftMs <= 0) return answer
    await sleep(Math.min(LOOK_EVERY_MS, leftMs), clock, signal)
  }
}

const LOOK_EVERY_MS = 25
