/**
 * A shop as a program: `node shop-program.js <ledger> [<commit> <before|after>]`. It says when it is
 * open, sells what there is, says when it is done, and kills itself at a commit if it is told to.
 * With commit 0 it closes when it is done; without one it lives until it is killed.
 */
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { openCoordinator } from '../../src/coordinator/open-coordinator.ts'
import { sell, sellingComponents } from './selling.ts'

const [, , path = '', fatal, death = 'after'] = process.argv

/** Kills this process at the nth commit. */
function fatalLedger(ledger: Ledger): Ledger {
  let commits = 0
  const commit = ledger.commit.bind(ledger)
  ledger.commit = async (write, options) => {
    const isFatal = ++commits === Number(fatal)
    if (isFatal && death === 'before') process.kill(process.pid, 'SIGKILL')
    const outcome = await commit(write, options)
    if (isFatal) process.kill(process.pid, 'SIGKILL')
    return outcome
  }
  return ledger
}

const ledger = fatalLedger(await openSqliteLedger(path))
const coordinator = await openCoordinator({ ledger, components: sellingComponents() })
process.stdout.write('open\n')
await sell(coordinator)
await coordinator.settled()
process.stdout.write('done\n')
if (fatal === undefined) setInterval(() => undefined, 60_000)
else {
  await coordinator[Symbol.asyncDispose]()
  await ledger[Symbol.asyncDispose]()
}
