import { checkLedger } from '../ledger/maintain-ledger.ts'
import type { Command } from './command.ts'

/** `amends check <ledger>`: looks for damage and says what was found. */
export const checkCommand: Command = {
  arguments: ['ledger'],
  flags: ['json'],
  run: async ([ledger = ''], { json }, { out }) => {
    const check = await checkLedger(ledger)
    const { path, clean, findings, commits, events, streams } = check
    if (json) {
      out(JSON.stringify(check))
    } else if (clean) {
      out(`${path}: clean; ${events} events in ${streams} streams, ${commits} commits`)
    } else {
      out(`${path}: damaged`)
      for (const { rule, detail } of findings) out(`  not so: ${rule} (${detail})`)
    }
    return clean ? 0 : 1
  },
}
