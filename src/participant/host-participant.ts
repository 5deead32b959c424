/**
 * Hosts a service that answers requests of sagas (Minos: a service with command handlers).
 *
 * 1. Every request that comes is answered: by its handler; with 500 and `REQUEST_HANDLER_MISSING`
 *    where there is none; with 400 when it cannot be read, and then it is kept as a dead letter too.
 * 2. A request is settled when its reply is on the bus. A reply that cannot be sent is made again
 *    from what is remembered, when the bus delivers the request again.
 * 3. Names of services and targets are taken verbatim.
 */
import type {
  Bus,
  CloseOptions,
  ConsumeOptions,
  Delivery,
  GivenUp,
  Subscription,
} from '../bus/bus.ts'
import { type Clock, systemClock } from '../clock.ts'
import { codedError, messageOf } from '../errors.ts'
import { decodeValue } from '../wire/values/decode-value.ts'
import { type Answer, answerOfRefusal, type ErrorRules, isRefusalByDefault } from './answer.ts'
import { answerOfError } from './answer.ts'
import { RequestAnswers } from './answer-request.ts'
import { memoryReplyStore } from './memory-reply-store.ts'
import { replyMessage } from './reply-message.ts'
import type { ReplyStore } from './reply-store.ts'
import type { RequestHandler } from './request-handler.ts'
import { type IncomingRequest, readRequest } from './request-message.ts'
import { transactionTopic } from './transaction-topics.ts'

/** What a service is hosted with. */
export type ParticipantOptions = {
  readonly bus: Bus
  /** The name that replies carry among their related services; without commas. */
  readonly service: string
  /** One per target. */
  readonly handlers: readonly RequestHandler[]
  /** Further topics of the service: requests that arrive there without a handler are answered 500. */
  readonly topics?: readonly string[] | undefined
  /** What is remembered of requests. Default: 100,000 answers for a day, in memory. */
  readonly replies?: ReplyStore | undefined
  /** Default: refusals, and coded errors that say no for good. */
  readonly isRefusal?: ((error: unknown) => boolean) | undefined
  /** What of the text of an unexpected error leaves this service. Default: all of it. */
  readonly redact?: ((text: string, error: unknown) => string) | undefined
  /** Milliseconds until the signal of a handler aborts. Default: it does not. */
  readonly handlerTimeoutMs?: number | undefined
  /** How each topic is consumed. */
  readonly consume?: Omit<ConsumeOptions, 'signal'> | undefined
  /** Told what goes wrong: errors that are no refusals, and messages that are no requests. */
  readonly onProblem?: ((problem: ParticipantProblem) => void) | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
}

/** Something that went wrong. */
export type ParticipantProblem = {
  readonly kind: 'handler-failed' | 'handler-missing' | 'malformed'
  readonly service: string
  readonly target: string
  /** '' when it could not be read. */
  readonly requestId: string
  readonly error: unknown
}

/** A service that is being hosted. Disposing it closes it. */
export interface HostedParticipant extends AsyncDisposable {
  readonly service: string
  /** The topics it consumes. */
  readonly topics: readonly string[]
  status(): ParticipantStatus
  /** Takes no more requests and waits until those under way are answered. Twice is fine. */
  close(options?: CloseOptions): Promise<void>
}

/** How a service is doing. */
export type ParticipantStatus = {
  readonly state: 'serving' | 'draining' | 'closed'
  /** Requests that are being answered. */
  readonly running: number
  /** Requests answered since it was opened, by status. */
  readonly answered: Readonly<Record<Answer['status'], number>>
}

/**
 * Begins to answer.
 *
 * @throws CodedError `REQUEST_HANDLER_DUPLICATE`, `CONFIGURATION_INVALID`, `MESSAGE_INVALID` for a
 *   target that is no topic, `BUS_CLOSED`
 */
export async function hostParticipant(options: ParticipantOptions): Promise<HostedParticipant> {
  checkOptions(options)
  const participant = new Participant(options)
  try {
    await participant.open()
    return participant
  } catch (error) {
    await participant.close()
    throw error
  }
}

class Participant implements HostedParticipant {
  readonly service: string
  readonly topics: readonly string[]
  readonly #options: ParticipantOptions
  readonly #handlers: ReadonlyMap<string, RequestHandler>
  readonly #rules: ErrorRules
  readonly #answers: RequestAnswers
  readonly #subscriptions: Subscription[] = []
  readonly #answered = { 200: 0, 400: 0, 500: 0 }
  #running = 0
  #state: ParticipantStatus['state'] = 'serving'
  #closed: Promise<void> | undefined

  constructor(options: ParticipantOptions) {
    const { service, handlers, topics, replies, clock = systemClock() } = options
    this.#options = options
    this.service = service
    this.#handlers = new Map(handlers.map((handler) => [handler.target, handler]))
    this.topics = [...new Set([...this.#handlers.keys(), ...(topics ?? [])])]
    this.#rules = {
      isRefusal: options.isRefusal ?? isRefusalByDefault,
      redact: options.redact ?? ((text) => text),
    }
    this.#answers = new RequestAnswers({
      store: replies ?? memoryReplyStore({ clock }),
      serves: (target) => this.topics.includes(target),
      rules: this.#rules,
      clock,
      handlerTimeoutMs: options.handlerTimeoutMs,
      onFailure: (request, error) => this.#report('handler-failed', request, error),
    })
  }

