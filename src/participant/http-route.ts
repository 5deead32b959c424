/**
 * Where a request goes over HTTP: method, path and body, made from its content. Pure.
 *
 * 1. What a path is made of never leads elsewhere: values are encoded, and whatever comes out lies
 *    below the base URL, or the request is refused and nothing is sent.
 */
import { type CodedError, codedError } from '../errors.ts'
import type { RequestInfo } from './request-handler.ts'

/** Methods that a route may have. */
const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** One of them. */
export type HttpMethod = (typeof HTTP_METHODS)[number]

/** Where the requests of one target go. */
export type HttpRoute = {
  /** Default: `POST`. */
  readonly method?: HttpMethod | undefined
  /**
   * Begins with `/`, and lies below the base URL. `{field}` stands for a field of the content, encoded:
   * a text that is not empty, or a number.
   */
  readonly path: string | ((content: unknown, info: RequestInfo) => string)
  /** What is sent as JSON. Default: the content; nothing for `GET` and `DELETE`. */
  readonly body?: ((content: unknown, info: RequestInfo) => unknown) | undefined
  /** Milliseconds until a call is given up. Default: as the participant is set. */
  readonly timeoutMs?: number | undefined
}

/** A route whose text was read. */
export type ReadRoute = HttpRoute & { readonly method: HttpMethod }

/** What is sent. */
export type HttpTarget = {
  readonly method: HttpMethod
  readonly url: URL
  /** JSON; undefined when nothing is sent. */
  readonly body: string | undefined
}

/**
 * Reads a route: `POST /charges/{id}/refund`, or its parts.
 *
 * @throws CodedError `CONFIGURATION_INVALID`
 */
export function readRoute(target: string, route: HttpRoute | string): ReadRoute {
  if (typeof route === 'string') {
    const [method = '', path = '', ...rest] = route.split(' ')
    if (rest.length > 0) throw wrongRoute(target, 'A route is a method and a path.')
    return checkedRoute(target, method, { path })
  }
  if (typeof route !== 'object' || route === null) {
    throw wrongRoute(target, 'A route is a text or a record.')
  }
  return checkedRoute(target, route.method ?? 'POST', route)
}

function checkedRoute(target: string, method: string, route: HttpRoute): ReadRoute {
  const known = HTTP_METHODS.find((one) => one === method)
  if (known === undefined) {
    throw wrongRoute(target, `A method is one of ${HTTP_METHODS.join(', ')}.`)
  }
  const { path } = route
  if (typeof path !== 'function' && (typeof path !== 'string' || !path.startsWith('/'))) {
    throw wrongRoute(target, 'A path begins with a slash, or is a function.')
  }
  return { ...route, method: known }
}

/**
 * The base URL that paths are put behind.
 *
 * @throws CodedError `CONFIGURATION_INVALID` for anything but `http(s)://host[:port][/path]`
 */
export function readBaseUrl(text: string): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username + url.password + url.search + url.hash === ''
  if (isPlain) return url
  const hint = 'baseUrl is http(s)://host[:port][/path]; what authorizes a call goes into headers.'
  // The text is not shown: it may hold a password.
  throw codedError('CONFIGURATION_INVALID', { details: { field: 'baseUrl' }, hint })
}

/** What is sent for a request. @throws CodedError `REQUEST_CONTENT_INVALID` */
export function httpTargetOf(
  base: URL,
  route: ReadRoute,
  { content, info }: { readonly content: unknown; readonly info: RequestInfo },
): HttpTarget {
  const { method, path, body } = route
  const url = urlBelow(base, typeof path === 'string' ? filled(path, content) : path(content, info))
  const isWithout = body === undefined && (method === 'GET' || method === 'DELETE')
  const sent = body === undefined ? content : body(content, info)
  const hasNone = isWithout || sent === undefined || sent === null
  return { method, url, body: hasNone ? undefined : jsonOf(sent) }
}

function filled(path: string, content: unknown): string {
  return path.replaceAll(/\{([^{}]*)\}/g, (_, field: string) => {
    const value: unknown =
      typeof content === 'object' && content !== null && Object.hasOwn(content, field)
        ? Reflect.get(content, field)
        : undefined
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
    // Empty, or made of dots, it would be another path.
    if (typeof text !== 'string' || text === '' || text === '.' || text === '..') {
      throw wrongContent(`the field ${field} is part of the path: a text, or a number`)
    }
    return encoded(text, field)
  })
}

function encoded(text: string, field: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    throw wrongContent(`the field ${field} is no well-formed text`)
  }
}

function urlBelow(base: URL, path: string): URL {
  const root = base.pathname.endsWith('/') ? base.pathname.slice(0, -1) : base.pathname
  const text = `${base.origin}${root}${path}`
  if (typeof path === 'string' && path.startsWith('/') && URL.canParse(text)) {
    const url = new URL(text)
    if (url.origin === base.origin && url.pathname.startsWith(`${root}/`)) return url
  }
  throw wrongContent('the path of the route does not lie below the base URL')
}

/** JSON has no way for some values, and would say something else for others. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => {
      const isPlain = typeof part !== 'object' || part === null || Array.isArray(part)
      const prototype: unknown = isPlain ? undefined : Object.getPrototypeOf(part)
      if (isPlain || prototype === Object.prototype || prototype === null) return part
      throw new TypeError('only plain data goes into JSON: give the route a body')
    })
  } catch (error) {
    throw wrongContent(error instanceof Error ? error.message : 'no JSON')
  }
}

function wrongContent(issues: string): CodedError {
  return codedError('REQUEST_CONTENT_INVALID', { details: { issues }, hint: issues })
}

function wrongRoute(target: string, hint: string): CodedError {
  return codedError('CONFIGURATION_INVALID', { details: { field: 'routes', target }, hint })
}
