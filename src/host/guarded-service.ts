/** A service behind a guard: every call is looked at before its function is told of it. */
import type { DescMethod, Message } from '@bufbuild/protobuf'
import type { CallContext, GrpcService } from './grpc-service.ts'

/**
 * Looks at a call; throwing refuses it. The request is not there yet when the caller sends a stream.
 * What it answers is told when the call has ended, however it did.
 */
export type CallGuard = (call: GuardedCall) => (() => void) | undefined

/** A call as its guard sees it. */
export type GuardedCall = {
  readonly method: DescMethod
  readonly request: Message | undefined
  readonly context: CallContext
}

type AnyFunction = (...args: never) => unknown
type Loose = (input: unknown, context: CallContext) => unknown

/** The same service; its functions run only when the guard lets them. */
export function guardedService(service: GrpcService, guard: CallGuard): GrpcService {
  const functions: Record<string, AnyFunction> = {}
  for (const method of service.schema.methods) {
    const run = service.functions[method.localName]
    // The kind of the method says what its function takes, here as where it is called.
    if (run !== undefined) functions[method.localName] = guarded(method, run as Loose, guard)
  }
  return { schema: service.schema, functions }
}

function guarded(method: DescMethod, run: Loose, guard: CallGuard): AnyFunction {
  const takesStream =
    method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming'
  const look = (input: unknown, context: CallContext): (() => void) | undefined =>
    guard({ method, context, request: takesStream ? undefined : (input as Message) })
  if (method.methodKind === 'unary' || method.methodKind === 'client_streaming') {
    return async (input: unknown, context: CallContext) => {
      const ended = look(input, context)
      try {
        return await run(input, context)
      } finally {
        ended?.()
      }
    }
  }
  return async function* (input: unknown, context: CallContext) {
    const ended = look(input, context)
    try {
      // A function of this kind answers with a stream.
      yield* run(input, context) as AsyncIterable<unknown>
    } finally {
      ended?.()
    }
  }
}
