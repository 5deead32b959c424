/** `amends serve`: a coordinator as a server. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../client/endpoint.ts'
import { httpCloudEvents } from '../coordinator/cloud-events/http-cloud-events.ts'
import type { CoordinatorOptions } from '../coordinator/coordinator.ts'
import { openCoordinator } from '../coordinator/open-coordinator.ts'
import { SOCKET_NAME } from '../coordinator/services/listen-addresses.ts'
import type { HttpOptions } from '../coordinator/services/http/http-options.ts'
import { serveCoordinator } from '../coordinator/services/serve-coordinator.ts'
import { codedError, messageOf } from '../errors.ts'
import { jsonLog } from '../host/log.ts'
import type { ServerTls } from '../host/server-options.ts'
import { limits } from '../limits.ts'
import {
  type Command,
  type CommandInput,
  type CommandOption,
  type CommandWorld,
  isSet,
  textOption,
} from './command.ts'
import { servedComponents } from './serve-components.ts'
import { NO_CONFIG, readServeConfig, type ServeConfig } from './serve-config.ts'
import {
  describeSettings,
  type EffectiveSettings,
  effectiveSettings,
  flagOf,
  type ServeSettings,
  SETTINGS,
  variableOf,
} from './serve-settings.ts'

/** `amends serve [--config <file>]`. */
export const serveCommand: Command = {
  name: 'serve',
  says: 'Serve a coordinator over gRPC, and HTTP if asked.',
  takes: [],
  options: {
    config: { value: 'file', says: 'The configuration, a JSON file.' },
    'print-config': { says: 'Say what counts and where it comes from, and end.' },
    ...flags(),
  },
  more: [
    'Later ones win: default, file, environment, flag. The environment names a setting in capitals',
    `(${variableOf('graceMs')} for --grace-ms); AMENDS_CONFIG names the file.`,
    'The file also says which components there are ("components", "modules") and who may call ("keys").',
  ],
  run: async (input, world) => await serve(input, world, process.env),
}

function flags(): Record<string, CommandOption> {
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { kind, says }]) => {
      const isSwitch = kind === 'switch' && name !== 'reflection'
      return [flagOf(name), isSwitch ? { says } : { value: kind, says }]
    }),
  )
}

async function serve(
  input: CommandInput,
  world: CommandWorld,
  environment: Environment,
): Promise<number> {
  const path = textOption(input, 'config') ?? named(environment['AMENDS_CONFIG'])
  const config = path === undefined ? NO_CONFIG : readServeConfig(path, environment)
  const file = { path: config.path, values: config.settings }
  const effective = effectiveSettings({ file, environment, flags: input.options })
  if (isSet(input, 'print-config')) {
    for (const line of describe(config, effective)) world.out(line)
    return 0
  }
  for (const line of describe(config, effective)) world.err(line)
  await serveUntilTold(config, effective.values, world)
  return 0
}

function describe(config: ServeConfig, effective: EffectiveSettings): readonly string[] {
  return [
    ...describeSettings(effective),
    ...config.components.map(({ component, address }) => {
      const name = component.kind === 'command_handler' ? component.domain : component.name
      return `component  ${component.kind} ${name}  ${address ?? 'dials in'}  (file ${config.path})`
    }),
    ...config.modules.map((module) => `module  ${module}  (file ${config.path})`),
    ...config.keys.map(
      ({ name, roles }) => `key  ${name}  ${roles.join(', ')}  (file ${config.path}, hidden)`,
    ),
  ]
}

