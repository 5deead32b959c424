import { build } from '../build.mjs'

process.exitCode = await build()
