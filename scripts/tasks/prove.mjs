import { build } from '../build.mjs'
import { node } from '../child.mjs'

const program = ['--enable-source-maps', 'dist/test/prove/main.js']
const code = await build({ unlessUnchanged: true })
process.exitCode = code === 0 ? await node([...program, ...process.argv.slice(2)]) : code
