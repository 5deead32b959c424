/**
 * Answers the HTTP requests of a served coordinator.
 *
 * 1. Every request is answered, with what its function answers or with the status of its failure;
 *    nothing that a caller sends ends the server or holds up another caller.
 * 2. Who may not call is told before the body is read.
 * 3. A coordinator that is open to whoever reaches it listens to this machine only, and then to its
 *    own host names only: a page in a browser here cannot reach it under a name of its own.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { untilAborted } from '../../../abort.ts'
import type { Clock } from '../../../clock.ts'
import { CodedError, codedError } from '../../../errors.ts'
import type { StreamFunction, UnaryFunction } from '../../../host/grpc-service.ts'
import type { Logger } from '../../../host/log.ts'
import { asMessage } from '../../../host/serve-methods.ts'
import { textOf } from '../../../host/status-of-error.ts'
import { limits } from '../../../limits.ts'
import type { CallGate } from '../call-gate.ts'
import { answerStream } from './answer-stream.ts'
import { HttpCall } from './http-call.ts'
import { httpFailure } from './http-failure.ts'
import type { HttpBounds } from './http-options.ts'
import { findRoute, type HttpRoute, type MatchedRoute } from './http-routes.ts'
import { jsonOfMessage } from './json-of-message.ts'
import type { MessageTypes } from './message-types.ts'
import { type OwnPage, ownPage } from './own-pages.ts'
import { type BodyRoom, hasBody, readBody } from './read-body.ts'
import { requestOfHttp } from './request-of-http.ts'
import { sendAnswer, type WriteOptions } from './write-answer.ts'

/** What answering needs. */
export type HttpHandling = {
  readonly routes: readonly HttpRoute[]
  readonly gate: Pick<CallGate, 'check'>
  readonly types: MessageTypes
  readonly bounds: HttpBounds
  readonly clock: Clock
  readonly logger: Logger
  /** Whether calls are taken; asked by those who share the load out. */
  readonly isReady: () => boolean
  /** What is counted, as text for Prometheus. */
  readonly metrics: () => string
}

/** Answers requests. */
export interface HttpRequests {
  /** Answers one. `localNamesOnly`: see 3 at the top. Never throws. */
  answer(request: IncomingMessage, response: ServerResponse, localNamesOnly: boolean): void
  /** Connections end with their next answer. */
  drain(): void
}

/** Makes the answers. */
export function httpRequests(handling: HttpHandling): HttpRequests {
  const state: State = { room: { heldBytes: 0 }, streams: 0, draining: false }
  const underWay = new WeakMap<Socket, number>()
  return {
    answer: (request, response, localNamesOnly) => {
      const { socket } = request
      const before = underWay.get(socket) ?? 0
      if (before >= limits.httpRequestsPerConnectionMax) {
        // Nobody sends that many before reading an answer.
        socket.destroy()
        return
      }
      underWay.set(socket, before + 1)
      response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
      response.on('error', () => undefined)
      if (state.draining) response.setHeader('connection', 'close')
      void answer({ ...handling, state, request, response, localNamesOnly })
    },
    drain: () => {
      state.draining = true
    },
  }
}

type State = { readonly room: BodyRoom; streams: number; draining: boolean }

type Exchange = HttpHandling & {
  readonly state: State
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly localNamesOnly: boolean
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, clock, bounds } = exchange
  const writing = { clock, stallTimeoutMs: bounds.stallTimeoutMs }
  try {
    using call = new HttpCall(request, response, clock)
    if (exchange.localNamesOnly) checkHost(request)
    const [path, query] = splitTarget(request.url ?? '')
    const verb = request.method ?? ''
    const page = ownPage({ verb, path })
    if (page === undefined) {
      const matched = findRoute(exchange.routes, { verb, path })
      await answerCall(exchange, { matched, query, call, writing })
    } else {
      await answerPage(exchange, { page, call, writing })
    }
  } catch (error) {
    await fail(exchange, error, writing)
  }
}

