/** From an endpoint, as people and environments write it, to what gRPC connects to. */
import { errorTable } from '../../errors.ts'
import { ConnectionError } from '../../errors/client-error.ts'

/** What gRPC connects to. */
export type ChannelTarget = {
  /** Target in the spelling of gRPC. */
  readonly target: string
  /** Whether the connection is encrypted. */
  readonly tls: boolean
}

const SCHEMES = ['http://', 'https://'] as const
const PORT_OF_SCHEME = { 'http://': 80, 'https://': 443 } as const
const HOST = String.raw`(?<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*)|\[[0-9A-Fa-f:.%a-z]+\])`
const ADDRESS = new RegExp(`^${HOST}(?::(?<port>\\d{1,5}))?$`)

/**
 * The target of an endpoint: `host:port`, `http://host[:port]`, `https://host[:port]` (encrypted),
 * `dns:...` and `unix:...` as gRPC knows them, and the path of a Unix socket, `/run/ch.sock` or
 * `./ch.sock`.
 *
 * @throws ConnectionError `ENDPOINT_INVALID_URI` for anything else
 */
export function channelTarget(endpoint: string): ChannelTarget {
  if (endpoint.startsWith('/') || endpoint.startsWith('./')) return unixTarget(endpoint, endpoint)
  if (endpoint.startsWith('unix:')) return unixTarget(endpoint, endpoint.slice('unix:'.length))
  if (endpoint.startsWith('dns:')) return dnsTarget(endpoint)
  const scheme = SCHEMES.find((prefix) => endpoint.startsWith(prefix))
  if (scheme === undefined) return { target: addressOf(endpoint, endpoint), tls: false }
  const rest = endpoint.slice(scheme.length).replace(/\/$/, '')
  const target = addressOf(rest, endpoint, PORT_OF_SCHEME[scheme])
  return { target, tls: scheme === 'https://' }
}

function unixTarget(endpoint: string, path: string): ChannelTarget {
  // `unix:///run/x` has an empty authority; what is left are more slashes than the path needs.
  const plain = path.replace(/^\/+/, '/')
  if (plain === '' || plain === '/' || plain === './' || plain.includes('\0')) {
    throw invalidEndpoint(endpoint, 'a socket needs a path')
  }
  return { target: `unix:${plain}`, tls: false }
}

function dnsTarget(endpoint: string): ChannelTarget {
  const name = endpoint.slice('dns:'.length).replace(/^\/\/[^/]*\//, '')
  addressOf(name, endpoint)
  return { target: endpoint, tls: false }
}

function addressOf(address: string, endpoint: string, defaultPort?: number): string {
  const { host, port = defaultPort } = ADDRESS.exec(address)?.groups ?? {}
  if (host === undefined) throw invalidEndpoint(endpoint, 'no host:port and no path')
  if (port === undefined) throw invalidEndpoint(endpoint, 'the port is missing')
  if (Number(port) < 1 || Number(port) > 65_535) throw invalidEndpoint(endpoint, 'no such port')
  return `${host}:${port}`
}

function invalidEndpoint(endpoint: string, cause: string): ConnectionError {
  return new ConnectionError(errorTable.ENDPOINT_INVALID_URI.message, {
    code: 'ENDPOINT_INVALID_URI',
    details: { endpoint, cause },
    hint: 'localhost:1310, https://host, /run/ch-order.sock or unix:///run/ch-order.sock',
  })
}
