/**
 * Which schema checks the reply to a request of a step. The request may have been made by a process
 * that is gone; then it is made once more, which changes nothing in the world.
 */
import type { Awaitable } from '../../machine/bindings.ts'
import type { Border } from '../messages/border.ts'
import { SagaRequest } from '../messages/saga-request.ts'

/** The schemas of the replies of one step. */
export class ReplyBorders {
  readonly #make: (value: unknown) => Awaitable<SagaRequest | undefined>
  readonly #seen = new Set<Border | undefined>()

  constructor(make: (value: unknown) => Awaitable<SagaRequest | undefined>) {
    this.#make = make
  }

  /** A request of the step was made. */
  remember(request: SagaRequest): void {
    this.#seen.add(SagaRequest.bordersOf(request)?.reply)
  }

  /** The schema of the reply to the request that is made of a value. */
  async of(value: unknown): Promise<Border | undefined> {
    const [only] = this.#seen
    if (this.#seen.size === 1) return only
    const request = await this.#make(value)
    if (request !== undefined) this.remember(request)
    return request && SagaRequest.bordersOf(request)?.reply
  }
}