async function serveUntilTold(
  config: ServeConfig,
  settings: ServeSettings,
  { out, err, signal, clock, random }: CommandWorld,
): Promise<void> {
  const log = jsonLog({ write: err, clock })
  const { callTimeoutMs: timeoutMs, componentWaitMs: waitMs } = settings
  await using served = await servedComponents(config, { timeoutMs, waitMs })
  const { components, domains, desk } = served
  if (components.length === 0) {
    const hint = 'Name components or modules in the configuration file.'
    throw codedError('NO_COMPONENTS_REGISTERED', { hint })
  }
  // The engine waits for a handler at least as long as a call of it may take, attempts included.
  const handlerTimeoutMs = Math.max(limits.handlerTimeoutMs, timeoutMs + waitMs)
  await using coordinator = await openCoordinator({
    ledger: settings.ledger,
    components,
    snapshotEvery: settings.snapshotEvery,
    fallbackDomain: settings.fallbackDomain,
    escalationWebhookUrl: settings.escalationWebhookUrl,
    ...outletsOf(settings),
    limits: { stateCacheBytesMax: settings.stateCacheBytesMax, handlerTimeoutMs },
    log: (level, event, fields) => log(level, event, loggable(fields)),
    clock,
    random,
  })
  await using server = await serveCoordinator({
    coordinator,
    listen: addressesOf(settings),
    http: httpOf(settings),
    domains,
    keys: config.keys,
    open: settings.open,
    tls: tlsOf(settings),
    sessions: desk,
    maxMessageBytes: settings.maxMessageBytes,
    maxConnections: settings.maxConnections,
    maxStreamsPerConnection: settings.maxStreamsPerConnection,
    reflection: settings.reflection,
    closesCoordinator: true,
    logger: log,
    clock,
  })
  await server.ready
  for (const address of [...server.addresses, ...server.httpAddresses]) out(`listening ${address}`)
  out('ready')
  await told(signal)
  log('info', 'draining', { grace_ms: settings.graceMs })
  await server.stop({ graceMs: settings.graceMs })
  out('drained')
}

function addressesOf({ listen, sockets }: ServeSettings): readonly string[] {
  return sockets === undefined ? listen : [...listen, `unix:${join(sockets, SOCKET_NAME)}`]
}

function httpOf(settings: ServeSettings): HttpOptions | undefined {
  const { httpListen: listen, httpDescriptors: file } = settings
  if (listen === undefined) return undefined
  return {
    listen,
    descriptors: file === undefined ? undefined : bytesOf('httpDescriptors', file),
    maxBodyBytes: settings.maxMessageBytes,
    maxConnections: settings.maxConnections,
    maxStreams: settings.httpMaxStreams,
    headersTimeoutMs: settings.httpHeadersTimeoutMs,
    requestTimeoutMs: settings.httpRequestTimeoutMs,
    idleTimeoutMs: settings.httpIdleTimeoutMs,
    stallTimeoutMs: settings.httpStallTimeoutMs,
  }
}

/** Where large payloads and CloudEvents go. */
function outletsOf(settings: ServeSettings): Pick<CoordinatorOptions, 'payloads' | 'cloudEvents'> {
  const { payloadFolder: folder, payloadThresholdBytes: thresholdBytes, cloudEventsUrl } = settings
  return {
    payloads: folder === undefined ? undefined : { folder, thresholdBytes },
    cloudEvents:
      cloudEventsUrl === undefined ? undefined : httpCloudEvents({ url: cloudEventsUrl }),
  }
}

function tlsOf(settings: ServeSettings): ServerTls | undefined {
  const { tlsKey, tlsCertificate, tlsClientAuthorities } = settings
  if (tlsKey === undefined && tlsCertificate === undefined && tlsClientAuthorities === undefined) {
    return undefined
  }
  if (tlsKey === undefined || tlsCertificate === undefined) {
    const hint = 'TLS needs both tlsKey and tlsCertificate.'
    throw codedError('CONFIGURATION_INVALID', { details: { setting: 'tlsKey' }, hint })
  }
  const authorities =
    tlsClientAuthorities === undefined
      ? {}
      : { clientAuthorities: bytesOf('tlsClientAuthorities', tlsClientAuthorities) }
  return {
    privateKey: bytesOf('tlsKey', tlsKey),
    certificateChain: bytesOf('tlsCertificate', tlsCertificate),
    ...authorities,
  }
}

function bytesOf(setting: string, path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    const details = { setting, file: path, cause: messageOf(cause) }
    throw codedError('CONFIGURATION_INVALID', { details, cause })
  }
}

function loggable(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | number | boolean | undefined>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) =>
      typeof value === 'number' || typeof value === 'boolean' || value === undefined
        ? [name, value]
        : [name, typeof value === 'string' ? value : JSON.stringify(value)],
    ),
  )
}

async function told(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function named(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
