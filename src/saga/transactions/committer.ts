/**
 * Ends the transactions of isolated executions (Minos saga: `TransactionCommitter`): asks their
 * services to reserve, commit or reject.
 *
 * 1. Everybody is asked at once, each under an id of its own; who has answered before gives the same
 *    answer again.
 * 2. All must have answered 200. A refusal counts more than a failure, and is not asked for again.
 */
import { codedError, type CodedError, messageOf } from '../../errors.ts'
import type { Executable } from '../../machine/bindings.ts'
import { refuse } from '../../machine/refusal.ts'
import { type TransactionVerb, transactionTopic } from '../../participant/transaction-topics.ts'
import type { LiveExecution } from '../runner/live-execution.ts'
import type { RequestDesk } from '../runner/request-desk.ts'
import { answerPath } from './answer-path.ts'
import { relatedServicesOf } from './related-services.ts'
import { transactionBindings } from './transaction-steps.ts'

/** See the top of this file. */
export class Committer {
  readonly #desk: Pick<RequestDesk, 'ask' | 'ownService'>
  readonly #executables = new WeakMap<LiveExecution, Executable>()

  constructor(desk: Pick<RequestDesk, 'ask' | 'ownService'>) {
    this.#desk = desk
  }

  /** What an execution runs by; the steps that end its transaction reach its services. */
  executableOf(execution: LiveExecution): Executable {
    const { executable } = execution.known
    if (executable.isolated !== true) return executable
    const known = this.#executables.get(execution)
    if (known !== undefined) return known
    const own = transactionBindings((verb, info) => this.#ask(execution, verb, info))
    const bound = { ...executable, bindings: new Map([...executable.bindings, ...own]) }
    this.#executables.set(execution, bound)
    return bound
  }

  async #ask(
    execution: LiveExecution,
    verb: TransactionVerb,
    info: { readonly attempt: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const services = this.#servicesOf(execution)
    const problems = await Promise.all(
      services.map((service) => this.#askOne(execution, { verb, service, ...info })),
    )
    const [refused] = problems.filter((problem) => problem?.kind === 'refused')
    const [problem = refused] = problems.filter((one) => one?.kind === 'failed')
    if (refused !== undefined) throw refused.error
    if (problem !== undefined) throw problem.error
  }

  /** Those that took part, and this one if it can be asked: local steps may have written here. */
  #servicesOf({ state }: LiveExecution): readonly string[] {
    const related = state === undefined ? [] : relatedServicesOf(state)
    const { ownService } = this.#desk
    if (ownService === undefined || related.includes(ownService)) return related
    return [...related, ownService].sort()
  }

  async #askOne(
    { id, state, user }: LiveExecution,
    asked: {
      readonly verb: TransactionVerb
      readonly service: string
      readonly attempt: number
      readonly signal: AbortSignal
    },
  ): Promise<Problem | undefined> {
    const { verb, service, attempt, signal } = asked
    const path = answerPath(verb, service)
    const target = transactionTopic(verb, service)
    const details = { transaction: id, service, verb }
    try {
      const reply = await this.#desk.ask(
        {
          requestId: `${id}/${path}`,
          target,
          executionId: id,
          path,
          direction: 'forward',
          attempt,
          correlationId: state?.correlationId ?? id,
          ...(user === '' ? {} : { user }),
          content: id,
        },
        signal,
      )
      if (reply.status === 200) return undefined
      const isRefused = reply.status === 400
      const said = { ...details, status: reply.status, code: reply.code }
      return { kind: isRefused ? 'refused' : 'failed', error: errorOf(verb, isRefused, said) }
    } catch (cause) {
      const said = { ...details, cause: messageOf(cause) }
      return {
        kind: 'failed',
        error: codedError('TRANSACTION_UNANSWERED', { cause, details: said }),
      }
    }
  }
}

type Problem = { readonly kind: 'refused' | 'failed'; readonly error: Error }

function errorOf(
  verb: TransactionVerb,
  isRefused: boolean,
  details: Readonly<Record<string, unknown>>,
): CodedError {
  if (!isRefused) return codedError('TRANSACTION_UNANSWERED', { details })
  const code = verb === 'reserve' ? 'SAGA_RESERVATION_REFUSED' : 'TRANSACTION_REFUSED'
  const { message } = codedError(code)
  return refuse(message, { code, details })
}
