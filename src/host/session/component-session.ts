/**
 * The coordinator's side of a session: calls a component over the stream that it has opened.
 *
 * 1. No more calls are under way than the component gave credits for; others wait, and not too many.
 * 2. Each call ends once: with its answer, its deadline or signal, or the end of the session.
 * 3. A call given up keeps its credit until the component has answered: it works on it until then.
 * 4. When the session ends, whatever is open fails with `SESSION_ENDED`, status UNAVAILABLE.
 */
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageShape,
} from '@bufbuild/protobuf'
import {
  abortError,
  type AbortOptions,
  checkTimeout,
  deadlineError,
  throwIfAborted,
} from '../../abort.ts'
import { statusName } from '../../client/grpc/status-number.ts'
import { decodeStatusDetails } from '../../client/grpc/status-details.ts'
import type { ReceivedStatus } from '../../client/grpc/received-error.ts'
import { type Clock, LONGEST_TIMER_MS, systemClock } from '../../clock.ts'
import { type CodedError, codedError, errorTable } from '../../errors.ts'
import { ConnectionError, GRPCError } from '../../errors/client-error.ts'
import { limits } from '../../limits.ts'
import {
  type Answer,
  type CoordinatorFrame,
  CoordinatorFrameSchema,
  type Failure,
  type Hello,
} from '../../proto/amends/component/v1/session_pb.ts'
import type { ComponentDescriptor } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import type { FrameQueue } from './frame-queue.ts'

/** What a call of a session may carry. */
export type SessionCallOptions = AbortOptions & {
  /** Workflow the call belongs to. Default ''. */
  readonly correlationId?: string | undefined
  /** W3C trace context of the caller. Default none. */
  readonly traceparent?: string | undefined
}

/** A component that has dialled in. */
export interface ComponentSession {
  /** Name of the component's process, for logs. */
  readonly name: string
  /** What it hosts. */
  readonly components: readonly ComponentDescriptor[]
  /** Full names of the services it answers for. */
  readonly services: readonly string[]
  /** Calls under way, those that wait left out. */
  readonly callsUnderWay: number
  /** Resolves when the session has ended, for whatever reason. */
  readonly ended: Promise<void>
  /**
   * Calls a method of one of the services.
   *
   * @throws GRPCError what the component answers; ConnectionError `SESSION_ENDED`
   * @throws CodedError `SESSION_OVERLOADED`, `ABORTED`, `DEADLINE_EXCEEDED`
   */
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    options?: SessionCallOptions,
  ): Promise<MessageShape<O>>
  /** Asks the component to leave: no calls follow. */
  end(): void
}

type Pending = {
  readonly resolve: (response: Uint8Array) => void
  readonly reject: (error: CodedError) => void
}
type Waiting = { readonly id: bigint; readonly send: () => void; readonly fail: Pending['reject'] }

/** The session behind the interface; fed with the component's frames by the service. */
export class OpenSession implements ComponentSession {
  readonly ended: Promise<void>
  readonly #hello: Hello
  readonly #frames: FrameQueue<CoordinatorFrame>
  readonly #clock: Clock
  readonly #credits: number
  readonly #pending = new Map<bigint, Pending>()
  readonly #waiting: Waiting[] = []
  readonly #ended = Promise.withResolvers<void>()
  #lastId = 0n
  #open = true

  constructor(hello: Hello, frames: FrameQueue<CoordinatorFrame>, clock: Clock = systemClock()) {
    this.#hello = hello
    this.#frames = frames
    this.#clock = clock
    this.#credits = Math.min(Math.max(hello.credits, 1), limits.sessionCallsMax)
    this.ended = this.#ended.promise
  }

  get name(): string {
    return this.#hello.name
  }
  get components(): readonly ComponentDescriptor[] {
    return this.#hello.components
  }
  get services(): readonly string[] {
    return this.#hello.services
  }
  get callsUnderWay(): number {
    return this.#pending.size
  }

