/** Endpoints under the environment of this process. */
import { chEndpoint, type EndpointOptions, type TransportMode } from './endpoint.ts'

/**
 * The endpoint of a domain's coordinator (Angzarr client: `resolve_ch_endpoint`):
 * `/tmp/angzarr/ch-player.sock` standalone, `ch-player.angzarr.svc:1310` distributed. Environment
 * variables go before the options, the mode given here goes before `ANGZARR_MODE`.
 *
 * @throws InvalidArgumentError `INVALID_TRANSPORT_MODE`, `INVALID_PORT`
 */
export function resolveChEndpoint(
  domain: string,
  mode?: TransportMode,
  options: EndpointOptions = {},
): string {
  return chEndpoint({ ...options, domain, mode, environment: process.env })
}

/** The endpoint an environment variable names; `undefined` when it is unset or empty. */
export function endpointInEnv(variable: string): string | undefined {
  const value = process.env[variable]
  return value === '' ? undefined : value
}
