/**
 * From the functions of a service to what `@grpc/grpc-js` calls.
 *
 * 1. Every call is answered: with what the function answers, or with the status of what it throws.
 * 2. A stream is written no faster than it is read; a caller that leaves ends it.
 * 3. A request that is no message of its type never reaches a function.
 */
import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
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
import { isPromise } from '../awaitable.ts'
import type { Grpc } from '../client/grpc/load-grpc.ts'
import { type ReceivedRequest, Undecodable } from '../client/grpc/service-definition.ts'
import { systemClock } from '../clock.ts'
import { CodedError, codedError, messageOf } from '../errors.ts'
import type {
  CollectFunction,
  DuplexFunction,
  GrpcService,
  StreamFunction,
  UnaryFunction,
} from './grpc-service.ts'
import { ServedCall } from './served-call.ts'
import { libraryStatus, type LibraryStatus } from './status-of-error.ts'

/** What serving needs. */
export type Serving = {
  readonly grpc: Grpc
  /** Told of errors that no function threw on purpose. */
  readonly report: (method: string, error: unknown) => void
}

/** The functions of a service for the library; methods without one are left to it. */
export function servedMethods(
  serving: Serving,
  service: GrpcService,
): UntypedServiceImplementation {
  const served: UntypedServiceImplementation = {}
  for (const method of service.schema.methods) {
    const run = service.functions[method.localName]
    if (run !== undefined) served[method.localName] = servedMethod(serving, method, run)
  }
  return served
}

type AnyFunction = (...args: never) => unknown

/** The library calls what its `MethodDefinition` says; the kind of the method says the same here. */
function servedMethod(serving: Serving, method: DescMethod, run: AnyFunction): UntypedHandleCall {
  switch (method.methodKind) {
    case 'unary':
      return serveUnary(serving, method, run as UnaryFunction)
    case 'server_streaming':
      return serveStream(serving, method, run as StreamFunction)
    case 'client_streaming':
      return serveCollect(serving, method, run as CollectFunction)
    case 'bidi_streaming':
      return serveDuplex(serving, method, run as DuplexFunction)
  }
}

function serveUnary(serving: Serving, method: DescMethod, run: UnaryFunction): UntypedHandleCall {
  return (call: ServerUnaryCall<ReceivedRequest, Message>, done: sendUnaryData<Message>) => {
    const fail = (error: unknown): void => done(failure(serving, method, error))
    const answer = (value: unknown): void => done(null, asMessage(method.output, value))
    try {
      const answered = run(decoded(call.request), new ServedCall(call))
      if (isPromise(answered)) answered.then(answer).then(undefined, fail)
      else answer(answered)
    } catch (error) {
      fail(error)
    }
  }
}

function serveCollect(
  serving: Serving,
  method: DescMethod,
  run: CollectFunction,
): UntypedHandleCall {
  return (call: ServerReadableStream<ReceivedRequest, Message>, done: sendUnaryData<Message>) => {
    const answer = async (): Promise<Message> =>
      asMessage(method.output, await run(decodedStream(call), new ServedCall(call)))
    answer().then(
      (response) => done(null, response),
      (error: unknown) => done(failure(serving, method, error)),
    )
  }
}

function serveStream(serving: Serving, method: DescMethod, run: StreamFunction): UntypedHandleCall {
  return (call: ServerWritableStream<ReceivedRequest, Message>) => {
    const context = new ServedCall(call)
    void writeAll(serving, method, call, context, () => run(decoded(call.request), context))
  }
}

function serveDuplex(serving: Serving, method: DescMethod, run: DuplexFunction): UntypedHandleCall {
  return (call: ServerDuplexStream<ReceivedRequest, Message>) => {
    const context = new ServedCall(call)
    void writeAll(serving, method, call, context, () => run(decodedStream(call), context))
  }
}

/** What both kinds of answering streams have. */
type Writable = EventEmitter & {
  readonly cancelled: boolean
  write(message: Message): boolean
  end(): unknown
}

async function writeAll(
  serving: Serving,
  method: DescMethod,
  call: Writable,
  context: ServedCall,
  open: () => AsyncIterable<unknown>,
): Promise<void> {
  const { signal } = context
  try {
    for await (const answer of iterateBounded({ signal }, systemClock(), open)) {
      if (!call.write(asMessage(method.output, answer))) await drained(call, signal)
    }
    call.end()
  } catch (error) {
    // The library turns an error of the stream into its status.
    if (!call.cancelled) call.emit('error', failure(serving, method, error))
  }
}

function failure({ grpc, report }: Serving, method: DescMethod, error: unknown): LibraryStatus {
  if (!(error instanceof CodedError)) report(`${method.parent.typeName}/${method.name}`, error)
  return libraryStatus(grpc, error)
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

async function* decodedStream(call: Readable): AsyncGenerator<Message, void, undefined> {
  // A function that is done reading has yet to answer: the call must outlive its requests.
  const requests: AsyncIterable<ReceivedRequest> = call.iterator({ destroyOnReturn: false })
  for await (const request of requests) yield decoded(request)
}

/** @throws CodedError `REQUEST_UNDECODABLE` */
function decoded(request: ReceivedRequest): Message {
  if (!(request instanceof Undecodable)) return request
  const { cause } = request
  throw codedError('REQUEST_UNDECODABLE', { cause, details: { cause: messageOf(cause) } })
}

/** What a function answered, as a message. @throws CodedError `HANDLER_WRONG_RESPONSE_KIND` */
export function asMessage(schema: DescMessage, answer: unknown): Message {
  if (typeof answer === 'object' && answer !== null) {
    const typeName = '$typeName' in answer ? answer.$typeName : schema.typeName
    // A message is taken as it is; what has no type yet is the start of one.
    if (typeName === schema.typeName) return create(schema, answer as Message)
  }
  const details = { expected_kind: schema.typeName, actual: typeof answer }
  throw codedError('HANDLER_WRONG_RESPONSE_KIND', { details })
}
