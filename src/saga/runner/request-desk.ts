/**
 * Requests of steps to services, and their replies, over a bus.
 *
 * 1. A request has one id for all its attempts; a reply to any of them settles the step.
 * 2. A reply is settled when what it says is on disk. One that belongs to nothing here, or cannot be
 *    read, decides nothing and becomes a dead letter.
 * 3. What cannot be sent ends as the outcome of its attempt: nothing waits for ever.
 * 4. The target says which way a request goes: a topic over the bus, a command over the bus of this
 *    process that leads to the coordinator. Nothing else differs.
 */
import type { Bus, GivenUp, Subscription } from '../../bus/bus.ts'
import { openMemoryBus } from '../../bus/memory/open-memory-bus.ts'
import { untilAborted } from '../../abort.ts'
import type { Clock } from '../../clock.ts'
import type { LogSink } from '../../coordinator/coordinator.ts'
import { codedError, messageOf } from '../../errors.ts'
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
import {
  requestMessage,
  type SagaRequestEnvelope,
  type UndoneRequest,
} from '../../participant/request-message.ts'
import { transactionTopic } from '../../participant/transaction-topics.ts'
import { isCommandTarget } from '../messages/sent-command.ts'
import { type CommandRunnerOf, COMMANDS_TOPIC, openCommandLine } from './command-line.ts'
import type { LiveExecution } from './live-execution.ts'

/** Takes a reply; resolves when what it says is on disk, or to why it is given up. */
export type ReplyTaker = (reply: IncomingReply) => Promise<GivenUp | undefined>

/** What a desk is opened with. */
export type RequestDeskOptions = {
  readonly bus: Bus | undefined
  readonly service: string
  readonly participants: readonly RequestHandler[]
  /** Who runs commands. Default: nobody, and they fail their steps. */
  readonly commands?: CommandRunnerOf | undefined
  readonly clock: Clock
  readonly log: LogSink
  /** How long handlers that run are waited for when the desk is closed. */
  readonly drainMs: number
}

/** See the top of this file. */
export class RequestDesk implements AsyncDisposable {
  readonly #bus: Bus
  readonly #commands: Bus | undefined
  readonly #service: string
  readonly #opened: AsyncDisposable
  /** Requests that are waited for here, by their ids. */
  readonly #asked = new Map<string, Set<(reply: IncomingReply) => void>>()
  /** The name of this service, if what is pending here can be committed. */
  readonly ownService: string | undefined
  #replies: Promise<readonly Subscription[]> | undefined

  constructor(
    buses: { readonly bus: Bus; readonly commands: Bus | undefined },
    service: { readonly name: string; readonly isolates: boolean },
    opened: AsyncDisposable,
  ) {
    this.#bus = buses.bus
    this.#commands = buses.commands
    this.#service = service.name
    this.ownService = service.isolates ? service.name : undefined
    this.#opened = opened
  }

