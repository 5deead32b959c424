/** One HTTP request as the function of a service sees it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, NANOSECONDS_PER_MS } from '../../../clock.ts'
import { type LinkedSignal, linkSignals } from '../../../abort.ts'
import { codedError } from '../../../errors.ts'
import type { CallContext } from '../../../host/grpc-service.ts'
import { AFTER_POSITION_HEADER } from '../event-stream-service.ts'

/** Request header: how many milliseconds the caller waits. `grpc-timeout` says it as gRPC does. */
const TIMEOUT_HEADER = 'x-timeout-ms'

/** The context of a request: its headers are what gRPC calls metadata. Dispose it at its end. */
export class HttpCall implements CallContext, Disposable {
  /** Aborts when the caller has gone before its answer was complete, and at its deadline. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970; Infinity without a deadline. */
  readonly deadlineMs: number
  readonly peer: string
  readonly #headers: IncomingMessage['headers']
  readonly #linked: LinkedSignal

  /** @throws CodedError `REQUEST_HEADER_INVALID` for a deadline that is none */
  constructor(request: IncomingMessage, response: ServerResponse, clock: Clock) {
    this.#headers = request.headers
    const { remoteAddress = 'local', remotePort = 0 } = request.socket
    this.peer = `${remoteAddress}:${remotePort}`
    const timeoutMs = timeoutOf(this)
    const gone = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(codedError('ABORTED'))
    })
    this.#linked = linkSignals({ signal: gone.signal, timeoutMs }, clock)
    this.signal = this.#linked.signal
    const nowMs = Number(clock.wall() / NANOSECONDS_PER_MS)
    this.deadlineMs = timeoutMs === undefined ? Infinity : nowMs + timeoutMs
  }

  metadata(name: string): string | undefined {
    const value = this.#headers[name] ?? this.#headers[ALSO[name] ?? '']
    return typeof value === 'string' ? value : undefined
  }

  [Symbol.dispose](): void {
    this.#linked[Symbol.dispose]()
  }
}

/** Headers under which browsers and proxies send what we have a name of our own for. */
const ALSO: Readonly<Record<string, string>> = { [AFTER_POSITION_HEADER]: 'last-event-id' }

/** The units of `grpc-timeout`, in milliseconds. */
const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}

function timeoutOf(call: Pick<CallContext, 'metadata'>): number | undefined {
  const ours = call.metadata(TIMEOUT_HEADER)
  if (ours !== undefined) {
    if (/^\d{1,12}$/.test(ours)) return Number(ours)
    throw invalid(TIMEOUT_HEADER, ours, 'It is a whole number of milliseconds.')
  }
  const theirs = call.metadata('grpc-timeout')
  if (theirs === undefined) return undefined
  const { count = '', unit = '' } =
    /^(?<count>\d{1,8})(?<unit>[HMSmun])$/.exec(theirs)?.groups ?? {}
  const factor = UNITS[unit]
  if (factor !== undefined) return Number(count) * factor
  throw invalid('grpc-timeout', theirs, 'It is up to eight digits and one of H, M, S, m, u, n.')
}

function invalid(field: string, input: string, hint: string): Error {
  const details = { field, input: input.slice(0, 64) }
  return codedError('REQUEST_HEADER_INVALID', { details, hint })
}
