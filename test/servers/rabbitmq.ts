/**
 * A RabbitMQ server for tests: its own process, ports, data folder, node name and cookie, on the
 * loopback interface.
 *
 * 1. It may be killed and started again on its data; its URL stays the same.
 * 2. It ends with the process that started it, whatever becomes of that: it reads from a pipe of it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectAmqp } from 'amqplib'
import { freePorts } from './free-ports.ts'
import { programOf } from './install-package.ts'

/** A server that runs, until it is disposed. */
export interface RabbitMq extends AsyncDisposable {
  readonly url: string
  /**
   * Ends it at once, as a crash does, when the queues that there are have been known to it for a
   * second: a quorum queue that is younger may not come back (seen with 3.10).
   */
  crash(): Promise<void>
  /** Starts it again on its data. */
  start(): Promise<void>
}

/** A server, or why there is none: then tests that need it are skipped, which CI does not accept. */
export type RabbitMqOrReason =
  | { readonly kind: 'running'; readonly server: RabbitMq; readonly skip: false }
  | { readonly kind: 'missing'; readonly skip: string }

/** Starts a server. */
export async function startRabbitMq(): Promise<RabbitMqOrReason> {
  if (process.platform !== 'linux') {
    return { kind: 'missing', skip: 'platform: the RabbitMQ server is started on Linux only' }
  }
  const program = await programOf(programs, 'rabbitmq-server')
  if (program.kind === 'missing') return { kind: 'missing', skip: program.reason }
  const [port = 0, nodePort = 0, namesPort = 0] = await freePorts(3)
  const folder = mkdtempSync(join(tmpdir(), 'amends-rabbitmq-'))
  const server = new OwnServer(program.path, folder, { port, nodePort, namesPort })
  try {
    await server.start()
    return { kind: 'running', server, skip: false }
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

const LIBRARY = '/usr/lib/rabbitmq/lib'

/** The script itself: the one in the path wants a certain user. */
function programs(): readonly string[] {
  try {
    const versions = readdirSync(LIBRARY).filter((name) => name.startsWith('rabbitmq_server-'))
    return versions.map((name) => join(LIBRARY, name, 'sbin/rabbitmq-server'))
  } catch {
    return []
  }
}

type Ports = {
  readonly port: number
  /** Where other nodes would find this one. */
  readonly nodePort: number
  /** Of the name server of its nodes, which is its own too. */
  readonly namesPort: number
}

class OwnServer implements RabbitMq {
  readonly url: string
  readonly #program: string
  readonly #folder: string
  readonly #ports: Ports
  #names: ChildProcess | undefined
  #node: ChildProcess | undefined

  constructor(program: string, folder: string, ports: Ports) {
    this.#program = program
    this.#folder = folder
    this.#ports = ports
    this.url = `amqp://guest:guest@127.0.0.1:${ports.port}`
    writeFileSync(join(folder, '.erlang.cookie'), 'AMENDSTESTCOOKIE', { mode: 0o400 })
    writeFileSync(join(folder, 'plugins'), '[].')
    writeFileSync(join(folder, 'rabbitmq.conf'), CONFIGURATION)
  }

  async start(): Promise<void> {
    const env = this.#environment()
    this.#names ??= spawn('sh', ['-c', NAME_SERVER], { env, stdio: ['pipe', 'ignore', 'ignore'] })
    await untilListening(this.#ports.namesPort, this.#names)
    // The node ends when its input does.
    const node = spawn(this.#program, [], { env, stdio: ['pipe', 'ignore', 'ignore'] })
    this.#node = node
    node.stdin?.on('error', () => undefined)
    await untilListening(this.#ports.port, node).catch((cause: unknown) => {
      throw new Error(`RabbitMQ did not start: ${this.#lastLog()}`, { cause })
    })
    await untilReady(this.url)
  }

  async crash(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, QUEUES_KNOWN_MS))
    await this.#kill()
  }

  async #kill(): Promise<void> {
    await end(this.#node)
    this.#node = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill()
    this.#names?.stdin?.end()
    if (this.#names !== undefined) await once(this.#names, 'exit')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #environment(): NodeJS.ProcessEnv {
    const { port, nodePort, namesPort } = this.#ports
    return {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: this.#folder,
      ERL_EPMD_PORT: String(namesPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `amends${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(nodePort),
      RABBITMQ_MNESIA_BASE: join(this.#folder, 'data'),
      RABBITMQ_LOG_BASE: join(this.#folder, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.#folder, 'plugins'),
      RABBITMQ_CONFIG_FILE: join(this.#folder, 'rabbitmq.conf'),
      RABBITMQ_PID_FILE: join(this.#folder, 'pid'),
      // The process that is spawned becomes the node itself.
      RABBITMQ_ALLOW_INPUT: 'true',
      // It shares the machine with the tests: it must not spin while it waits.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
    }
  }

  #lastLog(): string {
    try {
      const log = join(this.#folder, 'log')
      const texts = readdirSync(log).map((name) => readFileSync(join(log, name), 'utf8'))
      return texts.join('\n').slice(-1_000)
    } catch {
      return 'it has not written a log'
    }
  }
}

/** It does not end by itself. */
const NAME_SERVER = 'epmd -address 127.0.0.1 & read never; kill $!; wait'

const CONFIGURATION = [
  'loopback_users = none',
  'log.file.level = warning',
  'heartbeat = 10',
  'disk_free_limit.absolute = 50MB',
  '',
].join('\n')

const QUEUES_KNOWN_MS = 1_000
const STARTING_MS_MAX = 60_000
const LOOK_AGAIN_MS = 50

/** Waits until something listens on a port; rejects when the process ends or takes too long. */
async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const before = performance.now() + STARTING_MS_MAX
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`)
    if (performance.now() > before) throw new Error('it takes too long')
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/** Nobody is let in before the server has read its data. */
async function untilReady(url: string): Promise<void> {
  const before = performance.now() + STARTING_MS_MAX
  for (;;) {
    try {
      const connection = await connectAmqp(url)
      await connection.close()
      return
    } catch (error) {
      if (performance.now() > before) throw error
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    }
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const say = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => say(true))
    socket.once('error', () => say(false))
  })
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
