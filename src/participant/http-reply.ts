/**
 * What a service answers over HTTP, and what that means.
 *
 * 1. Only a success and a refusal say what has happened. Everything else leaves it open, and is thrown:
 *    it is asked for again with the same key, as often as its step may.
 * 2. No more of a reply is read than is allowed, whatever its headers say.
 */
import { CodedError, codedError, errorTable } from '../errors.ts'
import { REFUSAL } from './answer.ts'

/** A reply that was read. */
export type HttpReply = {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** Reads a reply. @throws CodedError `HTTP_REPLY_TOO_LARGE`; what the connection fails with */
export async function readHttpReply(response: Response, bytesMax: number): Promise<HttpReply> {
  const { status, body } = response
  const contentType = (response.headers.get('content-type') ?? '').toLowerCase()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    // Leaving the loop cancels the rest.
    if (bytes > bytesMax) {
      const details = { status, max: bytesMax }
      throw codedError('HTTP_REPLY_TOO_LARGE', { details })
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return { status, contentType, text: text + decoder.decode() }
}

/**
 * The content of a success.
 *
 * @returns a refusal, to be returned, for a status that says no
 * @throws CodedError `HTTP_FAILED`, `HTTP_REDIRECTED`, `HTTP_REPLY_UNREADABLE`: it may have happened
 */
export function contentOfReply(reply: HttpReply): unknown {
  const { status } = reply
  if (status >= 200 && status < 300) return successOf(reply)
  if (status >= 300 && status < 400) throw codedError('HTTP_REDIRECTED', { details: { status } })
  if (status >= 400 && status < 500 && !PASSING.has(status)) return refusalOf(reply)
  throw codedError('HTTP_FAILED', { details: { status } })
}

/** Of the statuses of clients' mistakes, those that say that it is worth another try. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/** Statuses with which a service may ask to be called again later. */
const BUSY: ReadonlySet<number> = new Set([429, 503])

/**
 * How long a service asks to be left alone, in milliseconds; undefined when it does not.
 *
 * @param nowMs the wall clock, in milliseconds since 1970
 */
export function retryAfterMs(response: Response, nowMs: number): number | undefined {
  if (!BUSY.has(response.status)) return undefined
  const asked = response.headers.get('retry-after')?.trim() ?? ''
  if (/^[0-9]{1,9}$/.test(asked)) return Number(asked) * 1_000
  const at = asked === '' ? Number.NaN : Date.parse(asked)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

function successOf({ status, contentType, text }: HttpReply): unknown {
  if (text === '') return undefined
  if (!isJson(contentType)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw codedError('HTTP_REPLY_UNREADABLE', { details: { status, type: 'json' } })
  }
}

function isJson(contentType: string): boolean {
  const type = contentType.split(';')[0]?.trim() ?? ''
  return type === 'application/json' || type.endsWith('+json')
}

/** A refusal with the code and the text that the service gave, as far as they can be found. */
function refusalOf({ status, contentType, text }: HttpReply): CodedError {
  const said = isJson(contentType) ? recordIn(text) : undefined
  const code = textIn(said, ['error_code', 'code'])
  const message =
    textIn(said, ['error_message', 'message', 'detail', 'title', 'reason', 'error']) ??
    (contentType.startsWith('text/plain') && text !== '' ? text : undefined)
  const error = new CodedError(message ?? errorTable.HTTP_REFUSED.message, {
    code: code !== undefined && CODE.test(code) ? code : 'HTTP_REFUSED',
    details: { http_status: status },
  })
  return Object.assign(error, { [REFUSAL]: true })
}

const CODE = /^[\w.:-]{1,100}$/

function recordIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function textIn(said: object | undefined, keys: readonly string[]): string | undefined {
  if (said === undefined) return undefined
  const found = keys.map((key): unknown => Reflect.get(said, key))
  return found.find((value): value is string => typeof value === 'string' && value !== '')
}
