import { node } from '../child.mjs'

process.exitCode = await node(['scripts/generate.mjs', ...process.argv.slice(2)])
