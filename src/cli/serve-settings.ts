/**
 * The settings of `amends serve`: what each is called in the file, in the environment and on the
 * command line, and which of them counts. Later ones win: default, file, environment, flag.
 */
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Environment } from '../client/endpoint.ts'
import { DEFAULT_LISTEN } from '../coordinator/services/listen-addresses.ts'

/** Values of settings by name. */
export type ServeSettings = {
  readonly ledger: string
  readonly listen: readonly string[]
  /** Folder of Unix sockets under the names that clients look for. Default: none. */
  readonly sockets: string | undefined
  /** Where HTTP is listened for. Default: nowhere. */
  readonly httpListen: readonly string[] | undefined
  readonly httpDescriptors: string | undefined
  readonly httpMaxStreams: number
  readonly httpHeadersTimeoutMs: number
  readonly httpRequestTimeoutMs: number
  readonly httpIdleTimeoutMs: number
  readonly httpStallTimeoutMs: number
  readonly open: boolean
  readonly graceMs: number
  readonly reflection: boolean
  readonly maxMessageBytes: number
  readonly maxConnections: number
  readonly maxStreamsPerConnection: number
  readonly callTimeoutMs: number
  readonly componentWaitMs: number
  readonly snapshotEvery: number | undefined
  readonly stateCacheBytesMax: number
  readonly fallbackDomain: string | undefined
  readonly escalationWebhookUrl: string | undefined
  readonly cloudEventsUrl: string | undefined
  /** Folder for large payloads. Default: none, they stay in the ledger. */
  readonly payloadFolder: string | undefined
  readonly payloadThresholdBytes: number
  readonly tlsKey: string | undefined
  readonly tlsCertificate: string | undefined
  readonly tlsClientAuthorities: string | undefined
}

/** Where a value came from. */
export type Origin = string

/** The settings that count, with their origins. */
export type EffectiveSettings = {
  readonly values: ServeSettings
  readonly origins: Readonly<Record<keyof ServeSettings, Origin>>
}

type Name = keyof ServeSettings
type Value = string | number | boolean | readonly string[] | undefined
type Rule = {
  readonly kind: 'text' | 'list' | 'number' | 'switch'
  readonly fallback: Value
  readonly says: string
  /** Further environment variables, asked last. */
  readonly also?: readonly string[]
  /** Holds what is not to be shown whole. */
  readonly secret?: boolean
}

/** Every setting; the rest of a configuration is in the file only. */
export const SETTINGS: Readonly<Record<Name, Rule>> = {
  ledger: { kind: 'text', fallback: 'amends.db', says: 'The ledger file.' },
  listen: { kind: 'list', fallback: [DEFAULT_LISTEN], says: 'Addresses, parted by commas.' },
  sockets: {
    kind: 'text',
    fallback: undefined,
    says: 'Folder for Unix sockets named after the domains.',
    also: ['ANGZARR_UDS_BASE'],
  },
  httpListen: {
    kind: 'list',
    fallback: undefined,
    says: 'Addresses for HTTP/JSON, parted by commas. Default: none.',
  },
  httpDescriptors: {
    kind: 'text',
    fallback: undefined,
    says: 'File of a descriptor set: messages JSON should know.',
  },
  httpMaxStreams: {
    kind: 'number',
    fallback: limits.httpStreamsMax,
    says: 'HTTP answers that are streams.',
  },
  httpHeadersTimeoutMs: {
    kind: 'number',
    fallback: limits.httpHeadersMs,
    says: 'How long the headers of an HTTP request may take.',
  },
  httpRequestTimeoutMs: {
    kind: 'number',
    fallback: limits.httpRequestMs,
    says: 'How long a whole HTTP request may take to arrive.',
  },
  httpIdleTimeoutMs: {
    kind: 'number',
    fallback: limits.httpIdleMs,
    says: 'How long an HTTP connection stays open without a request.',
  },
  httpStallTimeoutMs: {
    kind: 'number',
    fallback: limits.httpStallMs,
    says: 'How long a reader of HTTP may take nothing of its answer.',
  },
  open: {
    kind: 'switch',
    fallback: false,
    says: 'Serve everybody who can reach it, without keys.',
  },
  graceMs: {
    kind: 'number',
    fallback: limits.shutdownGraceMs,
    says: 'Time for callers at the end.',
  },
  reflection: { kind: 'switch', fallback: true, says: 'Tell callers what is served.' },
  maxMessageBytes: {
    kind: 'number',
    fallback: limits.grpcMessageBytesMax,
    says: 'Largest message in either direction.',
  },
  maxConnections: {
    kind: 'number',
    fallback: limits.serverConnectionsMax,
    says: 'Connections of one address.',
  },
  maxStreamsPerConnection: {
    kind: 'number',
    fallback: limits.grpcStreamsPerConnectionMax,
    says: 'Streams of one connection.',
  },
  callTimeoutMs: {
    kind: 'number',
    fallback: limits.handlerTimeoutMs,
    says: 'Deadline of a call to a component.',
  },
  componentWaitMs: {
    kind: 'number',
    fallback: limits.componentWaitMs,
    says: 'How long a component that is away is called again.',
  },
  snapshotEvery: { kind: 'number', fallback: undefined, says: 'Events between two snapshots.' },
  stateCacheBytesMax: {
    kind: 'number',
    fallback: limits.stateCacheBytesMax,
    says: 'Estimated size of the states kept in memory.',
  },
  fallbackDomain: { kind: 'text', fallback: undefined, says: 'Keeps what nobody compensated.' },
  escalationWebhookUrl: {
    kind: 'text',
    fallback: undefined,
    says: 'Told of failed compensations.',
    secret: true,
  },
  cloudEventsUrl: {
    kind: 'text',
    fallback: undefined,
    says: 'Where the CloudEvents of projectors are posted.',
    also: ['CLOUDEVENTS_HTTP_ENDPOINT'],
    secret: true,
  },
  payloadFolder: { kind: 'text', fallback: undefined, says: 'Folder that keeps large events.' },
  payloadThresholdBytes: {
    kind: 'number',
    fallback: limits.payloadInlineBytesMax,
    says: 'Events of more bytes go to that folder.',
  },
  tlsKey: { kind: 'text', fallback: undefined, says: 'File of the private key, PEM.' },
  tlsCertificate: { kind: 'text', fallback: undefined, says: 'File of the certificates, PEM.' },
  tlsClientAuthorities: {
    kind: 'text',
    fallback: undefined,
    says: 'Authorities, PEM: callers need a certificate then.',
  },
}