/** Path and query of a request's target; one that is a whole URL has no path of ours. */
function splitTarget(target: string): readonly [string, string] {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

type Answering = { readonly call: HttpCall; readonly writing: WriteOptions }

async function answerPage(
  { response, gate, isReady, metrics }: Exchange,
  { page, call, writing }: Answering & { readonly page: OwnPage },
): Promise<void> {
  if (page === 'metrics') {
    gate.check({ service: '', method: page, domain: undefined }, call)
    const type = 'text/plain; version=0.0.4; charset=utf-8'
    await sendAnswer(response, { status: 200, type, text: metrics() }, writing)
    return
  }
  const well = page === 'health' || isReady()
  const [status, text] = well ? [200, 'ok\n'] : [503, 'not ready\n']
  await sendAnswer(response, { status, type: 'text/plain; charset=utf-8', text }, writing)
}

async function answerCall(
  exchange: Exchange,
  {
    matched,
    query,
    call,
    writing,
  }: Answering & { readonly matched: MatchedRoute; readonly query: string },
): Promise<void> {
  const { gate, types, request, response, state, bounds } = exchange
  const { method, body: rule, run } = matched.route
  const name = `${method.parent.typeName}/${method.name}`
  gate.check(
    { service: method.parent.typeName, method: method.name, domain: domainIn(matched) },
    call,
  )
  if (run === undefined) throw codedError('CALL_UNSUPPORTED', { details: { call: name } })
  const reading = { maxBytes: bounds.maxBodyBytes, room: state.room }
  const reads = rule !== '' || hasBody(request)
  const body = reads ? await readBody(request, response, reading) : undefined
  const parts = { body: rule === '*' ? (body ?? {}) : body, query: new URLSearchParams(query) }
  const message = requestOfHttp(matched, parts, types)
  if (method.methodKind === 'unary') {
    // The kind of the method says what its function is, here as over gRPC.
    const running = Promise.resolve((run as UnaryFunction)(message, call))
    const answered = asMessage(method.output, await untilAborted(running, call.signal))
    const text = JSON.stringify(jsonOfMessage(method.output, answered, types))
    await sendAnswer(response, { status: 200, type: 'application/json', text }, writing)
    return
  }
  if (state.streams >= bounds.maxStreams) {
    throw codedError('SERVER_FULL', { details: { of: 'streams' } })
  }
  state.streams++
  try {
    const report = (error: unknown): void => tell(exchange, error)
    const open = () => (run as StreamFunction)(message, call)
    await answerStream(response, open, { ...writing, method, call, types, report })
  } finally {
    state.streams--
  }
}

/** The domain of a command, as its path says; the body may not say another. */
function domainIn({ route, variables }: MatchedRoute): string | undefined {
  const ofCommand = route.template.segments.some(
    (segment) => 'field' in segment && segment.field.join('.') === 'command.cover.domain',
  )
  return ofCommand ? variables[0]?.text : undefined
}

/** Names of this machine, with or without a port. */
const LOCAL_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

function checkHost({ headers }: IncomingMessage): void {
  const { host = '' } = headers
  if (LOCAL_NAME.test(host)) return
  throw codedError('HOST_NOT_ALLOWED', {
    details: { host: host.slice(0, 128) },
    hint: 'Without API keys it answers to localhost only. Give it keys, or open it on purpose.',
  })
}

function tell({ logger, request }: Exchange, error: unknown): void {
  if (error instanceof CodedError) return
  const [path] = splitTarget(request.url ?? '')
  logger('error', 'call_failed', { method: `${request.method} ${path}`, error: textOf(error) })
}

async function fail(exchange: Exchange, error: unknown, writing: WriteOptions): Promise<void> {
  const { response } = exchange
  tell(exchange, error)
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  try {
    const { status, headers, body } = httpFailure(error)
    const text = JSON.stringify(body)
    await sendAnswer(response, { status, type: 'application/json', text, headers }, writing)
  } catch {
    // The caller has gone.
    response.destroy()
  }
}
