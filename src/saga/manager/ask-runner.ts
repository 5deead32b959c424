/**
 * What a process that stands by asks of the one that runs the executions: a request is stored in the
 * ledger, carried out there, and its answer read back.
 *
 * 1. What is stored is carried out, whatever becomes of the one who asked: by the process that runs
 *    the executions then, which may be this one.
 * 2. It is carried out once: the answer is in the commit of what it leads to.
 */
import { sleep, throwIfAborted } from '../../abort.ts'
import type { Clock } from '../../clock.ts'
import { CodedError } from '../../errors.ts'
import type { WriteId } from '../../identity.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { OperatorAnswer, OperatorRequest, Wish } from '../operator/operator-request.ts'
import { answerOf, storeRequest } from '../operator/send-request.ts'

/** What asking needs. */
export type AskRunnerOptions = {
  readonly ledger: Ledger
  readonly clock: Clock
  /** Makes the ids of requests and writes, in the order of time. */
  readonly newId: () => WriteId
}

/** What is asked for. */
export type Asked = {
  /** Id of the execution. */
  readonly execution: string
  readonly by: string
  readonly wish: Wish
  /** Ends the wait, not the request. */
  readonly signal: AbortSignal
}

/**
 * Asks, and waits for the answer as long as it takes.
 *
 * @throws CodedError what the request is refused with; `OPERATOR_REQUEST_INVALID`, `VALUE_TOO_LARGE`,
 * what `commit` throws; `ABORTED`, or the coded reason of the signal: then it stays stored
 */
export async function askRunner(
  { ledger, clock, newId }: AskRunnerOptions,
  { execution, by, wish, signal }: Asked,
): Promise<OperatorAnswer> {
  throwIfAborted(signal)
  const id: string = newId()
  const request: OperatorRequest = { id, execution, by, askedAt: clock.wall(), wish }
  await storeRequest(ledger, newId(), request)
  for (;;) {
    const answer = await answerOf(ledger, id)
    if (answer?.outcome === 'done') return answer
    if (answer !== undefined) throw refusal(request, answer)
    await sleep(LOOK_EVERY_MS, clock, signal)
  }
}

const LOOK_EVERY_MS = 25

function refusal({ id, execution }: OperatorRequest, answer: OperatorAnswer): CodedError {
  const { code, message, hint } = answer
  return new CodedError(message, { code, hint, details: { id: execution, request: id } })
}
