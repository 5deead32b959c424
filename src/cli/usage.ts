/** The help texts of the command line, made from the commands themselves. */
import type { Command } from './command.ts'

/** What `amends --help` shows. */
export function usageOf(commands: readonly Command[]): readonly string[] {
  const shapes = commands.map(shapeOf)
  const width = Math.max(...shapes.map((shape) => shape.length))
  return [
    'Usage: amends <command> [options]',
    '',
    ...commands.map(({ says }, at) => `  ${(shapes[at] ?? '').padEnd(width)}  ${says}`),
    '',
    'A file is that of a ledger; it may be in use by a running process.',
    'Each command explains itself: amends <command> --help. Also: amends --version.',
    'Exit codes: 0 done, 1 refused or failed, 2 not understood.',
  ]
}

/** What `amends <command> --help` shows. */
export function helpOf(command: Command): readonly string[] {
  const options = Object.entries(command.options).map(([name, { value, says }]) => ({
    shape: value === undefined ? `--${name}` : `--${name} <${value}>`,
    says,
  }))
  const width = Math.max(0, ...options.map(({ shape }) => shape.length))
  return [
    `Usage: amends ${shapeOf(command)}${options.length === 0 ? '' : ' [options]'}`,
    '',
    command.says,
    ...(command.more ?? []),
    ...(options.length === 0 ? [] : ['']),
    ...options.map(({ shape, says }) => `  ${shape.padEnd(width)}  ${says}`),
  ]
}

/** A command with its arguments: `saga retry <file> <id> <path>`. */
export function shapeOf({ name, takes }: Command): string {
  return [name, ...takes.map((one) => (one.startsWith('[') ? one : `<${one}>`))].join(' ')
}
