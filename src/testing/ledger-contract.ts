/**
 * The contract of a ledger, as tests: whatever passes them may stand behind Amends.
 *
 * Usage: `ledgerContract('my ledger', async ({ clock }) => ({ ledger: await open(clock), ... }))` in
 * a file that `node --test` runs.
 */
import { appends } from './ledger-contract/appends.ts'
import { conditions } from './ledger-contract/conditions.ts'
import { deletions } from './ledger-contract/deletions.ts'
import {
  type ContractPart,
  type OpenedLedger,
  type OpenForContract,
  withKit,
} from './ledger-contract/kit.ts'
import { lifecycle } from './ledger-contract/lifecycle.ts'
import { log } from './ledger-contract/log.ts'
import { rows } from './ledger-contract/rows.ts'
import { snapshots } from './ledger-contract/snapshots.ts'

export type { OpenedLedger, OpenForContract }

/**
 * Registers the contract's tests with `node:test`.
 *
 * @param name stands before the tests
 * @param open opens an empty ledger for each of them
 */
export function ledgerContract(name: string, open: OpenForContract): void {
  // Only here, so that importing this package does not start a test run.
  const { describe, test } = process.getBuiltinModule('node:test')
  for (const [part, tests] of Object.entries(PARTS)) {
    describe(`${name}: ${part}`, () => {
      for (const { title, run } of tests) {
        test(title, async (context) => withKit(open, (reason) => context.skip(reason), run))
      }
    })
  }
}

const PARTS: Readonly<Record<string, ContractPart>> = {
  streams: appends,
  'conditions and claims': conditions,
  rows,
  snapshots,
  deletions,
  log,
  lifecycle,
}
