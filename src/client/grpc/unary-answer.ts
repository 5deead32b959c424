/**
 * One request and its answer on a channel of the library. The library's own unary call makes an
 * emitter, an error with a stack and a chain of interceptors for every call; nothing here needs them.
 *
 * 1. Exactly one status ends a call; an answer counts when the status is OK.
 * 2. A request that cannot be encoded and an answer that cannot be decoded end it with INTERNAL, as
 *    they do in the library.
 */
import type { Message } from '@bufbuild/protobuf'
import type { Client, InterceptingListener, Metadata, StatusObject } from '@grpc/grpc-js'
import { messageOf } from '../../errors.ts'
import type { GrpcMethod } from './service-definition.ts'
import { statusName, statusNumber } from './status-number.ts'

/** What a call is made of. */
export type UnaryRequest = {
  readonly client: Client
  readonly method: GrpcMethod
  readonly request: Message
  readonly metadata: Metadata
  /** When it is given up, in milliseconds since 1970; Infinity for never. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

/** A call that ended with another status than OK, as the library would tell of it. */
export class Unanswered {
  readonly status: Pick<StatusObject, 'code' | 'details'> & Partial<StatusObject>

  constructor(status: Unanswered['status']) {
    this.status = status
  }

  /** The status as an error. */
  get error(): Error {
    const { code, details } = this.status
    return Object.assign(new Error(`${code} ${statusName(code)}: ${details}`), this.status)
  }
}

type LibraryCall = ReturnType<ReturnType<Client['getChannel']>['createCall']>

/** Makes the call. Throws what the library throws for a channel that is closed. */
export function unaryAnswer(asked: UnaryRequest): Promise<Message | Unanswered> {
  const { client, method, metadata, deadline, signal } = asked
  const call = client.getChannel().createCall(method.path, deadline, undefined, null, undefined)
  return new Promise((resolve) => {
    const listener = new UnaryListener(call, method, (answer) => {
      signal?.removeEventListener('abort', cancel)
      resolve(answer)
    })
    const cancel = (): void => call.cancelWithStatus(CANCELLED, 'Cancelled on client')
    signal?.addEventListener('abort', cancel)
    call.start(metadata, listener)
    call.startRead()
    send(call, asked)
  })
}

function send(call: LibraryCall, { method, request }: UnaryRequest): void {
  let bytes: Buffer
  try {
    bytes = method.requestSerialize(request)
  } catch (error) {
    call.cancelWithStatus(INTERNAL, `Request message serialization failure: ${messageOf(error)}`)
    return
  }
  call.sendMessageWithContext({}, bytes)
  call.halfClose()
}

class UnaryListener implements InterceptingListener {
  readonly #call: LibraryCall
  readonly #method: GrpcMethod
  readonly #end: (answer: Message | Unanswered) => void
  #answer: Message | undefined
  #failure: Unanswered | undefined

  constructor(call: LibraryCall, method: GrpcMethod, end: (answer: Message | Unanswered) => void) {
    this.#call = call
    this.#method = method
    this.#end = end
  }

  onReceiveMetadata(): void {
    // What is sent beside an answer concerns nobody.
  }

  onReceiveMessage(bytes: Buffer): void {
    if (this.#answer !== undefined) {
      this.#fail(UNIMPLEMENTED, 'Too many responses received')
      return
    }
    try {
      this.#answer = this.#method.responseDeserialize(bytes)
    } catch (error) {
      this.#fail(INTERNAL, `Response message parsing error: ${messageOf(error)}`)
    }
  }

  onReceiveStatus(status: StatusObject): void {
    if (this.#failure !== undefined) this.#end(this.#failure)
    else if (status.code !== OK) this.#end(new Unanswered(status))
    else this.#end(this.#answer ?? new Unanswered(noMessage(status)))
  }

  #fail(code: number, details: string): void {
    this.#failure ??= new Unanswered({ code, details })
    this.#call.cancelWithStatus(code, details)
  }
}

function noMessage({ metadata }: StatusObject): StatusObject {
  return { code: UNIMPLEMENTED, details: 'No message received', metadata }
}

const OK = statusNumber('OK')
const CANCELLED = statusNumber('CANCELLED')
const INTERNAL = statusNumber('INTERNAL')
const UNIMPLEMENTED = statusNumber('UNIMPLEMENTED')
