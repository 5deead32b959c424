import { strict as assert } from 'node:assert'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { CodedError } from '../../errors.ts'
import { append, committed, keyNumber, rejectsWith } from '../../testing/ledger-contract/kit.ts'
import { openLedger } from '../open-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

async function refusal(path: string): Promise<CodedError> {
  const error: unknown = await openLedger(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof CodedError)
  assert.notEqual(error.hint, '')
  assert.equal(error.details['path'], path)
  return error
}

describe('openLedger', () => {
  test('refuses a text file and leaves it as it is', async () => {
    using folder = temporaryFolder()
    for (const content of ['hello', 'x'.repeat(10_000)]) {
      writeFileSync(folder.path, content)
      assert.equal((await refusal(folder.path)).code, 'LEDGER_NOT_A_LEDGER')
      assert.equal(readFileSync(folder.path, 'utf8'), content)
    }
  })

  test('refuses a database of another program and leaves it as it is', async () => {
    using folder = temporaryFolder()
    const database = new DatabaseSync(folder.path)
    database.exec('CREATE TABLE cities (name TEXT)')
    database.close()
    const before = readFileSync(folder.path)
    assert.equal((await refusal(folder.path)).code, 'LEDGER_NOT_A_LEDGER')
    assert.deepEqual(readFileSync(folder.path), before)
  })

  test('refuses a file of a newer version and says which', async () => {
    using folder = temporaryFolder()
    await (await openLedger(folder.path))[Symbol.asyncDispose]()
    const database = new DatabaseSync(folder.path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    const error = await refusal(folder.path)
    assert.equal(error.code, 'LEDGER_NEWER_VERSION')
    assert.equal(error.details['version'], '99')
    assert.equal(error.details['newest_known'], '1')
  })

  test('refuses a ledger whose tables are gone', async () => {
    using folder = temporaryFolder()
    const database = new DatabaseSync(folder.path)
    database.exec(`PRAGMA application_id = ${0x41_4d_4e_44}`)
    database.close()
    assert.equal((await refusal(folder.path)).code, 'LEDGER_CORRUPT')
  })

  test('refuses a folder that is not there, and a folder as a file', async () => {
    using folder = temporaryFolder()
    const missing = join(folder.folder, 'none', 'ledger.db')
    assert.equal((await refusal(missing)).code, 'LEDGER_OPEN_FAILED')
    const isFolder = join(folder.folder, 'folder')
    mkdirSync(isFolder)
    assert.equal((await refusal(isFolder)).code, 'LEDGER_OPEN_FAILED')
  })

  test('opens a file once per process, by whatever path', async () => {
    using folder = temporaryFolder()
    const link = join(folder.folder, 'link.db')
    {
      await using _ledger = await openLedger(folder.path)
      symlinkSync(folder.path, link)
      await rejectsWith(openLedger(folder.path), 'LEDGER_ALREADY_OPEN')
      await rejectsWith(openLedger(link), 'LEDGER_ALREADY_OPEN')
    }
    await using _again = await openLedger(link)
  })

  test('opens a file once even when it is asked twice at once', async () => {
    using folder = temporaryFolder()
    const [one, two] = await Promise.allSettled([openLedger(folder.path), openLedger(folder.path)])
    assert.equal(one.status, 'fulfilled')
    assert.equal(two.status, 'rejected')
    if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]()
  })

  test('leaves one file behind when it is closed', async () => {
    using folder = temporaryFolder()
    const ledger = await openLedger(folder.path, { durability: 'may-lose-last-commits' })
    const id = idMaker()()
    committed(await ledger.commit({ id, appends: [append(keyNumber(1), 0, 'a')] }))
    await ledger[Symbol.asyncDispose]()
    assert.ok(statSync(folder.path).size > 0)
    assert.equal(existsSync(`${folder.path}-wal`), false)
  })
})
