import { backupLedger } from '../ledger/maintain-ledger.ts'
import type { Command } from './command.ts'

/** `amends backup <ledger> <to>`: copies a ledger and says what was copied. */
export const backupCommand: Command = {
  arguments: ['ledger', 'to'],
  flags: ['force', 'json'],
  run: async ([ledger = '', to = ''], { force, json }, { out }) => {
    const { path, bytes, commits, events } = await backupLedger(ledger, to, { overwrite: force })
    if (json) out(JSON.stringify({ path, bytes, commits, events }))
    else out(`${path}: ${events} events of ${commits} commits, ${bytes} bytes, checked`)
    return 0
  },
}
