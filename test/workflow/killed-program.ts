/** Starts the order and hangs in it, until it is killed. */
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { killedWorkflow } from './killed-workflow.ts'

const [, , ledger = '', notes = ''] = process.argv
const workflow = killedWorkflow(notes, true)
// Nothing else keeps a process alive that waits for a promise nobody settles.
setInterval(() => undefined, 1_000)
const sagas = await openSagaManager({ ledger, definitions: [workflow] })
await sagas.run(workflow, { sku: 'chai' }, { id: 'order-42' })
