/**
 * What a server serves: the schema of a service, and a function for each of its methods. Functions
 * deal in messages; the wire, statuses and back pressure are the server's concern.
 */
import type {
  DescMessage,
  DescService,
  Message,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf'

/** What a function is told about its call. */
export interface CallContext {
  /** Aborts when the caller gives up, its deadline passes, or the connection breaks. */
  readonly signal: AbortSignal
  /** When the caller gives up, in milliseconds since 1970; Infinity without a deadline. */
  readonly deadlineMs: number
  /** Where the call came from, as the connection tells it. */
  readonly peer: string
  /** A text the caller sent beside its request, by name in lower case. */
  metadata(name: string): string | undefined
}

type Methods<S extends DescService> = S['method']

type AnswerOf<O extends DescMessage> = MessageShape<O> | MessageInitShape<O>

type Implemented<Method> = Method extends {
  methodKind: infer Kind
  input: infer I extends DescMessage
  output: infer O extends DescMessage
}
  ? Kind extends 'unary'
    ? (
        request: MessageShape<I>,
        context: CallContext,
      ) => AnswerOf<O> | Promise<MessageShape<O>> | Promise<AnswerOf<O>>
    : Kind extends 'server_streaming'
      ? (request: MessageShape<I>, context: CallContext) => AsyncIterable<AnswerOf<O>>
      : Kind extends 'client_streaming'
        ? (
            requests: AsyncIterable<MessageShape<I>>,
            context: CallContext,
          ) => AnswerOf<O> | Promise<MessageShape<O>> | Promise<AnswerOf<O>>
        : (
            requests: AsyncIterable<MessageShape<I>>,
            context: CallContext,
          ) => AsyncIterable<AnswerOf<O>>
  : never

/** A function for each method of a service; what is left out is answered UNIMPLEMENTED. */
export type ServiceImplementation<S extends DescService> = {
  readonly [K in keyof Methods<S>]?: Implemented<Methods<S>[K]>
}

/** The function of a unary method, its types forgotten. */
export type UnaryFunction = (request: Message, context: CallContext) => unknown
/** The function of a method that is answered with a stream. */
export type StreamFunction = (request: Message, context: CallContext) => AsyncIterable<unknown>
/** The function of a method that takes a stream and is answered once. */
export type CollectFunction = (requests: AsyncIterable<Message>, context: CallContext) => unknown
/** The function of a method that takes a stream and is answered with one. */
export type DuplexFunction = (
  requests: AsyncIterable<Message>,
  context: CallContext,
) => AsyncIterable<unknown>

/** A service with its functions (what Python calls a servicer). */
export type GrpcService = {
  readonly schema: DescService
  /** By method name in camel case. Their types are checked where the service is made. */
  readonly functions: Readonly<Record<string, ((...args: never) => unknown) | undefined>>
}

/** Binds functions to the schema of a service. */
export function grpcService<S extends DescService>(
  schema: S,
  implementation: ServiceImplementation<S>,
): GrpcService {
  return { schema, functions: implementation as GrpcService['functions'] }
}
