/** The command line as a function: arguments in, text out, an exit code back. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CodedError, messageOf } from '../errors.ts'
import { backupCommand } from './backup-command.ts'
import { checkCommand } from './check-command.ts'
import { type Command, type CommandOutput, UsageError } from './command.ts'
import { USAGE } from './usage.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  backup: backupCommand,
  check: checkCommand,
}

/** Runs a command line. Exit codes: 0 well, 1 it failed or found something, 2 not understood. */
export async function run(argv: readonly string[], output: CommandOutput): Promise<number> {
  try {
    return await dispatch(argv, output)
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`amends: ${error.message}`)
      output.err('Try amends --help.')
      return 2
    }
    output.err(`amends: ${describe(error)}`)
    return 1
  }
}

async function dispatch(argv: readonly string[], output: CommandOutput): Promise<number> {
  const { values, positionals } = parse(argv)
  if (values.version === true) {
    output.out(version())
    return 0
  }
  const [name, ...args] = positionals
  if (values.help === true || name === undefined) {
    output.out(USAGE.trimEnd())
    return values.help === true ? 0 : 2
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new UsageError(`there is no command ${name}`)
  if (args.length !== command.arguments.length) {
    const wanted = command.arguments.map((one) => `<${one}>`).join(' ')
    throw new UsageError(`${name} takes ${wanted}`)
  }
  const flags = { json: values.json === true, force: values.force === true }
  for (const flag of ['json', 'force'] as const) {
    if (flags[flag] && !command.flags.includes(flag)) {
      throw new UsageError(`${name} does not know --${flag}`)
    }
  }
  return command.run(args, flags, output)
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
        json: { type: 'boolean' },
        force: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

function describe(error: unknown): string {
  if (!(error instanceof CodedError)) return messageOf(error)
  const details = Object.entries(error.details).map(([name, value]) => `${name}=${value}`)
  const facts = details.length === 0 ? '' : ` (${details.join(', ')})`
  const hint = error.hint === '' ? '' : `\n${error.hint}`
  return `${error.code}: ${error.message}${facts}${hint}`
}

/** From the manifest, which lies at another depth before and after the build. */
function version(): string {
  for (let up = '../..'; up.length < 24; up += '/..') {
    try {
      const file = new URL(`${up}/package.json`, import.meta.url)
      const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
      if (typeof manifest !== 'object' || manifest === null) continue
      if (!('name' in manifest) || manifest.name !== 'amends') continue
      if ('version' in manifest) return String(manifest.version)
    } catch {
      // Not at this depth.
    }
  }
  return 'unknown'
}
