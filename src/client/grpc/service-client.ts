/** A typed client of any service, made from its schema. */
import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  Message,
  MessageShape,
} from '@bufbuild/protobuf'
import type { AbortOptions } from '../../abort.ts'
import { type Awaitable, isPromise, then } from '../../awaitable.ts'
import { codedError } from '../../errors.ts'
import type { BesideRequest } from './beside-request.ts'
import { type CallSetup, duplexCall, streamCall, unaryCall } from './call.ts'
import type { Channel, ForeignChannel } from './channel.ts'
import { connected } from './connected.ts'
import { requestMetadata } from './request-metadata.ts'

/** What a call may carry: signal, deadline, correlation id, idempotency key. */
export type ServiceCallOptions = AbortOptions & BesideRequest

type Methods<S extends DescService> = S['method']

type Called<Method> = Method extends {
  methodKind: infer Kind
  input: infer I extends DescMessage
  output: infer O extends DescMessage
}
  ? Kind extends 'unary'
    ? (request: MessageShape<I>, options?: ServiceCallOptions) => Promise<MessageShape<O>>
    : Kind extends 'server_streaming'
      ? (request: MessageShape<I>, options?: ServiceCallOptions) => AsyncIterable<MessageShape<O>>
      : Kind extends 'bidi_streaming'
        ? (
            requests: Iterable<MessageShape<I>> | AsyncIterable<MessageShape<I>>,
            options?: ServiceCallOptions,
          ) => AsyncIterable<MessageShape<O>>
        : never
  : never

/** One function per method. Methods that only take a stream are not carried. */
export type ServiceClient<S extends DescService> = {
  readonly [K in keyof Methods<S>]: Called<Methods<S>[K]>
}

/** Makes the client. Its calls reject with coded errors, see `unaryCall`. */
export function serviceClient<S extends DescService>(
  service: S,
  channel: Channel | ForeignChannel,
): ServiceClient<S> {
  const connection = connected(channel)
  const setup = (options: ServiceCallOptions = {}): Awaitable<CallSetup> =>
    then(connection(), ({ grpc, client }) => {
      const { signal, timeoutMs } = options
      return { client, signal, timeoutMs, metadata: requestMetadata(grpc, options) }
    })
  // Each function is made from the method whose types it has.
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, called(method, setup)]),
  ) as ServiceClient<S>
}

type Setup = (options?: ServiceCallOptions) => Awaitable<CallSetup>

/** The kind of a method tells its type, which the compiler does not see. */
function called(method: DescMethod, setup: Setup): unknown {
  switch (method.methodKind) {
    case 'unary':
      return async (request: Message, options?: ServiceCallOptions) => {
        const ready = setup(options)
        const call = isPromise(ready) ? await ready : ready
        return await unaryCall(method as DescMethodUnary, request, call)
      }
    case 'server_streaming':
      return async function* (request: Message, options?: ServiceCallOptions) {
        yield* streamCall(method as DescMethodServerStreaming, request, await setup(options))
      }
    case 'bidi_streaming':
      return async function* (requests: AsyncIterable<Message>, options?: ServiceCallOptions) {
        yield* duplexCall(method as DescMethodBiDiStreaming, requests, await setup(options))
      }
    case 'client_streaming':
      return () =>
        Promise.reject(codedError('CALL_UNSUPPORTED', { details: { call: method.name } }))
  }
}
