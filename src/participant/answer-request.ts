/**
 * Answers requests once per id.
 *
 * 1. A request is begun in the store before its handler is called, and answered in the store before
 *    its answer is given away. The same request gets the first answer again.
 * 2. An answer 500 says that the request failed somehow and may have had its effect: a later attempt
 *    calls the handler again, with `isAgain` and the same idempotency key. A duplicate of the same
 *    attempt does not, nor does an attempt behind the undo.
 * 3. An undo waits for its request while that is being answered.
 * 4. An undo whose request was never seen cancels it: should the request still come, it is answered
 *    `REQUEST_CANCELLED` and has no effect. The handler of the undo is called nevertheless if the
 *    request may have been seen and forgotten since; only when it is certain that it was not is the
 *    undo answered at once, as without effect.
 * 5. Only requests to this service are cancelled: an undo of another service's request is a request.
 */
import { type Answer, answerOfCancelled, answerWithoutEffect } from './answer.ts'
import { codedError, codeOf } from '../errors.ts'
import { callHandler, type CallSettings } from './call-handler.ts'
import { KeyLocks } from './key-locks.ts'
import type { RecordChange, ReplyStore, RequestRecord, RequestWrites } from './reply-store.ts'
import type { RequestHandler, UndoneInfo } from './request-handler.ts'
import type { IncomingRequest, UndoneRequest } from './request-message.ts'

/** What answering shares for all requests of a service. */
export type AnswerSettings = CallSettings & {
  readonly store: ReplyStore
  /** Whether requests to a target come to this service. */
  readonly serves: (target: string) => boolean
}

/** A request with what answers it. */
export type Asked = {
  readonly request: IncomingRequest
  readonly handler: RequestHandler
  readonly signal: () => AbortSignal
}

/** See the top of this file. */
export class RequestAnswers {
  readonly #settings: AnswerSettings
  readonly #locks = new KeyLocks()

  constructor(settings: AnswerSettings) {
    this.#settings = settings
  }

  /** The answer to a request. Rejects with what the store throws; then nothing is answered yet. */
  answer(asked: Asked): Promise<Answer> {
    const { request } = asked
    const undoes = this.#ownUndone(request)
    if (undoes === undefined) {
      return this.#locks.run([request.requestId], () => this.#answerOnce(asked))
    }
    const keys = [request.requestId, undoes.requestId]
    return this.#locks.run(keys, () => this.#undoOnce(asked, undoes))
  }

