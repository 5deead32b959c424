/**
 * A program that runs, or stands by to run, the sagas of a ledger: `<ledger> <world>`. What takes effect
 * is a line of the file `world`. It says how it stands, and ends when its input does.
 */
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { ordering } from './stand-by-saga.ts'

const [ledger = '', world = ''] = process.argv.slice(2)
const { saga, participants } = ordering(world)
// A killed holder's lease is free at once: its process is gone.
const limits = { leaseRenewalMs: 50, operatorPollMs: 5 }
await using _ = await openSagaManager({ ledger, definitions: [saga], participants, limits })
process.stdout.write('opened\n')
await new Promise((resolve) => process.stdin.on('end', resolve).resume())