  async open(): Promise<void> {
    const { bus, consume = {} } = this.#options
    for (const topic of this.topics) {
      const take = (delivery: Delivery): Promise<void | GivenUp> => this.#take(delivery)
      this.#subscriptions.push(await bus.consume(topic, take, consume))
    }
  }

  status(): ParticipantStatus {
    return { state: this.#state, running: this.#running, answered: { ...this.#answered } }
  }

  close(options?: CloseOptions): Promise<void> {
    this.#closed ??= this.#close(options)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(options: CloseOptions | undefined): Promise<void> {
    this.#state = 'draining'
    await Promise.all(this.#subscriptions.map((one) => one.close(options)))
    this.#state = 'closed'
  }

  async #take(delivery: Delivery): Promise<void | GivenUp> {
    this.#running++
    try {
      const request = this.#read(delivery)
      if ('request' in request) return await this.#answer(request.request, delivery)
      return await this.#refuse(request.error, delivery)
    } finally {
      this.#running--
    }
  }

  #read({ message }: Delivery): { request: IncomingRequest } | { error: unknown } {
    try {
      return { request: readRequest(message) }
    } catch (error) {
      return { error }
    }
  }

  async #answer(request: IncomingRequest, delivery: Delivery): Promise<GivenUp | undefined> {
    const handler = this.#handlers.get(request.target)
    const signal = (): AbortSignal => delivery.signal
    const answer =
      handler === undefined
        ? this.#missing(request)
        : await this.#answers.answer({ request, handler, signal })
    await this.#reply(delivery, answer)
    // Refused, and kept for somebody to look at.
    return answer.code === 'REQUEST_CONTENT_INVALID' ? unreadable(delivery) : undefined
  }

  #missing(request: IncomingRequest): Answer {
    const details = { service: this.service, target: request.target }
    const error = codedError('REQUEST_HANDLER_MISSING', { details })
    this.#report('handler-missing', request, error)
    return answerOfError(error, { isRefusal: () => false, redact: (text) => text })
  }

  async #refuse(error: unknown, delivery: Delivery): Promise<GivenUp> {
    const { topic } = delivery.message
    this.#report('malformed', { target: topic, requestId: '' }, error)
    await this.#reply(delivery, answerOfRefusal(error))
    return { kind: 'dead-letter', code: 'REQUEST_MALFORMED', reason: messageOf(error) }
  }

  async #reply({ message }: Delivery, answer: Answer): Promise<void> {
    if (message.replyTo !== undefined) {
      const isolates = this.#handlers.get(message.topic)?.isolates === true
      const by = { service: this.service, isolates }
      await this.#options.bus.send(replyMessage(message, message.replyTo, answer, by))
    }
    this.#answered[answer.status]++
  }

  #report(
    kind: ParticipantProblem['kind'],
    { target, requestId }: { readonly target: string; readonly requestId: string },
    error: unknown,
  ): void {
    try {
      this.#options.onProblem?.({ kind, service: this.service, target, requestId, error })
    } catch {
      // Whoever listens cannot keep a request from being answered.
    }
  }
}

/** Why a message is given up whose content nobody can read; one that a schema refuses can be read. */
function unreadable({ message }: Delivery): GivenUp | undefined {
  try {
    decodeValue(message.content)
    return undefined
  } catch (error) {
    return { kind: 'dead-letter', code: 'REQUEST_CONTENT_INVALID', reason: messageOf(error) }
  }
}

function checkOptions({ service, handlers, handlerTimeoutMs }: ParticipantOptions): void {
  if (typeof service !== 'string' || service === '' || service.includes(',')) {
    const hint = 'The name of a service is a text without commas.'
    throw codedError('CONFIGURATION_INVALID', { details: { service }, hint })
  }
  if (handlerTimeoutMs !== undefined && !(handlerTimeoutMs > 0)) {
    throw codedError('CONFIGURATION_INVALID', { details: { handlerTimeoutMs } })
  }
  const targets = new Set<string>()
  for (const { target, handle } of handlers) {
    if (typeof handle !== 'function') {
      throw codedError('CONFIGURATION_INVALID', { details: { target, handle: typeof handle } })
    }
    if (targets.has(target)) {
      throw codedError('REQUEST_HANDLER_DUPLICATE', { details: { service, target } })
    }
    targets.add(target)
  }
  checkTransactional(service, handlers)
}

/** Whoever isolates is told what becomes of it, under the name that its replies carry. */
function checkTransactional(service: string, handlers: readonly RequestHandler[]): void {
  const targets = new Set(handlers.map(({ target }) => target))
  const isIsolating = handlers.some(({ isolates }) => isolates === true)
  if (!isIsolating || targets.has(transactionTopic('commit', service))) return
  const hint = 'Give transactional the name of the service that hosts its handlers.'
  throw codedError('CONFIGURATION_INVALID', { details: { service, field: 'service' }, hint })
}
