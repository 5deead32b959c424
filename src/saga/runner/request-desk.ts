/**
 * Requests of steps to services, and their replies, over a bus.
 *
 * 1. A request has one id for all its attempts; a reply to any of them settles the step.
 * 2. A reply is settled when what it says is on disk. One that belongs to nothing here decides
 *    nothing, and is settled too.
 * 3. What cannot be sent ends as the outcome of its attempt: nothing waits for ever.
 */
import type { Bus, Delivery, GivenUp, Subscription } from '../../bus/bus.ts'
import { openMemoryBus } from '../../bus/memory/open-memory-bus.ts'
import type { Clock } from '../../clock.ts'
import type { LogSink } from '../../coordinator/coordinator.ts'
import { messageOf } from '../../errors.ts'
import type { Action } from '../../machine/action.ts'
import type { Told } from '../../machine/input.ts'
import { operationKey, undoKey } from '../../machine/idempotency-key.ts'
import type { Direction } from '../../machine/journal.ts'
import { sendFailed } from '../../machine/perform/handle-reply.ts'
import type { NodeState } from '../../machine/state.ts'
import { replyTopicOf } from '../../participant/headers.ts'
import { hostParticipant } from '../../participant/host-participant.ts'
import { type IncomingReply, readReply } from '../../participant/reply-message.ts'
import type { RequestHandler } from '../../participant/request-handler.ts'
import { requestMessage, type UndoneRequest } from '../../participant/request-message.ts'
import type { LiveExecution } from './live-execution.ts'

/** Takes a reply; resolves when what it says is on disk. */
export type ReplyTaker = (reply: IncomingReply) => Promise<void>

/** What a desk is opened with. */
export type RequestDeskOptions = {
  readonly bus: Bus | undefined
  readonly service: string
  readonly participants: readonly RequestHandler[]
  readonly clock: Clock
  readonly log: LogSink
  /** How long handlers that run are waited for when the desk is closed. */
  readonly drainMs: number
}

/** See the top of this file. */
export class RequestDesk implements AsyncDisposable {
  readonly #bus: Bus
  readonly #service: string
  readonly #opened: AsyncDisposable
  #taker: Promise<ReplyTaker>
  #set: (take: ReplyTaker) => void

  constructor(bus: Bus, service: string, opened: AsyncDisposable) {
    this.#bus = bus
    this.#service = service
    this.#opened = opened
    const { promise, resolve } = Promise.withResolvers<ReplyTaker>()
    this.#taker = promise
    this.#set = resolve
  }

  /** Somebody takes replies from now on; those that came before have waited. */
  takeReplies(take: ReplyTaker): void {
    this.#set(take)
    this.#taker = Promise.resolve(take)
  }

  /** Hands a reply over. */
  async reply({ message }: Delivery): Promise<void | GivenUp> {
    let reply: IncomingReply
    try {
      reply = readReply(message)
    } catch (error) {
      return { kind: 'dead-letter', code: 'REPLY_MALFORMED', reason: messageOf(error) }
    }
    const take = await this.#taker
    await take(reply)
  }

  /** Sends the request of a step or of its undo. Resolves to its failure; a reply comes later. */
  async send(
    execution: LiveExecution,
    action: Extract<Action, { readonly kind: 'send' }>,
  ): Promise<Told | undefined> {
    const { path, direction, attempt, request } = action
    const { id, state, user } = execution
    try {
      const message = requestMessage({
        requestId: requestIdOf(id, path, direction),
        target: request.target,
        executionId: id,
        path,
        direction,
        attempt,
        correlationId: state?.correlationId ?? id,
        ...(user === '' ? {} : { user }),
        undoes: direction === 'backward' ? undoneBy(id, path, state?.nodes.get(path)) : undefined,
        content: request.content,
        replyTo: replyTopicOf(this.#service),
      })
      await this.#bus.send(message)
      return undefined
    } catch (error) {
      return sendFailed({ path, direction, attempt }, error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]()
  }
}

/**
 * Opens a desk: hosts the participants of this process and listens for replies.
 *
 * @throws CodedError what `hostParticipant` throws
 */
export async function openRequestDesk(options: RequestDeskOptions): Promise<RequestDesk> {
  const { service, participants, clock, log, drainMs } = options
  await using opened = new AsyncDisposableStack()
  const bus = options.bus ?? openMemoryBus({ clock })
  if (options.bus === undefined) opened.defer(async () => await bus.close({ drainMs }))
  const opening = Promise.withResolvers<RequestDesk>()
  const onReply = async (delivery: Delivery): Promise<void | GivenUp> =>
    await (await opening.promise).reply(delivery)
  const replies: Subscription = await bus.consume(replyTopicOf(service), onReply, {
    concurrency: REPLIES_AT_A_TIME,
    deliveriesMax: Infinity,
  })
  opened.defer(async () => await replies.close({ drainMs }))
  if (participants.length > 0) {
    const onProblem = ({ kind, target, requestId, error }: Problem): void => {
      log('warn', kind.replace('-', '_'), { target, request: requestId, error: messageOf(error) })
    }
    const hosted = await hostParticipant({ bus, service, handlers: participants, clock, onProblem })
    opened.defer(async () => await hosted.close({ drainMs }))
  }
  const desk = new RequestDesk(bus, service, opened.move())
  opening.resolve(desk)
  return desk
}

/** The id of a request: execution, step and direction, never the attempt. */
function requestIdOf(id: string, path: string, direction: Direction): string {
  return direction === 'forward' ? operationKey(id, path) : undoKey(id, path)
}

type Problem = {
  readonly kind: string
  readonly target: string
  readonly requestId: string
  readonly error: unknown
}

function undoneBy(id: string, path: string, node: NodeState | undefined): UndoneRequest {
  return {
    requestId: requestIdOf(id, path, 'forward'),
    target: node?.request?.target,
    sentAt: node?.firstBegunAt,
    happened: node?.status === 'succeeded' || node?.status === 'happened',
  }
}

const REPLIES_AT_A_TIME = 1_024
