import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ledger } from '../ledger.ts'
import { ledgerContract } from '../../testing/ledger-contract.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'

for (const [thread, durability] of [
  ['inline', 'may-lose-last-commits'],
  ['worker', 'full'],
] as const) {
  ledgerContract(`sqlite, ${thread}`, async ({ clock }) => {
    const folder = mkdtempSync(join(tmpdir(), 'amends-ledger-'))
    const path = join(folder, 'ledger.db')
    const opened: Ledger[] = []
    const open = async (): Promise<Ledger> => {
      const ledger = await openSqliteLedger(path, { thread, clock, durability })
      opened.push(ledger)
      return ledger
    }
    const ledger = await open()
    return {
      ledger,
      second: open,
      reopen: async () => {
        await ledger[Symbol.asyncDispose]()
        return open()
      },
      [Symbol.asyncDispose]: async () => {
        for (const one of opened) await one[Symbol.asyncDispose]()
        rmSync(folder, { recursive: true })
      },
    }
  })
}
