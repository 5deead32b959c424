import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { collect, keyNumber, pagesOf } from '../../testing/ledger-contract/kit.ts'
import type { Ledger } from '../ledger.ts'
import { idOf } from './crash-child.test.support.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

const CHILD = fileURLToPath(new URL('./crash-child.test.support.js', import.meta.url))

/** Runs a writing process until it dies and returns the writes that it acknowledged. */
async function runUntilKilled(path: string, mode: string, killAfter?: number): Promise<number[]> {
  const child = spawn(process.execPath, [CHILD, path, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (killAfter !== undefined && output.split('\n').length > killAfter) child.kill('SIGKILL')
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  assert.equal(signal, 'SIGKILL')
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)
}

/** How many writes are there; asserts that they are whole and the first ones without a gap. */
async function storedWrites(ledger: Ledger): Promise<number> {
  const stored = (await pagesOf(ledger, keyNumber(0))).length
  for (let n = 0; n < stored + 16; n++) {
    const isStored = n < stored
    assert.equal((await ledger.find(idOf(n))) !== undefined, isStored)
    assert.equal(await ledger.head(keyNumber(n + 1)), isStored ? 2 : 0)
    assert.equal((await ledger.row('s', `${n}`)) !== undefined, isStored)
    const claim = { scope: keyNumber(0), key: `${n}` }
    assert.equal((await ledger.claimed(claim)) !== undefined, isStored)
  }
  const log = await collect(ledger.log(0, { limit: 500 }))
  assert.deepEqual(
    log.map((event) => event.position),
    Array.from({ length: stored * 3 }, (_, i) => i + 1),
  )
  return stored
}

describe('a killed process', () => {
  for (const thread of ['inline', 'worker']) {
    test(`loses nothing that it acknowledged, ${thread}`, async () => {
      using folder = temporaryFolder()
      let before = 0
      for (const killAfter of [3, 120, 47]) {
        const acknowledged = await runUntilKilled(folder.path, thread, killAfter)
        await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
        const stored = await storedWrites(ledger)
        assert.ok(acknowledged.length >= killAfter)
        assert.ok(stored >= before + acknowledged.length)
        assert.ok(stored > Math.max(...acknowledged))
        before = stored
      }
    })
  }

  test('before a COMMIT: nothing of its group is there', async () => {
    using folder = temporaryFolder()
    const acknowledged = await runUntilKilled(folder.path, 'before:4')
    await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
    assert.equal(await storedWrites(ledger), acknowledged.length)
  })

  test('after a COMMIT: all of its group is there although nobody was told', async () => {
    using folder = temporaryFolder()
    const acknowledged = await runUntilKilled(folder.path, 'after:4')
    await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
    assert.ok((await storedWrites(ledger)) > acknowledged.length)
  })

  test('leaves a ledger in which a write is found by its id and not stored twice', async () => {
    using folder = temporaryFolder()
    const acknowledged = await runUntilKilled(folder.path, 'after:2')
    await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
    const stored = await storedWrites(ledger)
    const first = await ledger.find(idOf(acknowledged.length))
    assert.ok(first !== undefined)
    const again = await ledger.commit({
      id: first.id,
      appends: [{ key: keyNumber(0), at: 0, events: [], correlationId: '' }],
      rows: [{ kind: 'remove', space: 's', key: '0', expected: 'any' }],
    })
    assert.deepEqual(again, first)
    assert.equal(await storedWrites(ledger), stored)
    assert.equal(await ledger.find(idMaker()()), undefined)
  })
})
