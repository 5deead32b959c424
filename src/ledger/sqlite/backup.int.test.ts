import { strict as assert } from 'node:assert'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { append, keyNumber, pagesOf, rejectsWith } from '../../testing/ledger-contract/kit.ts'
import { backupLedger } from '../maintain-ledger.ts'
import { openLedger } from '../open-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

describe('backupLedger', () => {
  test('copies one moment of a ledger that is being written', async () => {
    using folder = temporaryFolder()
    const to = join(folder.folder, 'backup.db')
    const newId = idMaker()
    {
      await using ledger = await openLedger(folder.path)
      const offered = Array.from({ length: 2_000 }, (_, at) =>
        ledger.commit({ id: newId(), appends: [append(keyNumber(1), at, `${at}`)] }),
      )
      await offered[100]
      const { events, commits, path, bytes } = await backupLedger(folder.path, to)
      assert.ok(events >= 100 && commits === events && bytes > 0)
      assert.equal(path, to)
      await Promise.all(offered)
      await using copy = await openLedger(to)
      assert.deepEqual(
        await pagesOf(copy, keyNumber(1)),
        Array.from({ length: events }, (_, at) => `${at}`),
      )
      assert.equal(await ledger.head(keyNumber(1)), 2_000)
    }
    assert.deepEqual(readdirSync(folder.folder).toSorted(), ['backup.db', 'ledger.db'])
  })

  test('goes on counting where the ledger stood', async () => {
    using folder = temporaryFolder()
    const to = join(folder.folder, 'backup.db')
    const newId = idMaker()
    const key = keyNumber(1)
    {
      await using ledger = await openLedger(folder.path)
      await ledger.commit({ id: newId(), appends: [append(key, 0, 'a', 'b')] })
      await ledger.commit({ id: newId(), deletions: [{ kind: 'stream', key }] })
      await backupLedger(folder.path, to)
    }
    await using copy = await openLedger(to)
    const next = await copy.commit({ id: newId(), appends: [append(key, 2, 'c')] })
    assert.equal(next.kind === 'committed' && next.appends[0]?.position, 3)
  })

  test('refuses to replace a file unless told to', async () => {
    using folder = temporaryFolder()
    const to = join(folder.folder, 'backup.db')
    await using _ledger = await openLedger(folder.path)
    writeFileSync(to, 'precious')
    writeFileSync(`${to}-wal`, 'left behind')
    await rejectsWith(backupLedger(folder.path, to), 'BACKUP_FAILED')
    assert.equal(readFileSync(to, 'utf8'), 'precious')
    await backupLedger(folder.path, to, { overwrite: true })
    assert.equal(existsSync(`${to}-wal`), false)
    await using _copy = await openLedger(to)
  })

  test('refuses to replace the ledger itself, even when told to', async () => {
    using folder = temporaryFolder()
    const link = join(folder.folder, 'link.db')
    await using _ledger = await openLedger(folder.path)
    symlinkSync(folder.path, link)
    const options = { overwrite: true }
    await rejectsWith(backupLedger(folder.path, folder.path, options), 'BACKUP_FAILED')
    await rejectsWith(backupLedger(folder.path, link, options), 'BACKUP_FAILED')
  })

  test('leaves nothing behind when it fails', async () => {
    using folder = temporaryFolder()
    const to = join(folder.folder, 'backup.db')
    await rejectsWith(backupLedger(folder.path, to), 'LEDGER_OPEN_FAILED')
    await rejectsWith(
      backupLedger(folder.path, join(folder.folder, 'none', 'backup.db')),
      'LEDGER_OPEN_FAILED',
    )
    await (await openLedger(folder.path))[Symbol.asyncDispose]()
    const missing = join(folder.folder, 'none', 'backup.db')
    await rejectsWith(backupLedger(folder.path, missing), 'BACKUP_FAILED')
    const database = new DatabaseSync(folder.path)
    database.exec('INSERT INTO claims (stream, hash, number, key) VALUES (1, 0, 999, 1)')
    database.close()
    await rejectsWith(backupLedger(folder.path, to), 'BACKUP_FAILED')
    assert.deepEqual(readdirSync(folder.folder), ['ledger.db'])
  })
})
