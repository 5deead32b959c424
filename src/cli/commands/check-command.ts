import { checkLedger } from '../../ledger/maintain-ledger.ts'
import { type Command, isSet, JSON_OPTION } from '../command.ts'

/** `amends check <file>`: looks for damage and says what was found. */
export const checkCommand: Command = {
  name: 'check',
  says: 'Look for damage. Exit code 1 when there is any.',
  takes: ['file'],
  options: { json: JSON_OPTION },
  run: async (input, { out }) => {
    const check = await checkLedger(input.args[0] ?? '')
    const { path, clean, findings, commits, events, streams } = check
    if (isSet(input, 'json')) {
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
