/**
 * One call over a gRPC client, with promise or async iterable, signal and deadline.
 *
 * 1. A failed call rejects with a coded error, see `received-error.ts`.
 * 2. An aborted signal cancels the call on the wire; breaking out of a stream does, too.
 * 3. A stream reads ahead no more than the library's buffer holds.
 */
import { type EventEmitter, once } from 'node:events'
import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  Message,
  MessageShape,
} from '@bufbuild/protobuf'
import type {
  CallOptions as GrpcCallOptions,
  Client,
  ClientDuplexStream,
  Metadata,
} from '@grpc/grpc-js'
import { type AbortOptions, abortError, throwIfAborted } from '../../abort.ts'
import { NANOSECONDS_PER_MS, systemClock } from '../../clock.ts'
import type { CodedError } from '../../errors.ts'
import { type GrpcMethod, grpcMethod } from './service-definition.ts'
import { authorizationOf } from './open-channel.ts'
import { receivedError } from './received-error.ts'
import { Unanswered, unaryAnswer } from './unary-answer.ts'

/** Everything a call needs beside its request. */
export type CallSetup = AbortOptions & {
  readonly client: Client
  readonly metadata: Metadata
}

const methods = new WeakMap<object, GrpcMethod>()

/** Makes a unary call. @throws CodedError as invariant 1 says, `ABORTED` for the signal */
export async function unaryCall<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageShape<I>,
  setup: CallSetup,
): Promise<MessageShape<O>> {
  const { client, signal, timeoutMs } = setup
  throwIfAborted(signal)
  const answer = await unaryAnswer({
    client,
    method: definitionOf(method),
    request,
    metadata: authorized(setup),
    deadline: deadlineAfter(timeoutMs),
    signal,
  })
  if (answer instanceof Unanswered) throw failureOf(answer.error, setup)
  // The codec of the method's output made it.
  return answer as MessageShape<O>
}

/** Makes a call that is answered with a stream. @throws CodedError as {@link unaryCall} */
export function streamCall<I extends DescMessage, O extends DescMessage>(
  method: DescMethodServerStreaming<I, O>,
  request: MessageShape<I>,
  setup: CallSetup,
): AsyncGenerator<MessageShape<O>, void, undefined> {
  const { client, timeoutMs } = setup
  const metadata = authorized(setup)
  const { path, requestSerialize, responseDeserialize } = definitionOf(method)
  return answers(setup, () =>
    client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      grpcOptions(timeoutMs),
    ),
  )
}

/**
 * Makes a call that sends a stream and is answered with one. An error of the requests cancels the
 * call.
 *
 * @throws CodedError as {@link unaryCall}
 */
export function duplexCall<I extends DescMessage, O extends DescMessage>(
  method: DescMethodBiDiStreaming<I, O>,
  requests: Iterable<MessageShape<I>> | AsyncIterable<MessageShape<I>>,
  setup: CallSetup,
): AsyncGenerator<MessageShape<O>, void, undefined> {
  const { client, timeoutMs } = setup
  const metadata = authorized(setup)
  const { path, requestSerialize, responseDeserialize } = definitionOf(method)
  return answers(setup, () => {
    const call = client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadata,
      grpcOptions(timeoutMs),
    )
    void sendAll(call, requests)
    return call
  })
}

/** What a stream of answers is to its reader. */
async function* answers<O extends DescMessage>(
  setup: CallSetup,
  open: () => AsyncIterable<Message> & EventEmitter & { cancel(): void },
): AsyncGenerator<MessageShape<O>, void, undefined> {
  const { signal } = setup
  if (signal?.aborted === true) throw abortError(signal)
  const call = open()
  // What arrives after the last read, such as our own cancellation, concerns nobody.
  call.on('error', () => undefined)
  const cancel = (): void => call.cancel()
  signal?.addEventListener('abort', cancel)
  try {
    // The codec of the method's output made them.
    for await (const answer of call) yield answer as MessageShape<O>
  } catch (error) {
    throw failureOf(error, setup)
  } finally {
    signal?.removeEventListener('abort', cancel)
    call.cancel()
  }
}

async function sendAll(
  call: ClientDuplexStream<Message, Message>,
  requests: Iterable<Message> | AsyncIterable<Message>,
): Promise<void> {
  const ended = new AbortController()
  call.once('close', () => ended.abort())
  try {
    for await (const request of requests) {
      if (call.destroyed) return
      if (!call.write(request)) await once(call, 'drain', { signal: ended.signal })
    }
    call.end()
  } catch {
    call.cancel()
  }
}

function failureOf(error: unknown, { signal, timeoutMs }: CallSetup): CodedError {
  return signal?.aborted === true ? abortError(signal) : receivedError(error, timeoutMs)
}

function definitionOf(method: DescMethod): GrpcMethod {
  let definition = methods.get(method)
  if (definition === undefined) {
    definition = grpcMethod(method)
    methods.set(method, definition)
  }
  return definition
}

/** The metadata of a call, with the key of its channel. */
function authorized({ client, metadata }: CallSetup): Metadata {
  const authorization = authorizationOf(client)
  if (authorization !== undefined) metadata.set('authorization', authorization)
  return metadata
}

function grpcOptions(timeoutMs: number | undefined): GrpcCallOptions {
  const deadline = deadlineAfter(timeoutMs)
  return deadline === Infinity ? {} : { deadline }
}

/** The library measures deadlines with the clock of the machine, so no other clock will do here. */
function deadlineAfter(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined || timeoutMs === Infinity) return Infinity
  return Number(systemClock().wall() / NANOSECONDS_PER_MS) + timeoutMs
}
