/**
 * A request of a saga to a service: where it goes and what it carries.
 *
 * 1. It never changes.
 */
import { codedError } from '../../errors.ts'
import { sameValue } from '../../wire/values/same-value.ts'
import type { Border } from './border.ts'

/** What a request made by a request type carries beside its content. */
export type RequestBorders = {
  readonly content: Border | undefined
  readonly reply: Border | undefined
}

/**
 * A request to a service (Minos saga: `SagaRequest`). `Content` is what it carries, `Reply` what a
 * successful reply carries. A typed one is made by `requestType`.
 */
export class SagaRequest<Content = unknown, Reply = unknown> {
  /** Only for types: what a reply to it carries. */
  declare protected readonly reply?: () => Reply
  /** The service, or the command of a service, that it is sent to. */
  readonly target: string
  readonly #content: Content
  readonly #borders: RequestBorders | undefined

  /**
   * @param content what it carries; `null` when left out
   * @throws CodedError `SAGA_REQUEST_INVALID` for a target that is no text, or empty
   */
  constructor(target: string, content?: Content, borders?: RequestBorders) {
    if (typeof target !== 'string' || target === '') {
      const hint = 'Give the name of the service, or of its command.'
      throw codedError('SAGA_REQUEST_INVALID', { details: { target }, hint })
    }
    this.target = target
    // Without content it carries `null`, of which only an untyped request knows.
    this.#content = content === undefined ? (null as Content) : content
    this.#borders = borders
  }

  /** What it carries, as it was given. */
  content(): Promise<Content> {
    return Promise.resolve(this.#content)
  }

  /** Whether the other one is a request to the same target with an equal content. */
  equals(other: unknown): boolean {
    return (
      other instanceof SagaRequest &&
      other.target === this.target &&
      sameValue(other.#content, this.#content)
    )
  }

  /** @internal The schemas its content and its reply are checked by. */
  static bordersOf(request: SagaRequest): RequestBorders | undefined {
    return request.#borders
  }
}
