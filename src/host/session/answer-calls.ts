/**
 * The component's side of one session: answers the calls of a coordinator with the functions of its
 * services. Each call gets exactly one answer, whatever becomes of it.
 */
import { create, type DescMethod } from '@bufbuild/protobuf'
import { encodeStatusDetails } from '../../client/grpc/status-details.ts'
import { statusNumber } from '../../client/grpc/status-number.ts'
import { type Clock, NANOSECONDS_PER_MS } from '../../clock.ts'
import { CodedError, codedError, messageOf } from '../../errors.ts'
import {
  type Call,
  type ComponentFrame,
  ComponentFrameSchema,
  type Failure,
  FailureSchema,
} from '../../proto/amends/component/v1/session_pb.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { TRACEPARENT_HEADER } from '../../telemetry/trace-parent.ts'
import { CORRELATION_ID_HEADER } from '../../wire/constants.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import type { CallContext, GrpcService, UnaryFunction } from '../grpc-service.ts'
import type { Logger } from '../log.ts'
import { observedService } from '../observed-service.ts'
import { asMessage } from '../serve-methods.ts'
import { statusOfError, textOf } from '../status-of-error.ts'

/** Answers calls. */
export interface CallAnswerer {
  /** Calls under way. */
  readonly callsUnderWay: number
  /** Runs a call; its answer is sent when it is there. */
  answer(call: Call): void
  /** Nobody waits for this call any more. */
  cancel(id: bigint): void
  /** Nobody waits for any call any more. */
  cancelAll(): void
  /** Resolves when no call is under way. */
  idle(): Promise<void>
}

/** What answering needs. */
export type AnsweringOptions = {
  readonly services: readonly GrpcService[]
  readonly send: (frame: ComponentFrame) => void
  readonly logger: Logger
  readonly clock: Clock
  /** Takes the spans and metrics of calls. Default: that of the process. */
  readonly telemetry?: Telemetry | undefined
  /** Where the calls come from. */
  readonly peer: string
}

type Answering = { readonly method: DescMethod; readonly run: UnaryFunction }

/** Makes the answerer of one session. */
export function callAnswerer(options: AnsweringOptions): CallAnswerer {
  const { send, logger } = options
  const methods = unaryMethods(options.services.map((one) => observedService(one, options)))
  const underWay = new Map<bigint, AbortController>()
  let wake: (() => void) | undefined
  const finish = (id: bigint, result: NonNullable<AnswerResult>): void => {
    underWay.delete(id)
    const value = { id, result }
    send(create(ComponentFrameSchema, { frame: { case: 'answer', value } }))
    if (underWay.size === 0) wake?.()
  }
  return {
    get callsUnderWay() {
      return underWay.size
    },
    answer: (call) => {
      const controller = new AbortController()
      underWay.set(call.id, controller)
      respond(methods, call, contextOf(call, controller.signal, options)).then(
        (value) => finish(call.id, { case: 'response', value }),
        (error: unknown) => {
          const reported = { method: call.method, error: textOf(error) }
          if (!(error instanceof CodedError)) logger('error', 'call_failed', reported)
          finish(call.id, { case: 'failure', value: failureOf(error) })
        },
      )
    },
    cancel: (id) => underWay.get(id)?.abort(codedError('ABORTED')),
    cancelAll: () => {
      for (const controller of underWay.values()) controller.abort(codedError('ABORTED'))
    },
    idle: async () => {
      if (underWay.size > 0) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

type AnswerResult =
  | { readonly case: 'response'; readonly value: Uint8Array }
  | { readonly case: 'failure'; readonly value: Failure }

async function respond(
  methods: ReadonlyMap<string, Answering>,
  call: Call,
  context: CallContext,
): Promise<Uint8Array> {
  const known = methods.get(call.method)
  if (known === undefined) {
    throw codedError('CALL_UNSUPPORTED', { details: { call: call.method } })
  }
  const { input, output } = known.method
  const answer = asMessage(output, await known.run(decode(input, call.request), context))
  return messageCodec(output).encode(answer)
}

function decode(input: DescMethod['input'], bytes: Uint8Array): Parameters<UnaryFunction>[0] {
  try {
    return messageCodec(input).decode(bytes)
  } catch (cause) {
    throw codedError('REQUEST_UNDECODABLE', { cause, details: { cause: messageOf(cause) } })
  }
}

function contextOf(
  call: Call,
  signal: AbortSignal,
  { clock, peer }: AnsweringOptions,
): CallContext {
  const nowMs = Number(clock.wall() / NANOSECONDS_PER_MS)
  return {
    signal,
    peer,
    deadlineMs: call.timeoutMs === 0 ? Infinity : nowMs + call.timeoutMs,
    metadata: (name) => {
      if (name === CORRELATION_ID_HEADER) return call.correlationId || undefined
      return name === TRACEPARENT_HEADER ? call.traceparent || undefined : undefined
    },
  }
}

function unaryMethods(services: readonly GrpcService[]): ReadonlyMap<string, Answering> {
  const methods = new Map<string, Answering>()
  for (const { schema, functions } of services) {
    for (const method of schema.methods) {
      const run = functions[method.localName]
      if (run === undefined || method.methodKind !== 'unary') continue
      // The kind of the method says what its function takes.
      methods.set(`${schema.typeName}/${method.name}`, { method, run: run as UnaryFunction })
    }
  }
  return methods
}

function failureOf(error: unknown): Failure {
  const from = statusOfError(error)
  const details = encodeStatusDetails(from) ?? new Uint8Array(0)
  return create(FailureSchema, { code: statusNumber(from.status), message: from.text, details })
}
