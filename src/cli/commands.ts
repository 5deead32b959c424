/** Every command of the command line, in the order of its help. */
import type { Command } from './command.ts'
import { backupCommand } from './commands/backup-command.ts'
import { checkCommand } from './commands/check-command.ts'
import { deadLetterCommand } from './commands/dead-letter-command.ts'
import { deadLettersCommand } from './commands/dead-letters-command.ts'
import { initCommand } from './commands/init-command.ts'
import { resolveCommands } from './commands/saga-resolve-commands.ts'
import { sagaCommand } from './commands/saga-command.ts'
import { sagasCommand } from './commands/sagas-command.ts'
import { wishCommands } from './commands/saga-wish-commands.ts'
import { statusCommand } from './commands/status-command.ts'
import { serveCommand } from './serve-command.ts'

/** See the top of this file. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  statusCommand,
  sagasCommand,
  sagaCommand,
  ...resolveCommands,
  ...wishCommands,
  deadLettersCommand,
  deadLetterCommand,
  checkCommand,
  backupCommand,
  initCommand,
]
