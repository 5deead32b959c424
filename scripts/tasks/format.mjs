import { tool } from '../child.mjs'

process.exitCode = await tool('prettier/bin/prettier.cjs', ['--write', '--log-level=warn', '.'])
