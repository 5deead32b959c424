/** The participant of one request type, in this process or on the bus. */
import type { Awaitable } from '../../awaitable.ts'
import type { RequestHandler, RequestInfo } from '../../participant/request-handler.ts'
import type { RefusedError } from '../../machine/refusal.ts'
import type { RequestType } from './request-type.ts'

/**
 * What a handler may return: what the reply carries, or a refusal. When the reply carries nothing,
 * whatever it returns is let through.
 */
export type HandlerResult<Answer> = [Answer] extends [void] ? unknown : Answer | RefusedError

/**
 * Answers the requests of a type: what the function returns is answered with status 200, a refusal,
 * thrown or returned, with 400, any other error with 500. Content and reply are checked by the schemas
 * of the type, if it has any.
 *
 * Its errors: `REQUEST_CONTENT_INVALID` refuses a request, `REPLY_CONTENT_INVALID` is answered with
 * 500.
 */
export function handle<Content, Reply, Received, Answer>(
  request: RequestType<Content, Reply, Received, Answer>,
  answer: (content: Received, info: RequestInfo) => Awaitable<HandlerResult<Answer>>,
): RequestHandler {
  const { target, borders } = request
  return {
    target,
    handle: async (content, info) => {
      const received = borders.content === undefined ? content : borders.content.unpack(content)
      // What the request type declares; only a schema can check it.
      const result: unknown = await answer((await received) as Received, info)
      if (result instanceof Error || borders.reply === undefined) return result
      return borders.reply.pack(result)
    },
  }
}
