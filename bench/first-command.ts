/** Opens a coordinator, sends one command, and leaves without draining. */
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import { AddSchema, tally } from './tally.ts'

const coordinator = await openCoordinator({ ledger: process.argv[2] ?? '', components: [tally] })
await coordinator.client('tally').command('a').withMessage(AddSchema, { n: 1 }).execute()
process.exit(0)
