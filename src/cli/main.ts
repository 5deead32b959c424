#!/usr/bin/env node
/** The command line, as a process. */
import { run } from './run.ts'

const stopping = new AbortController()
// Asked twice, it ends at once.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopping.abort())
}
// Whoever read the output has seen enough: `amends sagas shop.db | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  stopping.abort()
})

process.exitCode = await run(
  process.argv.slice(2),
  {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  },
  stopping.signal,
)