// The table has exactly these names.
const NAMES = Object.keys(SETTINGS) as readonly Name[]

/** The name of a setting on the command line: `graceMs` is `grace-ms`. */
export function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)
}

/** The name of a setting in the environment: `graceMs` is `AMENDS_GRACE_MS`. */
export function variableOf(name: string): string {
  return `AMENDS_${flagOf(name).replaceAll('-', '_').toUpperCase()}`
}

/**
 * The settings that count.
 *
 * @throws CodedError `CONFIGURATION_INVALID` for a value of the wrong kind, or a name nobody knows
 */
export function effectiveSettings(from: {
  readonly file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> }
  readonly environment: Environment
  readonly flags: Readonly<Record<string, string | true | undefined>>
}): EffectiveSettings {
  const values: Partial<Record<Name, Value>> = {}
  const origins: Partial<Record<Name, Origin>> = {}
  const take = (name: Name, value: unknown, origin: Origin): void => {
    values[name] = checked(name, value, origin)
    origins[name] = origin
  }
  for (const name of NAMES) {
    const { fallback, also = [] } = SETTINGS[name]
    values[name] = fallback
    origins[name] = 'default'
    if (from.file.values[name] !== undefined) {
      take(name, from.file.values[name], `file ${from.file.path}`)
    }
    const variable = [variableOf(name), ...also].find((one) => (from.environment[one] ?? '') !== '')
    if (variable !== undefined) take(name, from.environment[variable], `environment ${variable}`)
    const flag = from.flags[flagOf(name)]
    if (flag !== undefined) take(name, flag, `flag --${flagOf(name)}`)
  }
  // Every name of the table was given a value of its kind.
  return { values: values as ServeSettings, origins: origins as EffectiveSettings['origins'] }
}

/** One line for each setting: its value, and where it comes from. */
export function describeSettings({ values, origins }: EffectiveSettings): readonly string[] {
  const shown = NAMES.filter((name) => values[name] !== undefined)
  const width = Math.max(...shown.map((name) => name.length))
  return shown.map((name) => {
    const text =
      SETTINGS[name].secret === true ? hidden(String(values[name])) : textOf(values[name])
    return `${name.padEnd(width)}  ${text}  (${origins[name]})`
  })
}

/** A URL without what only its owner may know. */
function hidden(text: string): string {
  try {
    const { protocol, host } = new URL(text)
    return `${protocol}//${host}/...`
  } catch {
    return '...'
  }
}

function textOf(value: Value): string {
  return Array.isArray(value) ? value.join(', ') : String(value)
}

function checked(name: Name, value: unknown, origin: Origin): Value {
  switch (SETTINGS[name].kind) {
    case 'text':
      if (typeof value === 'string' && value !== '') return value
      break
    case 'list': {
      const list: unknown = typeof value === 'string' ? value.split(',') : value
      if (Array.isArray(list) && list.length > 0 && list.every(isText)) return list
      break
    }
    case 'number': {
      const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
      if (/^\d{1,15}$/.test(text)) return Number(text)
      break
    }
    case 'switch':
      if (value === true || value === 'true' || value === '1') return true
      if (value === false || value === 'false' || value === '0') return false
  }
  const hint = `${name} takes ${KINDS[SETTINGS[name].kind]}. ${SETTINGS[name].says}`
  throw codedError('CONFIGURATION_INVALID', { details: { setting: name, origin }, hint })
}

const KINDS = {
  text: 'a text',
  list: 'one or more texts',
  number: 'a whole number, 0 or more',
  switch: 'true or false',
} as const

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
