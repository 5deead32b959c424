/** One call as its function sees it. */
import type { EventEmitter } from 'node:events'
import type { ServerUnaryCall } from '@grpc/grpc-js'
import { codedError } from '../errors.ts'
import type { CallContext } from './grpc-service.ts'

/** What every kind of call of the library has. */
type LibraryCall = Pick<
  ServerUnaryCall<unknown, unknown>,
  'cancelled' | 'metadata' | 'getPeer' | 'getDeadline'
> &
  EventEmitter

/** The context of a call. Its signal is made when somebody asks for it: most functions do not. */
export class ServedCall implements CallContext {
  readonly #call: LibraryCall
  #controller: AbortController | undefined

  constructor(call: LibraryCall) {
    this.#call = call
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController()
      const abort = (): void => controller.abort(codedError('ABORTED'))
      if (this.#call.cancelled) abort()
      else this.#call.once('cancelled', abort)
      this.#controller = controller
    }
    return this.#controller.signal
  }

  get deadlineMs(): number {
    const deadline = this.#call.getDeadline()
    return deadline instanceof Date ? deadline.getTime() : deadline
  }

  get peer(): string {
    return this.#call.getPeer()
  }

  metadata(name: string): string | undefined {
    const [value] = this.#call.metadata.get(name)
    return typeof value === 'string' ? value : undefined
  }
}
