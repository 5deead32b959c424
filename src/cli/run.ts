/** The command line as a function: arguments in, text out, an exit code back. */
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { systemClock } from '../clock.ts'
import { CodedError, messageOf } from '../errors.ts'
import { systemRandom } from '../identity.ts'
import {
  type Command,
  type CommandInput,
  type CommandOutput,
  type CommandWorld,
  UsageError,
} from './command.ts'
import { COMMANDS } from './commands.ts'
import { printable } from './text/printable.ts'
import { helpOf, shapeOf, usageOf } from './usage.ts'

/** The exit code of a command that the user has stopped. */
const INTERRUPTED = 130

/**
 * Runs a command line. Exit codes: 0 well, 1 it failed or found something, 2 not understood, 130
 * stopped by the signal.
 */
export async function run(
  argv: readonly string[],
  output: CommandOutput,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const found = commandOf(argv)
  try {
    return await dispatch(argv, found, output, signal)
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`amends: ${printable(error.message)}`)
      output.err(`Try amends ${found === undefined ? '' : `${found.command.name} `}--help.`)
      return 2
    }
    for (const line of describe(error)) output.err(line)
    return signal.aborted ? INTERRUPTED : 1
  }
}

type Found = { readonly command: Command; readonly rest: readonly string[] }

async function dispatch(
  argv: readonly string[],
  found: Found | undefined,
  output: CommandOutput,
  signal: AbortSignal,
): Promise<number> {
  const [first] = argv
  if (first === '--version' || first === '-v') {
    output.out(version())
    return 0
  }
  if (first === '--help' || first === '-h' || first === undefined) {
    for (const line of usageOf(COMMANDS)) output.out(line)
    return first === undefined ? 2 : 0
  }
  if (found === undefined) throw new UsageError(`there is no command ${first}`)
  const { command, rest } = found
  const input = parse(command, rest)
  if (input === 'help') {
    for (const line of helpOf(command)) output.out(line)
    return 0
  }
  const [clock, random, user] = [systemClock(), systemRandom(), userName()]
  const world: CommandWorld = { ...output, signal, clock, random, user }
  return await command.run(input, world)
}

/** The command that is meant: two words go before one. */
function commandOf([first = '', second = '', ...more]: readonly string[]): Found | undefined {
  const named = (name: string): Command | undefined => COMMANDS.find((one) => one.name === name)
  const two = named(`${first} ${second}`)
  if (two !== undefined) return { command: two, rest: more }
  const one = named(first)
  return one && { command: one, rest: second === '' && more.length === 0 ? [] : [second, ...more] }
}

function parse(command: Command, rest: readonly string[]): CommandInput | 'help' {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } }
  for (const [name, { value }] of Object.entries(command.options)) {
    options[name] = { type: value === undefined ? 'boolean' : 'string' }
  }
  const { values, positionals } = parsed(rest, options)
  if (values['help'] === true) return 'help'
  const { takes } = command
  const least = takes.filter((one) => !one.startsWith('[')).length
  if (positionals.length < least || positionals.length > takes.length) {
    throw new UsageError(`the command is: amends ${shapeOf(command)}`)
  }
  takes.forEach((one, at) => {
    if (positionals[at] === '') throw new UsageError(`<${one}> is empty`)
  })
  const given: Record<string, string | true> = {}
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string' || value === true) given[name] = value
  }
  return { args: positionals, options: given }
}

function parsed(
  rest: readonly string[],
  options: ParseArgsOptionsConfig,
): Pick<ReturnType<typeof parseArgs>, 'values' | 'positionals'> {
  try {
    return parseArgs({ args: [...rest], allowPositionals: true, options })
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

/** What failed: its code, its facts, and on the next line what to do. */
function describe(error: unknown): readonly string[] {
  if (!(error instanceof CodedError)) return [`amends: ${printable(messageOf(error))}`]
  const details = Object.entries(error.details).map(([name, value]) => `${name}=${value}`)
  const facts = details.length === 0 ? '' : ` (${details.join(', ')})`
  const line = printable(`amends: ${error.code}: ${error.message}${facts}`)
  return error.hint === '' ? [line] : [line, printable(error.hint)]
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // The system does not know who it is.
    return ''
  }
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
