/** What a command of the command line is. */

/** Where a command writes, a line at a time. */
export type CommandOutput = {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
}

/** Flags that commands know. */
export type CommandFlags = { readonly json: boolean; readonly force: boolean }

/** A command: takes its arguments and returns the exit code. */
export type Command = {
  /** Names of the arguments it takes; all of them, and no others. */
  readonly arguments: readonly string[]
  readonly flags: readonly (keyof CommandFlags)[]
  readonly run: (
    args: readonly string[],
    flags: CommandFlags,
    output: CommandOutput,
  ) => Promise<number>
}

/** Input that cannot be understood; the command line ends with exit code 2. */
export class UsageError extends Error {}
