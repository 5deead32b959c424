/**
 * Requests of steps to services, and their replies, over a bus.
 *
 * 1. A request has one id for all its attempts; a reply to any of them settles the step.
 * 2. A reply is settled when what it says is on disk. One that belongs to nothing here decides
 *    nothing, and is settled too.
 * 3. What cannot be sent ends as the outcome of its attempt: nothing waits for ever.
 */
import type { Bus, Subscription } from '../../bus/bus.ts'
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
  #replies: Promise<Subscription> | undefined

  constructor(bus: Bus, service: string, opened: AsyncDisposable) {
    this.#bus = bus
    this.#service = service
    this.#opened = opened
  }

  /**
   * Somebody takes replies from now on. Only the process that runs executions does: replies that come
   * while nobody takes them wait on the bus.
   */
  takeReplies(take: ReplyTaker): void {
    this.leaveReplies()
    this.#replies = this.#bus.consume(
      replyTopicOf(this.#service),
      async ({ message }) => {
        let reply: IncomingReply
        try {
          reply = readReply(message)
        } catch (error) {
          return { kind: 'dead-letter', code: 'REPLY_MALFORMED', reason: messageOf(error) }
        }
        await take(reply)
        return undefined
      },
      { concurrency: REPLIES_AT_A_TIME, deliveriesMax: Infinity },
    )
    // Whoever sends hears of it.
    this.#replies.catch(() => undefined)
  }

  /** Nobody takes replies any more. */
  leaveReplies(): void {
    const replies = this.#replies
    this.#replies = undefined
    void replies?.then((subscription) => subscription.close({ drainMs: 0 })).catch(() => undefined)
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
      await this.#replies
      await this.#bus.send(message)
      return undefined
    } catch (error) {
      return sendFailed({ path, direction, attempt }, error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leaveReplies()
    await this.#opened[Symbol.asyncDispose]()
  }
}

/**
 * Opens a desk: hosts the participants of this process.
 *
 * @throws CodedError what `hostParticipant` throws
 */
export async function openRequestDesk(options: RequestDeskOptions): Promise<RequestDesk> {
  const { service, participants, clock, log, drainMs } = options
  await using opened = new AsyncDisposableStack()
  const bus = options.bus ?? openMemoryBus({ clock })
  if (options.bus === undefined) opened.defer(async () => await bus.close({ drainMs }))
  if (participants.length > 0) {
    const onProblem = ({ kind, target, requestId, error }: Problem): void => {
      log('warn', kind.replace('-', '_'), { target, request: requestId, error: messageOf(error) })
    }
    const hosted = await hostParticipant({ bus, service, handlers: participants, clock, onProblem })
    opened.defer(async () => await hosted.close({ drainMs }))
  }
  return new RequestDesk(bus, service, opened.move())
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
