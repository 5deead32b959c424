/** What a command of the command line is. */
import type { Clock } from '../clock.ts'
import type { Random } from '../identity.ts'

/** Where a command writes, a line at a time. */
export type CommandOutput = {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
}

/** What a command has beside its arguments. */
export type CommandWorld = CommandOutput & {
  /** Aborts when the user wants to stop. */
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly random: Random
  /** Who types, when the system knows. */
  readonly user: string
}

/** An option of a command: `--json`, or `--limit <n>`. */
export type CommandOption = {
  /** What stands for its value in the help; without one it is a switch. */
  readonly value?: string | undefined
  readonly says: string
}

/** What was typed behind the name of a command. */
export type CommandInput = {
  /** One for each argument. */
  readonly args: readonly string[]
  /** Values of options by name, `true` for switches that were given. */
  readonly options: Readonly<Record<string, string | true | undefined>>
}

/** A command: takes its arguments and returns the exit code. */
export type Command = {
  /** One word, or two. */
  readonly name: string
  /** What it does, in one line. */
  readonly says: string
  /** Names of the arguments it takes: all of them, and no others; `[name]` may be missing. */
  readonly takes: readonly string[]
  readonly options: Readonly<Record<string, CommandOption>>
  /** More about it, for its own help. */
  readonly more?: readonly string[] | undefined
  readonly run: (input: CommandInput, world: CommandWorld) => Promise<number>
}

/** Input that cannot be understood; the command line ends with exit code 2. */
export class UsageError extends Error {}

/** The option that every command with an answer for programs has. */
export const JSON_OPTION: CommandOption = { says: 'Answer with JSON, one object per line.' }

/** The value of an option that was given. */
export function textOption({ options }: CommandInput, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** Whether a switch was given. */
export function isSet({ options }: CommandInput, name: string): boolean {
  return options[name] === true
}
