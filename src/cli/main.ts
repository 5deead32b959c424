#!/usr/bin/env node
/** The command line, as a process. */
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
})
