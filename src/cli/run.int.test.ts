import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openLedger } from '../ledger/open-ledger.ts'
import { temporaryFolder } from '../ledger/sqlite/temporary-ledger.test.support.ts'
import { append, keyNumber } from '../testing/ledger-contract/kit.ts'
import { idMaker } from '../ledger/sqlite/temporary-ledger.test.support.ts'
import { run } from './run.ts'

async function amends(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const code = await run(argv, { out: (line) => out.push(line), err: (line) => err.push(line) })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

async function makeLedger(path: string): Promise<void> {
  await using ledger = await openLedger(path, { thread: 'inline' })
  await ledger.commit({ id: idMaker()(), appends: [append(keyNumber(1), 0, 'a', 'b')] })
}

describe('the command line', () => {
  test('explains itself', async () => {
    const help = await amends('--help')
    assert.equal(help.code, 0)
    assert.match(help.out, /backup <file> <to>/)
    assert.match((await amends('--version')).out, /^\d+\.\d+\.\d+/)
  })

  test('answers what it does not understand with a message and exit code 2', async () => {
    for (const argv of [
      ['fly'],
      ['check'],
      ['check', 'a', 'b'],
      ['check', 'a', '--force'],
      ['--x'],
    ]) {
      const { code, out, err } = await amends(...argv)
      assert.deepEqual([code, out], [2, ''])
      assert.match(err, /^amends: .+\nTry amends (check )?--help\.$/)
    }
    assert.equal((await amends()).code, 2)
  })

  test('check tells a clean ledger from a damaged one', async () => {
    using folder = temporaryFolder()
    await makeLedger(folder.path)
    const clean = await amends('check', folder.path)
    assert.deepEqual([clean.code, clean.err], [0, ''])
    assert.match(clean.out, /clean; 2 events in 1 streams, 1 commits/)
    const database = new DatabaseSync(folder.path)
    database.exec('DELETE FROM events WHERE position = 1')
    database.close()
    const damaged = await amends('check', folder.path)
    assert.equal(damaged.code, 1)
    assert.match(damaged.out, /damaged\n {2}not so: a stream begins at 0/)
    const json = await amends('check', folder.path, '--json')
    assert.equal(json.code, 1)
    const parsed: unknown = JSON.parse(json.out)
    assert.ok(typeof parsed === 'object' && parsed !== null && 'findings' in parsed)
  })

  test('backup copies, and refuses to replace without --force', async () => {
    using folder = temporaryFolder()
    const to = join(folder.folder, 'backup.db')
    await makeLedger(folder.path)
    assert.equal((await amends('backup', folder.path, to)).code, 0)
    assert.ok(existsSync(to))
    const refused = await amends('backup', folder.path, to)
    assert.equal(refused.code, 1)
    assert.match(refused.err, /^amends: BACKUP_FAILED/)
    const forced = await amends('backup', folder.path, to, '--force', '--json')
    assert.equal(forced.code, 0)
    assert.match(forced.out, /"events":2/)
  })

  test('runs as a process with its exit code', () => {
    using folder = temporaryFolder()
    const main = fileURLToPath(new URL('./main.js', import.meta.url))
    const result = spawnSync(process.execPath, [main, 'check', join(folder.folder, 'none.db')], {
      encoding: 'utf8',
    })
    assert.equal(result.status, 1)
    assert.match(result.stderr, /^amends: LEDGER_OPEN_FAILED/)
  })
})
