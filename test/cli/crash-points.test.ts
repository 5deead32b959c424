/** Requests of operators, and a process that dies at every commit while it carries them out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeIds } from '../../src/identity.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { lookAtExecution } from '../../src/saga/operator/look-at-execution.ts'
import { answerOf, storeRequest } from '../../src/saga/operator/send-request.ts'
import { executionStream } from '../../src/saga/journal/execution-stream.ts'
import { REQUESTS } from '../../src/saga/operator/request-row.ts'
import { readRow } from '../../src/saga/runner/read-execution.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { dyingLedger } from '../saga/dying-ledger.ts'
import { sagaLedger } from '../saga/sagas.ts'
import { until } from '../coordinator/until.ts'

const FAULTS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

test('a request is carried out once, at whatever commit the process dies', async () => {
  await using home = await sagaLedger()
  const clock = fakeClock()
  const random = seededRandom(3)
  const newId = writeIds(clock, random)
  let isBroken = true
  const order = new Saga<object>('order')
    .localStep(() => undefined, { name: 'card', undoRetry: { maxAttempts: 1 } })
    .onFailure(() => {
      if (isBroken) throw new Error('the bank is closed')
    })
    .localStep(
      () => {
        throw refuse('no carrier')
      },
      { name: 'ship' },
    )
    .commit()
  const open = async (ledger: Ledger) =>
    await openSagaManager({
      ledger,
      definitions: [order],
      clock,
      random,
      log: () => undefined,
    })
  let deaths = 0
  const crash = async (id: string, at: number, fault: FaultKind): Promise<number> => {
    isBroken = true
    {
      const sagas = await open(home.ledger)
      await sagas.run(order, {}, { id })
      await sagas[Symbol.asyncDispose]()
    }
    isBroken = false
    const wish = {
      kind: 'resolve',
      path: 'card',
      verb: 'retry',
      reason: 'open',
    } as const
    const request = {
      id: `r-${id}`,
      execution: id,
      by: 'ann',
      askedAt: clock.wall(),
      wish,
    }
    await storeRequest(home.ledger, newId(), request)
    const dying = dyingLedger(home.ledger, at, fault)
    const isOver = async (): Promise<boolean> =>
      (await answerOf(home.ledger, request.id)) !== undefined &&
      (await readRow(home.ledger, id)).standing === 'compensated'
    const first = await open(dying)
    await until(async () => dying.isDead || (await isOver()), clock)
    if (dying.isDead) {
      deaths++
      await clock.advanceAsync(20_000)
      const second = await open(home.ledger)
      await until(isOver, clock)
      await second[Symbol.asyncDispose]()
    } else await first[Symbol.asyncDispose]()
    const { entries } = await lookAtExecution(home.ledger, id)
    assert.equal(entries.filter(({ kind }) => kind === 'resolved').length, 1, `${fault} ${at}`)
    const row = await home.ledger.row(REQUESTS, request.id)
    const events = (
      await Array.fromAsync(home.ledger.stream(executionStream(id), { from: 0 }))
    ).flat()
    const resolved = events.find(({ type }) => type.endsWith('ItemResolved'))
    assert.deepEqual([row?.group, row?.version], ['answered', resolved?.commit], `${fault} ${at}`)
    return dying.commits
  }
  const commits = await crash('undisturbed', 0, 'before')
  assert.ok(commits >= 2)
  for (let at = 1; at <= commits; at++) {
    for (const fault of FAULTS) await crash(`${fault}-${at}`, at, fault)
  }
  assert.equal(deaths, commits * 2)
})
