/**
 * Carries out one request: tells its execution, or starts it, and stores the answer with that.
 */
import type { Nanoseconds } from '../../clock.ts'
import { CodedError, codedError, codeOf, type ErrorCode, messageOf, rowOf } from '../../errors.ts'
import type { RowChange } from '../../ledger/ledger.ts'
import type { RefusedBecause } from '../../machine/decision.ts'
import type { Told } from '../../machine/input.ts'
import {
  type OperatorAnswer,
  type OperatorRequest,
  type StartWish,
  toldOf,
} from './operator-request.ts'
import { putAnswer } from './request-row.ts'

/** What carrying out needs of the runner of executions. */
export interface RequestTarget {
  now(): Nanoseconds
  /**
   * Tells an execution something and resolves when that is on disk. What `alsoPut` makes is part of
   * the commit of the entries it leads to, and is put also when it leads to none.
   */
  tell(
    id: string,
    told: Told,
    alsoPut: (refused: RefusedBecause | undefined) => RowChange,
  ): Promise<unknown>
  /**
   * Starts an execution, or finds the one that has the id. What `alsoPut` makes is part of the commit
   * that starts it, and is not put when it was started before.
   */
  start(id: string, wish: StartWish, alsoPut: () => RowChange): Promise<{ readonly isNew: boolean }>
  /** Puts a row alone, under the conditions of the lease. */
  put(row: RowChange): Promise<void>
}

/** The code of each refusal of the machine. */
export const refusalCodes: Readonly<Record<RefusedBecause, ErrorCode>> = {
  PAST_PIVOT: 'SAGA_EXECUTION_PAST_PIVOT',
  ENDED: 'SAGA_EXECUTION_ENDED',
  NOT_COMPLETED: 'SAGA_EXECUTION_NOT_COMPLETED',
  NO_SUCH_ITEM: 'SAGA_WORK_ITEM_NOT_FOUND',
  VERB_NOT_ALLOWED: 'SAGA_VERB_NOT_ALLOWED',
}

/**
 * Resolves when the request is answered. What cannot be carried out is refused with its code.
 *
 * @throws what may pass (the lease is lost, the manager closes, the ledger fails): it stays open
 */
export async function carryOut(target: RequestTarget, request: OperatorRequest): Promise<void> {
  const answered = (refused: RefusedBecause | undefined): RowChange =>
    putAnswer(
      request,
      refused === undefined
        ? done(target.now())
        : refusedWith(target.now(), codedError(refusalCodes[refused], { hint: HINTS[refused] })),
    )
  const { execution, by, wish } = request
  try {
    if (wish.kind === 'start') await start(target, request, wish)
    else await target.tell(execution, toldOf({ wish, by }), answered)
  } catch (error) {
    if (mayPass(error)) throw error
    await target.put(putAnswer(request, refusedWith(target.now(), error)))
  }
}

async function start(
  target: RequestTarget,
  request: OperatorRequest,
  wish: StartWish,
): Promise<void> {
  const answered = (isNew: boolean): RowChange =>
    putAnswer(request, { ...done(target.now()), isNew })
  const { isNew } = await target.start(request.execution, wish, () => answered(true))
  if (!isNew) await target.put(answered(false))
}

function done(at: Nanoseconds): OperatorAnswer {
  return { at, outcome: 'done', code: '', message: '', hint: '' }
}

function refusedWith(at: Nanoseconds, error: unknown): OperatorAnswer {
  const code = codeOf(error)
  const hint = error instanceof CodedError ? error.hint : ''
  if (code !== '') return { at, outcome: 'refused', code, message: messageOf(error), hint }
  const { message } = codedError('OPERATOR_REQUEST_FAILED')
  return {
    at,
    outcome: 'refused',
    code: 'OPERATOR_REQUEST_FAILED',
    message,
    hint: messageOf(error),
  }
}

/** Whether it may be carried out later as it stands. */
function mayPass(error: unknown): boolean {
  const code = codeOf(error)
  if (code === 'LEASE_LOST' || code === 'LEDGER_CLOSED' || code === 'ABORTED') return true
  return code !== '' && rowOf(code)?.then === 'retry'
}

const HINTS: Readonly<Record<RefusedBecause, string>> = {
  PAST_PIVOT: 'Behind its point of no return it goes on until it succeeds, and cannot be undone.',
  ENDED: 'Nothing of it goes forward any more.',
  NOT_COMPLETED: 'One that is still running is cancelled instead.',
  NO_SUCH_ITEM: 'It may have been dealt with meanwhile: look at the execution again.',
  VERB_NOT_ALLOWED: 'Look at the execution again: each of its items says what can be done.',
}
