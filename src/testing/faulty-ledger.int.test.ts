import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { codeOf } from '../errors.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import type { Ledger, Write } from '../ledger/ledger.ts'
import { idMaker, temporaryFolder } from '../ledger/sqlite/temporary-ledger.test.support.ts'
import { type FaultyLedger, faultyLedger } from './faulty-ledger.ts'
import { append, keyNumber, pagesOf } from './ledger-contract/kit.ts'

const newId = idMaker()
const write = (at: number): Write => ({ id: newId(), appends: [append(keyNumber(1), at, `${at}`)] })
const codeFor = (ledger: Ledger, one: Write): Promise<string> =>
  ledger.commit(one).then(
    (outcome) => outcome.kind,
    (error) => codeOf(error) || 'no code',
  )

async function withFaults(run: (ledger: FaultyLedger) => Promise<void>): Promise<void> {
  using folder = temporaryFolder()
  await using ledger = faultyLedger(await openLedger(folder.path, { thread: 'inline' }))
  await run(ledger)
}

describe('faultyLedger', () => {
  test('fails a commit before, after, or done but reported as unknown', async () => {
    await withFaults(async (ledger) => {
      ledger.failAt(1, 'before')
      ledger.failAt(2, 'after')
      ledger.failAt(3, 'done-but-reported-failed')
      const writes = [write(0), write(0), write(1), write(2)]
      const codes: string[] = []
      for (const one of writes) codes.push(await codeFor(ledger, one))
      assert.deepEqual(codes, [
        'LEDGER_WRITE_FAILED',
        'no code',
        'COMMIT_OUTCOME_UNKNOWN',
        'committed',
      ])
      assert.deepEqual(await pagesOf(ledger, keyNumber(1)), ['0', '1', '2'])
      const [before, after] = writes
      assert.equal(before && (await ledger.find(before.id)), undefined)
      assert.notEqual(after && (await ledger.find(after.id)), undefined)
      assert.equal(ledger.commits, 4)
    })
  })

  test('fails what a predicate picks until it heals', async () => {
    await withFaults(async (ledger) => {
      ledger.failAt((one) => one.appends?.[0]?.at === 1, 'before')
      assert.equal(await codeFor(ledger, write(0)), 'committed')
      assert.equal(await codeFor(ledger, write(1)), 'LEDGER_WRITE_FAILED')
      assert.equal(await codeFor(ledger, write(1)), 'LEDGER_WRITE_FAILED')
      ledger.heal()
      assert.equal(await codeFor(ledger, write(1)), 'committed')
    })
  })

  test('holds commits back and lets them go in their order', async () => {
    await withFaults(async (ledger) => {
      const resume = ledger.pause()
      const offered = [0, 1, 2].map((at) => ledger.commit(write(at)))
      await new Promise((resolve) => setTimeout(resolve, 5))
      assert.equal(await ledger.head(keyNumber(1)), 0)
      resume()
      offered.push(ledger.commit(write(3)))
      const outcomes = await Promise.all(offered)
      assert.deepEqual(
        outcomes.map((outcome) => outcome.kind),
        ['committed', 'committed', 'committed', 'committed'],
      )
    })
  })
})
