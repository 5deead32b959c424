/** A shop behind HTTP, on a port of its own, and requests to it as any program would send them. */
import type { Component } from '../../src/component/definition.ts'
import type { HttpOptions } from '../../src/coordinator/services/http/http-options.ts'
import { rootFor } from '../../src/identity/compute-root.ts'
import { serveShop, type ServedShop, type ServedShopOptions } from './served-shop.ts'

/** See the top of this file. */
export type HttpShop = ServedShop & { readonly url: string }

/** How to serve one. */
export type HttpShopOptions = Omit<ServedShopOptions, 'http'> & {
  readonly http?: Partial<HttpOptions> | undefined
}

/** Serves a shop. */
export async function httpShop(
  components: readonly Component[],
  { http, ...options }: HttpShopOptions = {},
): Promise<HttpShop> {
  const served = await serveShop(components, {
    ...options,
    http: { listen: '127.0.0.1:0', ...http },
  })
  const [url = ''] = served.server.httpAddresses
  return { ...served, url }
}

/** What is sent. */
export type Sent = {
  readonly body?: unknown
  /** The body as it is, and no content type but what the headers say. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** What came back. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The text as JSON; `undefined` when it is none. */
  readonly json: unknown
}

/** Sends one request: `GET /path`. */
export async function ask(url: string, request: string, sent: Sent = {}): Promise<Answer> {
  const response = await send(url, request, sent)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: jsonIn(text) }
}

/** Sends one request whose answer is read by the test. */
export async function send(url: string, request: string, sent: Sent = {}): Promise<Response> {
  const [method = '', path = ''] = request.split(' ')
  const { body, raw, headers = {}, signal } = sent
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const content = body === undefined ? raw : JSON.stringify(body)
  return await fetch(url + path, {
    method,
    headers: { ...json, ...headers },
    ...(content === undefined ? {} : { body: content }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** The root of an aggregate, as JSON has it. */
export function rootOf(domain: string, key: string): string {
  return Buffer.from(bytesIn(rootFor(domain, key))).toString('base64')
}

/** A cover, as JSON has it. */
export function coverJson(domain: string, key: string, correlationId = ''): object {
  return { domain, root: { value: rootOf(domain, key) }, correlationId }
}

/** A command, as JSON has it. */
export function commandJson(
  type: string,
  fields: object,
  { domain = 'order', key = 'o-1', sequence = 0, correlationId = '' } = {},
): object {
  const payload = { '@type': `type.googleapis.com/${type}`, ...fields }
  const pages = [{ header: { sequence }, command: payload }]
  return { cover: coverJson(domain, key, correlationId), pages }
}

/** What stands in JSON at a path: `events.pages.0.event`. */
export function at(json: unknown, path: string): unknown {
  let value = json
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.entries(value).find(([name]) => name === step)?.[1]
  }
  return value
}

/** The lines of a stream of lines. */
export function linesOf({ text }: Pick<Answer, 'text'>): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function bytesIn(root: string): Uint8Array {
  return Buffer.from(root.replaceAll('-', ''), 'hex')
}
