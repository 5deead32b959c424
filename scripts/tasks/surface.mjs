// Writes the snapshots of the public surface anew, for review.
import { build } from '../build.mjs'
import { node } from '../child.mjs'

const code = await build()
process.exitCode = code === 0 ? await node(['dist/test/package/write-surface.js']) : code
