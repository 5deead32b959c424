import { backupLedger } from '../../ledger/maintain-ledger.ts'
import { type Command, isSet, JSON_OPTION } from '../command.ts'

/** `amends backup <file> <to>`: copies a ledger and says what was copied. */
export const backupCommand: Command = {
  name: 'backup',
  says: 'Copy a ledger while it is in use, and check the copy.',
  takes: ['file', 'to'],
  options: { force: { says: 'Replace a file that is there.' }, json: JSON_OPTION },
  run: async (input, { out }) => {
    const [file = '', to = ''] = input.args
    const copied = await backupLedger(file, to, { overwrite: isSet(input, 'force') })
    const { path, bytes, commits, events } = copied
    if (isSet(input, 'json')) out(JSON.stringify({ path, bytes, commits, events }))
    else out(`${path}: ${events} events of ${commits} commits, ${bytes} bytes, checked`)
    return 0
  },
}
