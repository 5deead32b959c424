/**
 * Which schema checks the reply to a request of a step. The reply does not say which type the request
 * was of, and the process that made it may be gone: then it is made once more, which changes nothing
 * in the world.
 */
import type { Awaitable } from '../../awaitable.ts'
import type { CallInfo } from '../../machine/bindings.ts'
import type { Border } from '../messages/border.ts'
import { SagaRequest } from '../messages/saga-request.ts'

/** The schemas of the replies of one step. */
export class ReplyBorders {
  readonly #make: (value: unknown, info: CallInfo) => Awaitable<SagaRequest | undefined>
  /** By the value that the request was made of; forgotten with it. */
  readonly #known = new WeakMap<object, Border | typeof UNCHECKED>()

  /** @param make makes the request of a value */
  constructor(make: (value: unknown, info: CallInfo) => Awaitable<SagaRequest | undefined>) {
    this.#make = make
  }

  /** A request was made of a value. */
  remember(value: unknown, request: SagaRequest): void {
    if (typeof value !== 'object' || value === null) return
    this.#known.set(value, SagaRequest.bordersOf(request)?.reply ?? UNCHECKED)
  }

  /** How the reply to the request that is made of a value is read. */
  of(value: unknown, info: CallInfo): Border | undefined {
    const known = typeof value === 'object' && value !== null ? this.#known.get(value) : undefined
    if (known === UNCHECKED) return undefined
    if (known !== undefined) return known
    return {
      pack: (content) => content,
      unpack: (content) => this.#read(value, info, content),
    }
  }

  async #read(value: unknown, info: CallInfo, content: unknown): Promise<unknown> {
    const request = await this.#make(value, info)
    if (request === undefined) return content
    this.remember(value, request)
    const border = SagaRequest.bordersOf(request)?.reply
    return border === undefined ? content : border.unpack(content)
  }
}

const UNCHECKED: unique symbol = Symbol('unchecked')
