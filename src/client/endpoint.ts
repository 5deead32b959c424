/** Where the coordinator of a domain listens. The environment is passed in. */
import { InvalidArgumentError } from '../errors/client-error.ts'
import { errorTable } from '../errors.ts'

/** How coordinators are reached (Angzarr client: `TransportMode`). */
export const TransportMode: {
  /** A Unix domain socket per domain, on one machine. */
  readonly STANDALONE: 'standalone'
  /** A Kubernetes service per domain. */
  readonly DISTRIBUTED: 'distributed'
} = Object.freeze({ STANDALONE: 'standalone', DISTRIBUTED: 'distributed' })

/** A transport mode. */
export type TransportMode = (typeof TransportMode)[keyof typeof TransportMode]

/** Environment variables by name; an empty one counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where to look when the environment does not say. */
export type EndpointOptions = {
  /** Folder of the sockets; `ANGZARR_UDS_BASE` goes before. Default `/tmp/angzarr`. */
  readonly udsBase?: string | undefined
  /** Kubernetes namespace; `ANGZARR_NAMESPACE` goes before. Default `angzarr`. */
  readonly namespace?: string | undefined
  /** Port of the coordinators; `ANGZARR_CH_PORT` goes before. Default 1310. */
  readonly port?: number | undefined
}

/** What an endpoint is made from. */
export type EndpointRequest = EndpointOptions & {
  readonly domain: string
  /** Default: `ANGZARR_MODE`, else `distributed`. */
  readonly mode?: TransportMode | undefined
  readonly environment: Environment
}

/**
 * The endpoint of a domain's coordinator: `/tmp/angzarr/ch-player.sock` standalone,
 * `ch-player.angzarr.svc:1310` distributed.
 *
 * @throws InvalidArgumentError `INVALID_TRANSPORT_MODE`, `INVALID_PORT`
 */
export function chEndpoint(request: EndpointRequest): string {
  const { domain, environment } = request
  const mode = request.mode ?? modeIn(environment)
  switch (mode) {
    case 'standalone': {
      const base = setIn(environment, 'ANGZARR_UDS_BASE') ?? request.udsBase ?? '/tmp/angzarr'
      return `${base}/ch-${domain}.sock`
    }
    case 'distributed': {
      const namespace = setIn(environment, 'ANGZARR_NAMESPACE') ?? request.namespace ?? 'angzarr'
      const port = portIn(environment) ?? request.port ?? 1310
      return `ch-${domain}.${namespace}.svc:${port}`
    }
    default:
      mode satisfies never
      throw invalidSetting('INVALID_TRANSPORT_MODE', 'ANGZARR_MODE', String(mode))
  }
}

function modeIn(environment: Environment): TransportMode {
  const mode = setIn(environment, 'ANGZARR_MODE') ?? TransportMode.DISTRIBUTED
  if (mode === 'standalone' || mode === 'distributed') return mode
  throw invalidSetting('INVALID_TRANSPORT_MODE', 'ANGZARR_MODE', mode)
}

function portIn(environment: Environment): number | undefined {
  const text = setIn(environment, 'ANGZARR_CH_PORT')
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw invalidSetting('INVALID_PORT', 'ANGZARR_CH_PORT', text)
}

function setIn(environment: Environment, name: string): string | undefined {
  const value = environment[name]
  return value === '' ? undefined : value
}

function invalidSetting(
  code: 'INVALID_TRANSPORT_MODE' | 'INVALID_PORT',
  variable: string,
  input: string,
): InvalidArgumentError {
  const { message } = errorTable[code]
  return new InvalidArgumentError(message, { code, details: { input, env_var: variable } })
}
