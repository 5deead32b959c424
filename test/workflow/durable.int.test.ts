/** The same workflow object, run by the durable manager on a real ledger. */
import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { EXECUTABLE } from '../../src/machine/bindings.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { processMetrics } from '../../src/telemetry/telemetry.ts'
import { compensationMetrics } from '../../src/workflow/compensation-metrics.ts'
import { executionMetrics } from '../../src/workflow/execution-metrics.ts'
import { compensating } from '../../src/workflow/compensating.ts'
import { CompensationPrimitive } from '../../src/workflow/compensation-primitive.ts'
import { RetryPrimitive } from '../../src/workflow/retry-primitive.ts'
import { conditional } from '../../src/workflow/conditional-primitive.ts'
import { parallel } from '../../src/workflow/workflow-primitive.ts'
import { killedWorkflow } from './killed-workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'amends-workflow-'))
after(() => rmSync(folder, { recursive: true }))
let ledgers = 0
const ledger = (): string => join(folder, `${ledgers++}.db`)

describe('a workflow in the durable manager', () => {
  it('runs as in memory: outputs flow, the original order is undone', async () => {
    const calls: string[] = []
    const keys: (string | undefined)[] = []
    const workflow = new CompensationPrimitive(
      [
        {
          name: 'reserve',
          run: async (order: { sku: string }, context) => {
            keys.push(context.idempotencyKey)
            return { ...order, reservationId: 'r-1' }
          },
          compensate: (output, _context, info) => {
            calls.push(`released ${output.reservationId} ${info.reason} ${info.idempotencyKey}`)
          },
        },
        {
          name: 'ship',
          run: (order) => {
            if (order.sku === 'bad') throw new Error('no carrier')
            return order.reservationId
          },
        },
      ],
      { name: 'order' },
    )
    await using sagas = await openSagaManager({ ledger: ledger(), definitions: [workflow] })
    const good = await sagas.run(workflow, { sku: 'good' }, { id: 'o-1' })
    assert.equal(good.forward, 'completed')
    assert.equal(good.context, 'r-1')
    const bad = await sagas.run(workflow, { sku: 'bad' }, { id: 'o-2' })
    assert.equal(bad.forward, 'failed')
    assert.equal(bad.backward, 'done')
    assert.deepEqual(bad.undone, ['reserve'])
    assert.deepEqual(calls, ['released r-1 ship_failed o-2/reserve/undo'])
    assert.deepEqual(keys, ['o-1/reserve', 'o-2/reserve'])
    const { total } = compensationMetrics(processMetrics())
    assert.equal(total.value({ primitive: 'order' }), 1)
    const runs = executionMetrics(processMetrics())
    assert.equal(runs.total.value({ primitive: 'order', outcome: 'completed' }), 1)
    assert.equal(runs.total.value({ primitive: 'order', outcome: 'failed' }), 1)
    assert.equal(runs.seconds.value({ primitive: 'order' })?.count, 2)
    // Asked again, an execution that has ended answers without another run.
    await sagas.run(workflow, { sku: 'bad' }, { id: 'o-2' })
    assert.equal(runs.total.value({ primitive: 'order', outcome: 'failed' }), 1)
  })

  it('workflows, groups and choices inside are journalled and unwind with it', async () => {
    const calls: string[] = []
    const branch = (name: string) =>
      new CompensationPrimitive([[(n: number) => n, () => calls.push(`undo ${name}`)]], { name })
    const workflow = compensating('nested')
      .step(branch('first'))
      .step(parallel(branch('left'), branch('right')))
      .step(([left]) => left)
      .step(conditional({ if: (n) => n > 0, then: branch('then') }))
      .step('last', (): number => {
        throw new Error('last')
      })
      .build()
    await using sagas = await openSagaManager({ ledger: ledger(), definitions: [workflow] })
    const run = await sagas.run(workflow, 1)
    assert.equal(run.backward, 'done')
    assert.deepEqual(calls, ['undo then', 'undo right', 'undo left', 'undo first'])
  })

  it('undos are registered by name while an operation runs; functions are refused', async () => {
    const calls: string[] = []
    const workflow = new CompensationPrimitive(
      [
        {
          name: 'create',
          run: async (n: number, context) => {
            await context.addCompensation('drop', { n })
            return n
          },
        },
        {
          name: 'closure',
          run: async (n, context) => {
            await context.addCompensation(() => calls.push('never'))
            return n
          },
        },
      ],
      { name: 'registered', undos: { drop: (data) => calls.push(JSON.stringify(data)) } },
    )
    await using sagas = await openSagaManager({ ledger: ledger(), definitions: [workflow] })
    const run = await sagas.run(workflow, 7)
    assert.equal(run.forward, 'failed')
    assert.equal(codeOf(run.error), 'COMPENSATION_UNAVAILABLE')
    assert.deepEqual(calls, ['{"n":7}'])
  })

  it('can be undone later', async () => {
    const calls: string[] = []
    const workflow = new CompensationPrimitive([[(n: number) => n, () => calls.push('undo')]], {
      name: 'later',
    })
    await using sagas = await openSagaManager({ ledger: ledger(), definitions: [workflow] })
    await sagas.run(workflow, 1, { id: 'l-1' })
    await sagas.compensate('l-1', 'returned')
    assert.deepEqual(calls, ['undo'])
  })

  it('needs a name, and nothing that hides a compensation', () => {
    const inner = new CompensationPrimitive([[(n: number) => n, () => undefined]])
    const hiding = new CompensationPrimitive([[new RetryPrimitive(inner)]], { name: 'hiding' })
    for (const workflow of [inner, hiding]) {
      assert.throws(
        () => workflow[EXECUTABLE](),
        (error) => codeOf(error) === 'WORKFLOW_INVALID',
      )
    }
    const covered = new CompensationPrimitive([[new RetryPrimitive(inner), () => undefined]], {
      name: 'covered',
    })
    assert.equal(covered[EXECUTABLE]().definition.name, 'covered')
  })

  it('goes on after kill -9: what was done is not done again, what failed is undone', async () => {
    const path = ledger()
    const notes = join(folder, 'notes')
    writeFileSync(notes, '')
    const child = spawn(
      process.execPath,
      [...process.execArgv.filter((arg) => !arg.startsWith('--test')), program(), path, notes],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    await untilNoted(child, notes, 'charge')
    child.kill('SIGKILL')
    await once(child, 'exit')
    appendFileSync(notes, 'killed\n')
    const workflow = killedWorkflow(notes, false)
    await using sagas = await openSagaManager({ ledger: path, definitions: [workflow] })
    const run = await sagas.run(workflow, { sku: 'chai' }, { id: 'order-42' })
    assert.equal(run.forward, 'failed')
    assert.equal(run.backward, 'done')
    assert.deepEqual(readFileSync(notes, 'utf8').trim().split('\n'), [
      'reserve order-42/reserve',
      'charge order-42/charge',
      'killed',
      'charge order-42/charge',
      'ship',
      'refund c-1',
      'release r-1',
    ])
  })
})

function program(): string {
  return new URL('./killed-program.js', import.meta.url).pathname
}

async function untilNoted(child: ChildProcess, notes: string, word: string): Promise<void> {
  while (child.exitCode === null) {
    if (existsSync(notes) && readFileSync(notes, 'utf8').includes(word)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the program ended')
}
