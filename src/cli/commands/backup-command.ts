import { copyPayloads } from '../../coordinator/payloads/stored-payloads.ts'
import { backupLedger } from '../../ledger/maintain-ledger.ts'
import { type Command, isSet, JSON_OPTION } from '../command.ts'
import { openExisting } from '../open-existing.ts'

/** `amends backup <file> <to>`: copies a ledger, with its payloads, and says what was copied. */
export const backupCommand: Command = {
  name: 'backup',
  says: 'Copy a ledger while it is in use, and check the copy.',
  takes: ['file', 'to'],
  options: { force: { says: 'Replace a file that is there.' }, json: JSON_OPTION },
  more: ['Payloads that are kept beside the ledger are copied into the folder <to>.payloads.'],
  run: async (input, world) => {
    const { out, clock, random } = world
    const [file = '', to = ''] = input.args
    const copied = await backupLedger(file, to, { overwrite: isSet(input, 'force') })
    const { path, bytes, commits, events } = copied
    await using ledger = await openExisting(path, world)
    const payloads = await copyPayloads({ ledger, path, from: file, clock, random })
    if (isSet(input, 'json')) {
      out(JSON.stringify({ path, bytes, commits, events, ...(payloads && { payloads }) }))
    } else {
      out(`${path}: ${events} events of ${commits} commits, ${bytes} bytes, checked`)
      if (payloads !== undefined) out(`${payloads.folder}: ${payloads.payloads} payloads, checked`)
    }
    return 0
  },
}