  async call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    options: SessionCallOptions = {},
  ): Promise<MessageShape<O>> {
    const { timeoutMs, signal, correlationId = '', traceparent = '' } = options
    if (timeoutMs !== undefined) checkTimeout(timeoutMs)
    throwIfAborted(signal)
    const bytes = messageCodec(method.input).encode(request)
    const name = `${method.parent.typeName}/${method.name}`
    const call = { name, bytes, timeoutMs, correlationId, traceparent, signal }
    return messageCodec(method.output).decode(await this.#send(call))
  }

  end(): void {
    if (!this.#open) return
    this.#open = false
    for (const { fail } of this.#waiting.splice(0)) fail(sessionEnded())
    this.#frames.push(create(CoordinatorFrameSchema, { frame: { case: 'farewell', value: {} } }))
  }

  /** Takes an answer. @throws CodedError `SESSION_PROTOCOL_BROKEN` for a call nobody made */
  settle({ id, result }: Answer): void {
    const pending = this.#pending.get(id)
    if (pending === undefined)
      throw codedError('SESSION_PROTOCOL_BROKEN', { details: { call: id } })
    this.#pending.delete(id)
    if (result.case === 'response') pending.resolve(result.value)
    else pending.reject(failureOf(result.value))
    if (this.#open) this.#waiting.shift()?.send()
  }

  /** The stream is over: whatever is open fails. */
  close(): void {
    this.#open = false
    const error = sessionEnded()
    for (const { fail } of this.#waiting.splice(0)) fail(error)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    this.#ended.resolve()
  }

  #send(call: OutgoingCall): Promise<Uint8Array> {
    if (!this.#open) return Promise.reject(sessionEnded())
    if (this.#waiting.length >= limits.sessionQueueMax) {
      return Promise.reject(codedError('SESSION_OVERLOADED'))
    }
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const release = this.#bound(id, call, reject)
      const pending: Pending = {
        resolve: (response) => {
          release()
          resolve(response)
        },
        reject: (error) => {
          release()
          reject(error)
        },
      }
      const send = (): void => {
        this.#pending.set(id, pending)
        this.#frames.push(callFrame(id, call))
      }
      if (this.#pending.size < this.#credits) send()
      else this.#waiting.push({ id, send, fail: pending.reject })
    })
  }

  /** Gives the call up at its deadline or for its signal; answers with what lets go of both. */
  #bound(id: bigint, { signal, timeoutMs }: OutgoingCall, reject: Pending['reject']): () => void {
    const onAbort = (): void =>
      giveUp(signal === undefined ? codedError('ABORTED') : abortError(signal))
    // A timer of the platform holds no more; the component knows the deadline as well.
    const timer =
      timeoutMs === undefined || timeoutMs > LONGEST_TIMER_MS
        ? undefined
        : this.#clock.after(timeoutMs, () => giveUp(deadlineError(timeoutMs)))
    signal?.addEventListener('abort', onAbort)
    const release = (): void => {
      timer?.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const giveUp = (error: CodedError): void => {
      release()
      reject(error)
      this.#giveUp(id)
    }
    return release
  }

  #giveUp(id: bigint): void {
    const at = this.#waiting.findIndex((waiting) => waiting.id === id)
    if (at >= 0) this.#waiting.splice(at, 1)
    if (!this.#pending.has(id)) return
    this.#frames.push(create(CoordinatorFrameSchema, { frame: { case: 'cancel', value: { id } } }))
  }
}

type OutgoingCall = {
  readonly name: string
  readonly bytes: Uint8Array
  readonly timeoutMs: number | undefined
  readonly correlationId: string
  readonly traceparent: string
  readonly signal: AbortSignal | undefined
}

function callFrame(id: bigint, call: OutgoingCall): CoordinatorFrame {
  const { name: method, bytes: request, correlationId, traceparent } = call
  const timeoutMs = Math.min(Math.ceil(call.timeoutMs ?? 0), 0xffff_ffff)
  const value = { id, method, request, correlationId, traceparent, timeoutMs }
  return create(CoordinatorFrameSchema, { frame: { case: 'call', value } })
}

function failureOf(failure: Failure | undefined): CodedError {
  const { code = 2, message = '', details } = failure ?? {}
  const received = decodeStatusDetails(details)
  const cause: ReceivedStatus = { status: statusName(code), details: message, ...received }
  const { errorInfo } = received
  if (errorInfo === undefined || errorInfo.reason === '') return new GRPCError(cause)
  return new GRPCError(cause, { code: errorInfo.reason, details: errorInfo.metadata })
}

function sessionEnded(): ConnectionError {
  return new ConnectionError(errorTable.SESSION_ENDED.message, { code: 'SESSION_ENDED' })
}
