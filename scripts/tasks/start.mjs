// Builds what changed, quietly, and then is the example: standard output is the program's alone.
import { build } from '../build.mjs'
import { node } from '../child.mjs'

const program = ['--enable-source-maps', 'dist/examples/order-book/main.js']
const code = await build({ unlessUnchanged: true, stdout: 'stderr' })
process.exitCode = code === 0 ? await node([...program, ...process.argv.slice(2)]) : code
