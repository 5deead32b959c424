import { strict as assert } from 'node:assert'
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { committed, keyNumber, pagesOf } from '../../testing/ledger-contract/kit.ts'
import { seededRandom } from '../../testing/seeded-random.ts'
import { idOf, nthWrite } from './crash-child.test.support.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { temporaryFolder, type TemporaryFolder } from './temporary-ledger.test.support.ts'

const CHECKPOINTED = 60
const WRITTEN = 120

/** A ledger of which half is only in the write-ahead log, as files that nobody has open. */
async function tornFiles(folder: TemporaryFolder): Promise<string> {
  const copy = `${folder.path}.copy`
  for (const [from, to] of [
    [0, CHECKPOINTED],
    [CHECKPOINTED, WRITTEN],
  ] as const) {
    await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
    for (let n = from; n < to; n++) committed(await ledger.commit(nthWrite(n)))
    if (to === WRITTEN) {
      copyFileSync(folder.path, copy)
      copyFileSync(`${folder.path}-wal`, `${copy}-wal`)
    }
  }
  return copy
}

/** Reads everything; the number of writes found, or the code it failed with. */
async function readAll(path: string): Promise<number | string> {
  try {
    await using ledger = await openSqliteLedger(path, { thread: 'inline' })
    const pages = await pagesOf(ledger, keyNumber(0))
    assert.deepEqual(
      pages,
      pages.map((_, n) => `${n}`),
    )
    for (let n = 0; n < WRITTEN; n++) {
      const isStored = n < pages.length
      assert.equal((await ledger.find(idOf(n))) !== undefined, isStored)
      assert.deepEqual(await pagesOf(ledger, keyNumber(n + 1)), isStored ? ['own', 'two'] : [])
      assert.equal((await ledger.row('s', `${n}`)) !== undefined, isStored)
    }
    return pages.length
  } catch (error) {
    if (codeOf(error) === '') throw error
    return codeOf(error)
  }
}

describe('a torn file', () => {
  test('with a cut write-ahead log opens with whole commits, the checkpointed ones at least', async () => {
    using folder = temporaryFolder()
    const copy = await tornFiles(folder)
    const file = readFileSync(copy)
    const wal = readFileSync(`${copy}-wal`)
    const random = seededRandom(42)
    const found = new Set<number>()
    for (let round = 0; round < 25; round++) {
      writeFileSync(copy, file)
      writeFileSync(`${copy}-wal`, wal)
      rmSync(`${copy}-shm`, { force: true })
      truncateSync(`${copy}-wal`, Math.floor(random.fraction() * wal.length))
      const writes = await readAll(copy)
      assert.ok(typeof writes === 'number' && writes >= CHECKPOINTED && writes <= WRITTEN)
      found.add(writes)
    }
    assert.ok(found.size > 5)
  })

  test('with a damaged write-ahead log opens with the whole commits before the damage', async () => {
    using folder = temporaryFolder()
    const copy = await tornFiles(folder)
    const file = readFileSync(copy)
    const wal = readFileSync(`${copy}-wal`)
    const random = seededRandom(43)
    for (let round = 0; round < 15; round++) {
      const damaged = Buffer.from(wal)
      const at = Math.floor(random.fraction() * wal.length)
      damaged[at] = (damaged[at] ?? 0) ^ 0xff
      writeFileSync(copy, file)
      writeFileSync(`${copy}-wal`, damaged)
      rmSync(`${copy}-shm`, { force: true })
      const writes = await readAll(copy)
      assert.ok(typeof writes === 'number' && writes >= CHECKPOINTED && writes <= WRITTEN)
    }
  })

  test('that is cut itself is refused with a code', async () => {
    using folder = temporaryFolder()
    const copy = await tornFiles(folder)
    const file = readFileSync(copy)
    const random = seededRandom(44)
    for (let round = 0; round < 15; round++) {
      rmSync(`${copy}-wal`, { force: true })
      rmSync(`${copy}-shm`, { force: true })
      writeFileSync(copy, file.subarray(0, 1 + Math.floor(random.fraction() * (file.length - 1))))
      const code = await readAll(copy)
      assert.ok(code === 'LEDGER_CORRUPT' || code === 'LEDGER_NOT_A_LEDGER', String(code))
    }
  })
})
