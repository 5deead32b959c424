/**
 * From the functions of a service to what `@grpc/grpc-js` calls.
 *
 * 1. Every call is answered: with what the function answers, or with the status of what it throws.
 * 2. A stream is written no faster than it is read; a caller that leaves ends it.
 * 3. A request that is no message of its type never reaches a function.
 */
import type { EventEmitter } from 'node:events'
import { create, type DescMessage, type DescMethod, type Message } from '@bufbuild/protobuf'
import type {
  sendUnaryData,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { iterateBounded } from '../abort.ts'
import type { Grpc } from '../client/grpc/load-grpc.ts'
import { type ReceivedRequest, Undecodable } from '../client/grpc/service-definition.ts'
import { systemClock } from '../clock.ts'
import { codedError, messageOf } from '../errors.ts'
import type {
  CollectFunction,
  DuplexFunction,
  GrpcService,
  StreamFunction,
  UnaryFunction,
} from './grpc-service.ts'
import { ServedCall } from './served-call.ts'
import { libraryStatus } from './status-of-error.ts'

/** The functions of a service for the library; methods without one are left to it. */
export function servedMethods(grpc: Grpc, service: GrpcService): UntypedServiceImplementation {
  const served: UntypedServiceImplementation = {}
  for (const method of service.schema.methods) {
    const run = service.functions[method.localName]
    if (run !== undefined) served[method.localName] = servedMethod(grpc, method, run)
  }
  return served
}

type AnyFunction = (...args: never) => unknown

/** The library calls what its `MethodDefinition` says; the kind of the method says the same here. */
function servedMethod(grpc: Grpc, method: DescMethod, run: AnyFunction): UntypedHandleCall {
  switch (method.methodKind) {
    case 'unary':
      return serveUnary(grpc, method.output, run as UnaryFunction)
    case 'server_streaming':
      return serveStream(grpc, method.output, run as StreamFunction)
    case 'client_streaming':
      return serveCollect(grpc, method.output, run as CollectFunction)
    case 'bidi_streaming':
      return serveDuplex(grpc, method.output, run as DuplexFunction)
  }
}

function serveUnary(grpc: Grpc, output: DescMessage, run: UnaryFunction): UntypedHandleCall {
  return (call: ServerUnaryCall<ReceivedRequest, Message>, done: sendUnaryData<Message>) => {
    const answer = async (): Promise<Message> =>
      asMessage(output, await run(decoded(call.request), new ServedCall(call)))
    answer().then(
      (response) => done(null, response),
      (error: unknown) => done(libraryStatus(grpc, error)),
    )
  }
}

function serveCollect(grpc: Grpc, output: DescMessage, run: CollectFunction): UntypedHandleCall {
  return (call: ServerReadableStream<ReceivedRequest, Message>, done: sendUnaryData<Message>) => {
    const answer = async (): Promise<Message> =>
      asMessage(output, await run(decodedStream(call), new ServedCall(call)))
    answer().then(
      (response) => done(null, response),
      (error: unknown) => done(libraryStatus(grpc, error)),
    )
  }
}

function serveStream(grpc: Grpc, output: DescMessage, run: StreamFunction): UntypedHandleCall {
  return (call: ServerWritableStream<ReceivedRequest, Message>) => {
    const context = new ServedCall(call)
    void writeAll(grpc, output, call, context, () => run(decoded(call.request), context))
  }
}

function serveDuplex(grpc: Grpc, output: DescMessage, run: DuplexFunction): UntypedHandleCall {
  return (call: ServerDuplexStream<ReceivedRequest, Message>) => {
    const context = new ServedCall(call)
    void writeAll(grpc, output, call, context, () => run(decodedStream(call), context))
  }
}

/** What both kinds of answering streams have. */
type Writable = EventEmitter & {
  readonly cancelled: boolean
  write(message: Message): boolean
  end(): unknown
}

async function writeAll(
  grpc: Grpc,
  output: DescMessage,
  call: Writable,
  context: ServedCall,
  open: () => AsyncIterable<unknown>,
): Promise<void> {
  const { signal } = context
  try {
    for await (const answer of iterateBounded({ signal }, systemClock(), open)) {
      if (!call.write(asMessage(output, answer))) await drained(call, signal)
    }
    call.end()
  } catch (error) {
    // The library turns an error of the stream into its status.
    if (!call.cancelled) call.emit('error', libraryStatus(grpc, error))
  }
}

function drained(call: EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    if (signal.aborted) {
      resolve()
      return
    }
    call.on('drain', go)
    signal.addEventListener('abort', go)
  })
}

async function* decodedStream(
  requests: AsyncIterable<ReceivedRequest>,
): AsyncGenerator<Message, void, undefined> {
  for await (const request of requests) yield decoded(request)
}

/** @throws CodedError `REQUEST_UNDECODABLE` */
function decoded(request: ReceivedRequest): Message {
  if (!(request instanceof Undecodable)) return request
  const { cause } = request
  throw codedError('REQUEST_UNDECODABLE', { cause, details: { cause: messageOf(cause) } })
}

/** @throws CodedError `HANDLER_WRONG_RESPONSE_KIND` for what is no message, or one of another type */
function asMessage(schema: DescMessage, answer: unknown): Message {
  if (typeof answer === 'object' && answer !== null) {
    const typeName = '$typeName' in answer ? answer.$typeName : schema.typeName
    // A message is taken as it is; what has no type yet is the start of one.
    if (typeName === schema.typeName) return create(schema, answer as Message)
  }
  const details = { expected_kind: schema.typeName, actual: typeof answer }
  throw codedError('HANDLER_WRONG_RESPONSE_KIND', { details })
}
