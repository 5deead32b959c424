/** Typed requests: a target with what its requests carry and what a successful reply carries. */
import { borderOf, type ReceivedBy, type Schema, type SentBy } from './border.ts'
import { SagaRequest, type RequestBorders } from './saga-request.ts'

/**
 * Makes requests to one target. Called with a content it gives a {@link SagaRequest}; `handle` takes
 * it to type the participant that answers them.
 *
 * `Content` and `Reply` are what the saga gives and gets. `Received` and `Answer` are what the
 * participant gets and gives: the same, unless a schema makes something else of them.
 */
export interface RequestType<Content, Reply, Received = Content, Answer = Reply> {
  (content: Content): SagaRequest<Content, Reply>
  /** The service, or the command of a service, that these requests are sent to. */
  readonly target: string
  /** @internal The schemas that values are checked by. */
  readonly borders: RequestBorders
  /** Only for types. */
  readonly [TAKES]?: (received: Received) => Received
  /** Only for types. */
  readonly [GIVES]?: (answer: Answer) => Answer
}

declare const TAKES: unique symbol
declare const GIVES: unique symbol

/** The schemas of a request type, each optional. */
export type RequestSchemas<C extends Schema, R extends Schema> = {
  /** What requests carry: checked where they are sent, and where they are handled. */
  readonly content?: C | undefined
  /** What a successful reply carries: checked where it is sent, and where it is read. */
  readonly reply?: R | undefined
}

type Sent<S> = [S] extends [never] ? unknown : SentBy<S>
type Got<S> = [S] extends [never] ? unknown : ReceivedBy<S>

/**
 * A type of requests, declared by types alone or by schemas.
 *
 * @param target the service, or the command of a service
 * @throws CodedError `SAGA_REQUEST_INVALID` for a target that is no text, or empty;
 *   `SAGA_OPTION_INVALID` for what is no schema. Where a schema refuses: `REQUEST_CONTENT_INVALID`,
 *   `REPLY_CONTENT_INVALID`.
 */
export function requestType<Content = unknown, Reply = void>(
  target: string,
): RequestType<Content, Reply>
export function requestType<C extends Schema = never, R extends Schema = never>(
  target: string,
  schemas: RequestSchemas<C, R>,
): RequestType<Sent<C>, Got<R>, Got<C>, Sent<R>>
export function requestType(
  target: string,
  schemas: RequestSchemas<Schema, Schema> = {},
): RequestType<unknown, unknown> {
  const { content, reply } = schemas
  const details = { target }
  const borders: RequestBorders = {
    content: content && borderOf(content, { code: 'REQUEST_CONTENT_INVALID', details }),
    reply: reply && borderOf(reply, { code: 'REPLY_CONTENT_INVALID', details }),
  }
  const make = (value: unknown): SagaRequest => new SagaRequest(target, value, borders)
  make(null)
  Object.defineProperty(make, 'name', { value: target })
  return Object.assign(make, { target, borders })
}
