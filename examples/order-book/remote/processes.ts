/**
 * The processes beside the driver: `amends serve` on the ledger, and the components. They talk over
 * Unix sockets in a folder of their own, which only this user can enter.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readModelsOf } from '../database.ts'
import { declarationOf } from './declared-components.ts'
import { keepProcess } from './kept-process.ts'
import { definitionsElsewhere } from './remote-components.ts'

/** Processes that run. Disposing drains the coordinator, then the components. */
export interface Processes extends AsyncDisposable {
  /** Where the coordinator is served. */
  readonly coordinator: string
  /** Where the read models are served. */
  readonly readModels: string
  /** Rejects with CodedError `PROCESS_FAILED` when one of them cannot be kept running. */
  readonly failed: Promise<never>
}

/** Orders under way may be as many, each with a stream and a command. */
const STREAMS_MAX = 10_000

/** Starts them; resolves when both are ready. @throws CodedError `PROCESS_FAILED` */
export async function startProcesses(options: {
  readonly database: string
  readonly say: (line: string) => void
}): Promise<Processes> {
  const { database, say } = options
  await using starting = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'order-book-'))
  starting.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  const [coordinator, readModels] = [join(folder, 'coordinator'), join(folder, 'read-models')]
  const config = join(folder, 'amends.json')
  const content = {
    ledger: database,
    listen: [coordinator],
    maxStreamsPerConnection: STREAMS_MAX,
    components: definitionsElsewhere().map(declarationOf),
  }
  await writeFile(config, JSON.stringify(content))
  const program = fileURLToPath(new URL('./components-program.js', import.meta.url))
  const components = starting.use(
    keepProcess({
      name: 'components',
      args: [program, coordinator, readModels, readModelsOf(database)],
      say,
    }),
  )
  const serve = starting.use(
    keepProcess({ name: 'amends serve', args: [commandLine(), 'serve', '--config', config], say }),
  )
  await Promise.all([components.ready, serve.ready])
  const started = starting.move()
  return {
    coordinator,
    readModels,
    failed: Promise.race([components.failed, serve.failed]),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** The program `amends` of the package. */
export function commandLine(): string {
  const require = createRequire(import.meta.url)
  const manifest = require.resolve('amends/package.json')
  const { bin }: { readonly bin: { readonly amends: string } } = require(manifest)
  return join(dirname(manifest), bin.amends)
}