  /**
   * Somebody takes replies from now on. Only the process that runs executions does: replies that come
   * while nobody takes them wait on the bus.
   */
  takeReplies(take: ReplyTaker): void {
    this.leaveReplies()
    const buses = [this.#bus, ...(this.#commands === undefined ? [] : [this.#commands])]
    this.#replies = Promise.all(buses.map((bus) => this.#consume(bus, take)))
    // Whoever sends hears of it.
    this.#replies.catch(() => undefined)
  }

  /** Nobody takes replies any more. */
  leaveReplies(): void {
    const replies = this.#replies
    this.#replies = undefined
    void replies
      ?.then((all) => Promise.all(all.map((one) => one.close({ drainMs: 0 }))))
      .catch(() => undefined)
  }

  /** Sends the request of a step or of its undo. Resolves to its failure; a reply comes later. */
  async send(
    execution: LiveExecution,
    action: Extract<Action, { readonly kind: 'send' }>,
  ): Promise<Told | undefined> {
    const { path, direction, attempt, request } = action
    const { id, state, user } = execution
    const { isolated } = execution.known.executable
    try {
      if (isolated === true && isCommandTarget(request.target)) throw notIsolated(request.target)
      const way = this.#wayOf(request.target)
      const undoes =
        direction === 'backward' ? undoneBy(id, path, state?.nodes.get(path)) : undefined
      const message = requestMessage({
        requestId: requestIdOf(id, path, direction),
        target: way.topic,
        executionId: id,
        path,
        direction,
        attempt,
        correlationId: state?.correlationId ?? id,
        ...(user === '' ? {} : { user }),
        undoes: undoes && { ...undoes, target: way.topicOf(undoes.target) },
        content: request.content,
        replyTo: replyTopicOf(this.#service),
        isolated,
      })
      await this.#replies
      await way.bus.send(message)
      return undefined
    } catch (error) {
      return sendFailed({ path, direction, attempt }, error)
    }
  }

  /**
   * Sends a request and waits for its reply, which is told to nobody else.
   *
   * @throws CodedError what the bus throws; what the signal aborts with
   */
  async ask(
    request: SagaRequestEnvelope & { readonly content: unknown },
    signal: AbortSignal,
  ): Promise<IncomingReply> {
    const { requestId } = request
    const { promise, resolve } = Promise.withResolvers<IncomingReply>()
    const asked = this.#asked.get(requestId) ?? new Set()
    this.#asked.set(requestId, asked.add(resolve))
    try {
      await this.#replies
      const replyTo = replyTopicOf(this.#service)
      await this.#bus.send(requestMessage({ ...request, replyTo }), { signal })
      return await untilAborted(promise, signal)
    } finally {
      asked.delete(resolve)
      if (asked.size === 0 && this.#asked.get(requestId) === asked) this.#asked.delete(requestId)
    }
  }

  /** Takes the replies of one bus. */
  #consume(bus: Bus, take: ReplyTaker): Promise<Subscription> {
    return bus.consume(
      replyTopicOf(this.#service),
      async ({ message }) => {
        let reply: IncomingReply
        try {
          reply = readReply(message)
        } catch (error) {
          return { kind: 'dead-letter', code: 'REPLY_MALFORMED', reason: messageOf(error) }
        }
        const asked = this.#asked.get(reply.requestId)
        if (asked === undefined) return await take(reply)
        for (const resolve of asked) resolve(reply)
        return undefined
      },
      { concurrency: REPLIES_AT_A_TIME, deliveriesMax: Infinity },
    )
  }

  /** Over which bus a request goes, and what targets are called there. */
  #wayOf(target: string): Way {
    if (!isCommandTarget(target))
      return { bus: this.#bus, topic: target, topicOf: (other) => other }
    if (this.#commands === undefined) {
      const hint = 'Give openSagaManager the coordinator that serves the domain.'
      throw codedError('SAGA_COORDINATOR_MISSING', { details: { target }, hint })
    }
    const topicOf = (other: string | undefined): string | undefined =>
      other !== undefined && isCommandTarget(other) ? COMMANDS_TOPIC : other
    return { bus: this.#commands, topic: COMMANDS_TOPIC, topicOf }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leaveReplies()
    await this.#opened[Symbol.asyncDispose]()
  }
}

/** What a command brings about is seen at once. */
function notIsolated(target: string): Error {
  const hint = 'Ask a participant that is made by transactional to send the command.'
  return codedError('SAGA_ISOLATION_INVALID', { details: { target }, hint })
}

type Way = {
  readonly bus: Bus
  readonly topic: string
  readonly topicOf: (target: string | undefined) => string | undefined
}

/**
 * Opens a desk: hosts the participants of this process.
 *
 * @throws CodedError what `hostParticipant` throws
 */
export async function openRequestDesk(options: RequestDeskOptions): Promise<RequestDesk> {
  const { service, participants, commands: runnerOf, clock, log, drainMs } = options
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
  const line =
    runnerOf && opened.use(await openCommandLine({ runnerOf, service, clock, log, drainMs }))
  const own = transactionTopic('commit', service)
  const isolates = participants.some(({ target }) => target === own)
  return new RequestDesk({ bus, commands: line?.bus }, { name: service, isolates }, opened.move())
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
