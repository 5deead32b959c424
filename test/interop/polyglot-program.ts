/** The TypeScript programs of the example, in processes of their own. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const program = (name: string): string =>
  fileURLToPath(new URL(`../../examples/polyglot/${name}${extension}`, import.meta.url))

/** What every caller of the example prints, whatever the server is written in. */
export const expectedAnswers: readonly unknown[] = [
  { events: ['type.googleapis.com/stock.StockTaken'], sequence: 1 },
  {
    refused: 'NOT_ENOUGH_STOCK',
    status: 'FAILED_PRECONDITION',
    text: 'not enough stock',
    details: { on_hand: '5' },
  },
  {
    refused: 'VALUE_NOT_POSITIVE',
    status: 'INVALID_ARGUMENT',
    text: 'value must be positive',
    details: { field: 'quantity' },
  },
]

/** Runs the caller of the example; answers what it printed. */
export async function askInTypeScript(address: string): Promise<readonly unknown[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [program('ask'), address])
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

/** Starts the server of the example; disposing ends it as an operator would. */
export async function serveInTypeScript(): Promise<AsyncDisposable & { readonly address: string }> {
  const child = spawn(process.execPath, [program('serve')], {
    env: { ...process.env, ANGZARR_BIND_ADDRESS: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => Promise.reject(new Error('the server ended before it served'))),
  ])) as readonly unknown[]
  const { address } = JSON.parse(String(line)) as { readonly address: string }
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
