/** Readiness probes: what a server needs before it takes calls (Angzarr client: `readiness`). */
import { connect } from 'node:net'
import { type Environment, type EndpointOptions, chEndpoint } from '../client/endpoint.ts'

/** Milliseconds between two rounds of probes. */
export const DEFAULT_PROBE_INTERVAL_MS = 30_000
/** Milliseconds one probe may take. */
export const DEFAULT_PROBE_TIMEOUT_MS = 2_000
/** Variable with the interval, in seconds. */
export const ENV_INTERVAL = 'ANGZARR_READINESS_PROBE_INTERVAL'
/** Variable with the time a probe may take, in seconds. */
export const ENV_TIMEOUT = 'ANGZARR_READINESS_PROBE_TIMEOUT'
/** Variable with the endpoint of the broker. */
export const ENV_BUS_ENDPOINT = 'ANGZARR_BUS_ENDPOINT'

/** When probes run. */
export type ProbeConfig = {
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** Interval and time-out from the environment; what is no positive number counts as unset. */
export function probeConfigFromEnv(environment: Environment = process.env): ProbeConfig {
  return {
    intervalMs: secondsIn(environment, ENV_INTERVAL) ?? DEFAULT_PROBE_INTERVAL_MS,
    timeoutMs: secondsIn(environment, ENV_TIMEOUT) ?? DEFAULT_PROBE_TIMEOUT_MS,
  }
}

/** One thing a server needs (Angzarr client: `Probe`). */
export interface Probe {
  /** Stands in the log when the probe fails. */
  readonly name: string
  /** Whether the thing is there; a throw means it is not. Heeds the signal, which ends it. */
  check(signal: AbortSignal): boolean | Promise<boolean>
}

/** Tells a {@link TransportProbe} that the server listens. */
export class TransportSignal {
  #bound = false

  /** Says so, for good. */
  markBound(): void {
    this.#bound = true
  }

  isBound(): boolean {
    return this.#bound
  }
}

/** True once the server listens (Angzarr client: `TransportProbe`). */
export class TransportProbe implements Probe {
  readonly name: string = 'transport'
  readonly signal: TransportSignal

  constructor(signal: TransportSignal = new TransportSignal()) {
    this.signal = signal
  }

  check(): boolean {
    return this.signal.isBound()
  }
}

/** True while the coordinator of an output domain can be connected to. */
export class OutputDomainProbe implements Probe {
  readonly name: string
  /** Where it is looked for. */
  readonly endpoint: string

  constructor(domain: string, endpoint: string) {
    this.name = domain
    this.endpoint = endpoint
  }

  /**
   * A probe of the endpoint that the environment gives the domain now (Angzarr client:
   * `for_domain`).
   *
   * @throws InvalidArgumentError `INVALID_TRANSPORT_MODE`, `INVALID_PORT`
   */
  static forDomain(
    domain: string,
    options: EndpointOptions & { readonly environment?: Environment | undefined } = {},
  ): OutputDomainProbe {
    const { environment = process.env, ...rest } = options
    return new OutputDomainProbe(domain, chEndpoint({ ...rest, domain, environment }))
  }

  async check(signal: AbortSignal): Promise<boolean> {
    return await canConnect(this.endpoint, signal)
  }
}

/** True while the broker can be connected to (Angzarr client: `BusProbe`). */
export class BusProbe implements Probe {
  readonly name: string = 'bus'
  readonly endpoint: string

  constructor(endpoint: string) {
    this.endpoint = endpoint
  }

  /** A probe of `ANGZARR_BUS_ENDPOINT`; `undefined` when it is not set. */
  static fromEnv(environment: Environment = process.env): BusProbe | undefined {
    const endpoint = environment[ENV_BUS_ENDPOINT]
    return endpoint === undefined || endpoint === '' ? undefined : new BusProbe(endpoint)
  }

  async check(signal: AbortSignal): Promise<boolean> {
    return await canConnect(this.endpoint, signal)
  }
}

/** Where a probe connects to. */
export type ProbeAddress =
  { readonly path: string } | { readonly host: string; readonly port: number }

/** The address of an endpoint; `undefined` for an endpoint without a usable port. */
export function probeAddress(endpoint: string): ProbeAddress | undefined {
  if (endpoint.startsWith('unix:')) return { path: endpoint.slice('unix:'.length) }
  if (endpoint.startsWith('/')) return { path: endpoint }
  const colon = endpoint.lastIndexOf(':')
  const host = endpoint.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1')
  const port = endpoint.slice(colon + 1)
  if (colon < 0 || !/^\d{1,5}$/.test(port) || Number(port) > 65_535) return undefined
  return { host: host === '' ? 'localhost' : host, port: Number(port) }
}

/** Opens a connection and closes it again. Rejects when it cannot be opened. */
async function canConnect(endpoint: string, signal: AbortSignal): Promise<boolean> {
  const address = probeAddress(endpoint)
  if (address === undefined) return false
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const socket = connect(address)
  const abandon = (): void => {
    socket.destroy()
    resolve(false)
  }
  socket.once('connect', () => resolve(true))
  socket.once('error', reject)
  signal.addEventListener('abort', abandon)
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abandon)
    socket.destroy()
  }
}

function secondsIn(environment: Environment, name: string): number | undefined {
  const text = environment[name]?.trim() ?? ''
  const seconds = Number(text)
  return text !== '' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined
}
