/**
 * Python programs for tests: Debian's interpreter with its packages for gRPC and protobuf, and
 * messages made by protoc. A machine without them skips the tests, and says why.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { install } from '../servers/install-package.ts'

const run = promisify(execFile)
const PYTHON = '/usr/bin/python3'

/** The folder of the sources: compiled tests lie below it. */
const sources = ((): string => {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'examples', 'polyglot', 'python'))) {
    if (folder === dirname(folder)) throw new Error('the sources are not above the tests')
    folder = dirname(folder)
  }
  return folder
})()
const examples = join(sources, 'examples', 'polyglot')

/** What the Python side is made of. */
const PACKAGES = 'python3 python3-grpcio python3-protobuf protobuf-compiler libprotobuf-dev'

/** Why Python cannot take part; `undefined` when it can, after an installation if need be. */
export async function whyNoPython(): Promise<string | undefined> {
  const missing = await whatIsMissing()
  if (missing === undefined) return undefined
  const reason = await install(PACKAGES)
  return reason === undefined ? await whatIsMissing() : `${missing}: ${reason}`
}

async function whatIsMissing(): Promise<string | undefined> {
  try {
    await run(PYTHON, ['-c', 'import grpc, google.protobuf'])
  } catch {
    return `${PYTHON} has no grpc or no google.protobuf`
  }
  try {
    await run('protoc', ['-o', '/dev/null', '-I', '/usr/include', 'google/protobuf/any.proto'])
  } catch {
    return 'there is no protoc with its files'
  }
  return undefined
}

/** Python programs that know the messages of the contract. */
export type PythonWorld = AsyncDisposable & {
  /** Runs a program to its end; answers the JSON objects it printed, one a line. */
  run(program: string, ...args: readonly string[]): Promise<readonly unknown[]>
  /** Starts a program that serves; answers the address it prints. */
  serve(program: string, ...args: readonly string[]): Promise<PythonServer>
}

/** A Python program that serves; disposing ends it. */
export type PythonServer = AsyncDisposable & { readonly address: string }

/** Programs of the example, and of these tests. */
export const programs = {
  stock: join(examples, 'python', 'stock.py'),
  ask: join(examples, 'python', 'ask.py'),
  coordinator: join(sources, 'test', 'interop', 'python', 'coordinator.py'),
  customer: join(sources, 'test', 'interop', 'python', 'customer.py'),
} as const

/** Makes the messages anew, in a folder that disposing removes. */
export async function pythonWorld(): Promise<PythonWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'amends-python-'))
  const contract = 'angzarr_client/proto/angzarr'
  await run('protoc', [
    '-I',
    join(sources, 'proto'),
    '-I',
    join(examples, 'proto'),
    `--python_out=${folder}`,
    'stock.proto',
    'google/api/annotations.proto',
    'google/api/http.proto',
    'google/rpc/status.proto',
    'google/rpc/error_details.proto',
    'sererr/v1/sererr.proto',
    `${contract}/types.proto`,
    `${contract}/command_handler.proto`,
    `${contract}/query.proto`,
  ])
  const env = {
    ...process.env,
    POLYGLOT_MESSAGES: folder,
    PYTHONPATH: join(examples, 'python'),
    PYTHONDONTWRITEBYTECODE: '1',
  }
  return {
    run: async (program, ...args) => {
      const { stdout } = await run(PYTHON, [program, ...args], { env })
      return stdout
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line))
    },
    serve: async (program, ...args) => {
      const child = spawn(PYTHON, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      const exited = once(child, 'exit')
      const lines = createInterface({ input: child.stdout })
      const [address] = (await Promise.race([
        once(lines, 'line'),
        exited.then(() => Promise.reject(new Error(`${program} ended before it served`))),
      ])) as readonly unknown[]
      return {
        address: String(address),
        [Symbol.asyncDispose]: async () => {
          child.kill('SIGTERM')
          await exited
        },
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
