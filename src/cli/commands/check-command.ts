import { checkPayloads, type PayloadCheck } from '../../coordinator/payloads/stored-payloads.ts'
import { checkLedger } from '../../ledger/maintain-ledger.ts'
import { type Command, type CommandWorld, isSet, JSON_OPTION } from '../command.ts'
import { openExisting } from '../open-existing.ts'

/** `amends check <file>`: looks for damage and says what was found. */
export const checkCommand: Command = {
  name: 'check',
  says: 'Look for damage. Exit code 1 when there is any.',
  takes: ['file'],
  options: { json: JSON_OPTION },
  more: ['Payloads that are kept beside the ledger are read too.'],
  run: async (input, world) => {
    const { out } = world
    const check = await checkLedger(input.args[0] ?? '')
    const { path, clean, findings, commits, events, streams } = check
    // In a damaged file there is no telling what else is missing.
    const payloads = clean ? await payloadsOf(path, world) : undefined
    const whole = clean && (payloads === undefined || payloads.findings.length === 0)
    if (isSet(input, 'json')) {
      out(JSON.stringify(payloads === undefined ? check : { ...check, clean: whole, payloads }))
    } else if (clean) {
      out(`${path}: clean; ${events} events in ${streams} streams, ${commits} commits`)
      if (payloads !== undefined) sayPayloads(payloads, out)
    } else {
      out(`${path}: damaged`)
      for (const { rule, detail } of findings) out(`  not so: ${rule} (${detail})`)
    }
    return whole ? 0 : 1
  },
}

async function payloadsOf(path: string, world: CommandWorld): Promise<PayloadCheck | undefined> {
  await using ledger = await openExisting(path, world)
  return await checkPayloads({ ledger, path, clock: world.clock, random: world.random })
}

function sayPayloads(check: PayloadCheck, out: CommandWorld['out']): void {
  const { folder, events, payloads, findings } = check
  if (findings.length === 0) {
    out(`${folder}: clean; ${payloads} payloads of ${events} events`)
    return
  }
  out(`${folder}: damaged; ${findings.length} of ${payloads} payloads`)
  for (const finding of findings.slice(0, FINDINGS_SHOWN)) out(`  ${finding}`)
  if (findings.length > FINDINGS_SHOWN) out('  and more')
}

const FINDINGS_SHOWN = 20