  #ownUndone({ direction, undoes }: IncomingRequest): UndoneRequest | undefined {
    if (direction === 'forward' || undoes === undefined) return undefined
    const { target } = undoes
    return target === undefined || this.#settings.serves(target) ? undoes : undefined
  }

  async #answerOnce(asked: Asked): Promise<Answer> {
    for (let i = 0; i < DECISIONS_MAX; i++) {
      const known = await this.#settings.store.find(asked.request.requestId)
      const standing = standingAnswer(known, asked.request.attempt)
      if (standing !== undefined) return standing
      const answer = await this.#call(asked, known, undefined, [])
      if (answer !== undefined) return answer
    }
    throw contested(asked.request)
  }

  async #undoOnce(asked: Asked, undoes: UndoneRequest): Promise<Answer> {
    const { store } = this.#settings
    const { requestId, attempt } = asked.request
    for (let i = 0; i < DECISIONS_MAX; i++) {
      const known = await store.find(requestId)
      const standing = standingAnswer(known, attempt)
      if (standing !== undefined) return standing
      const undone = await store.find(undoes.requestId)
      const isRemembered = undone === undefined && (await this.#remembers(undoes))
      const cancelled = cancellation(undone, undoes, requestId, isRemembered)
      const changes = cancelled === undefined ? [] : [changeOf(undoes.requestId, undone, cancelled)]
      if (isCertain(cancelled ?? undone)) {
        const answer = answerWithoutEffect()
        const record = { kind: 'answered', attempt, answer } as const
        if (await store.put([...changes, changeOf(requestId, known, record)])) return answer
        continue
      }
      const answer = await this.#call(asked, known, undoneInfo(undoes, undone), changes)
      if (answer !== undefined) return answer
    }
    throw contested(asked.request)
  }

  /** Begins, calls and answers; `undefined` when the store has changed meanwhile. */
  async #call(
    asked: Asked,
    known: RequestRecord | undefined,
    undoes: UndoneInfo | undefined,
    changes: readonly RecordChange[],
  ): Promise<Answer | undefined> {
    const { store } = this.#settings
    const { requestId, attempt } = asked.request
    const begun = { kind: 'begun', attempt } as const
    if (!(await store.put([...changes, changeOf(requestId, known, begun)]))) return undefined
    const writes: RequestWrites[] | undefined = store.takesWrites === true ? [] : undefined
    const call = { ...asked, isAgain: known !== undefined, undoes, writes }
    const answer = await callHandler(call, this.#settings)
    const record = { kind: 'answered', attempt, answer } as const
    const stored = await this.#store(changeOf(requestId, begun, record), answer, writes)
    if (stored === 'stored') return answer
    if (stored === 'write-conflict') return undefined
    // Somebody else has answered it meanwhile; what they said stands.
    return standingAnswer(await store.find(requestId), attempt) ?? answer
  }

  /** Stores an answer, and with a 200 what its handler wants stored. */
  async #store(
    change: RecordChange,
    { status }: Answer,
    writes: readonly RequestWrites[] | undefined,
  ): Promise<'stored' | 'changed' | 'write-conflict'> {
    try {
      const beside = status === 200 ? writes : undefined
      return (await this.#settings.store.put([change], beside)) ? 'stored' : 'changed'
    } catch (error) {
      if (codeOf(error) === 'REQUEST_WRITE_CONFLICT') return 'write-conflict'
      throw error
    }
  }

  /** Whether a request that is not known has certainly not been seen since it was sent. */
  async #remembers({ sentAt }: UndoneRequest): Promise<boolean> {
    return sentAt !== undefined && sentAt > (await this.#settings.store.rememberedSince())
  }
}

/** Times it is decided anew because somebody else has written first. */
const DECISIONS_MAX = 10

function contested({ requestId }: IncomingRequest): Error {
  return codedError('REPLY_STORE_CONTESTED', { details: { request_id: requestId } })
}

/** What a request was answered before, if that answer stands for this attempt. */
function standingAnswer(known: RequestRecord | undefined, attempt: number): Answer | undefined {
  switch (known?.kind) {
    case undefined:
    case 'begun':
      return undefined
    case 'cancelled':
      return answerOfCancelled()
    case 'answered':
      return known.answer.status === 500 && attempt > known.attempt ? undefined : known.answer
  }
}

/** How a request that is being undone has to be cancelled; `undefined`: its record stands. */
function cancellation(
  undone: RequestRecord | undefined,
  { happened }: UndoneRequest,
  by: string,
  isRemembered: boolean,
): Extract<RequestRecord, { kind: 'cancelled' }> | undefined {
  switch (undone?.kind) {
    case 'cancelled':
      return undefined
    case 'answered': {
      // A later attempt must not run behind its undo; any other answer stands for good.
      const { status } = undone.answer
      return status === 500 ? { kind: 'cancelled', by, status, isCertain: false } : undefined
    }
    case 'begun':
      // Whoever had begun it is gone, or it would be answered by now.
      return { kind: 'cancelled', by, isCertain: false }
    case undefined:
  }
  return { kind: 'cancelled', by, isCertain: happened !== true && isRemembered }
}

function isCertain(record: RequestRecord | undefined): boolean {
  return record?.kind === 'cancelled' && record.isCertain
}

function undoneInfo({ requestId }: UndoneRequest, undone: RequestRecord | undefined): UndoneInfo {
  switch (undone?.kind) {
    case 'answered':
      return { requestId, status: undone.answer.status }
    case 'cancelled':
      return { requestId, status: undone.status }
    default:
      return { requestId, status: undefined }
  }
}

function changeOf(
  requestId: string,
  known: RequestRecord | undefined,
  record: RequestRecord,
): RecordChange {
  return { requestId, expected: known?.kind ?? 'absent', record }
}
