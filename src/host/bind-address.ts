/**
 * Where a server listens, as the environment says. Variables are read when asked, never written; an
 * empty one counts as unset.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../client/endpoint.ts'
import { codedError } from '../errors.ts'

/** Host of the default address: every interface, of both families. */
export const DEFAULT_BIND_HOST = '[::]'

/** Variable that holds a whole TCP address. */
export const ENV_BIND_ADDRESS = 'ANGZARR_BIND_ADDRESS'

/** Port of a server when nothing says otherwise. */
export const DEFAULT_PORT = 50052

/** How a server listens. */
export type TransportType = 'tcp' | 'uds'

/** The transport of a server. */
export type TransportConfig = {
  readonly type: TransportType
  /** `host:port`, or `unix:` and the path of the socket. */
  readonly address: string
}

/**
 * The TCP address to listen on (Angzarr client: `resolve_bind_address`): `ANGZARR_BIND_ADDRESS` as
 * it is, else `[::]:` with `PORT`, else with the default.
 */
export function resolveBindAddress(
  defaultPort: number = DEFAULT_PORT,
  environment: Environment = process.env,
): string {
  const whole = setIn(environment, ENV_BIND_ADDRESS)
  return whole ?? `${DEFAULT_BIND_HOST}:${setIn(environment, 'PORT') ?? defaultPort}`
}

/**
 * Transport and address (Angzarr client: `get_transport_config`). With `TRANSPORT_TYPE=uds` the
 * socket is `{UDS_BASE_PATH}/{SERVICE_NAME}[-{DOMAIN | SAGA_NAME | PROJECTOR_NAME}].sock`; its folder
 * is made and a file left over from an earlier run removed. Anything else is TCP.
 *
 * @throws CodedError `UDS_DIRECTORY_CREATE_FAILED`
 */
export function getTransportConfig(
  defaultPort: number = DEFAULT_PORT,
  environment: Environment = process.env,
): TransportConfig {
  if (setIn(environment, 'TRANSPORT_TYPE')?.toLowerCase() !== 'uds') {
    return { type: 'tcp', address: resolveBindAddress(defaultPort, environment) }
  }
  const base = setIn(environment, 'UDS_BASE_PATH') ?? '/tmp/angzarr'
  const service = setIn(environment, 'SERVICE_NAME') ?? 'business'
  const qualifier =
    setIn(environment, 'DOMAIN') ??
    setIn(environment, 'SAGA_NAME') ??
    setIn(environment, 'PROJECTOR_NAME')
  const name = qualifier === undefined ? service : `${service}-${qualifier}`
  const path = join(base, `${name}.sock`)
  prepareSocket(base, path)
  return { type: 'uds', address: `unix:${path}` }
}

/** Removes the file of a socket (Angzarr client: `cleanup_socket`). Never fails. */
export function cleanupSocket(socketPath: string): void {
  if (socketPath === '') return
  try {
    rmSync(socketPath, { force: true })
  } catch {
    // Somebody else's folder, say: then the file is not ours to remove.
  }
}

/** Path of the socket in an address; `undefined` for a TCP address. */
export function socketPathOf(address: string): string | undefined {
  if (!address.startsWith('unix:')) return undefined
  return address.slice('unix:'.length).replace(/^\/+/, '/')
}

/** Port and socket of a server (Angzarr client: `ServerConfig`). */
export class ServerConfig {
  /** TCP port. */
  readonly port: number
  /** Path of a Unix socket; it goes before the port. */
  readonly udsPath: string | undefined

  constructor(port: number = DEFAULT_PORT, udsPath?: string) {
    this.port = port
    this.udsPath = udsPath
  }

  /**
   * From `UDS_BASE_PATH`, `SERVICE_NAME` and `DOMAIN` when all three are set, else from `PORT`, else
   * from `GRPC_PORT`; what is no port counts as unset.
   */
  static fromEnv(
    defaultPort: number = DEFAULT_PORT,
    environment: Environment = process.env,
  ): ServerConfig {
    const base = setIn(environment, 'UDS_BASE_PATH')
    const service = setIn(environment, 'SERVICE_NAME')
    const domain = setIn(environment, 'DOMAIN')
    if (base !== undefined && service !== undefined && domain !== undefined) {
      return new ServerConfig(defaultPort, `${base}/${service}-${domain}.sock`)
    }
    const port = portIn(environment, 'PORT') ?? portIn(environment, 'GRPC_PORT')
    return new ServerConfig(port ?? defaultPort)
  }
}

function prepareSocket(base: string, path: string): void {
  try {
    mkdirSync(base, { recursive: true })
  } catch (cause) {
    throw codedError('UDS_DIRECTORY_CREATE_FAILED', { details: { path: base }, cause })
  }
  cleanupSocket(path)
}

function portIn(environment: Environment, name: string): number | undefined {
  const text = setIn(environment, name)
  const port = Number(text)
  return text !== undefined && /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined
}

function setIn(environment: Environment, name: string): string | undefined {
  const value = environment[name]
  return value === '' ? undefined : value
}
