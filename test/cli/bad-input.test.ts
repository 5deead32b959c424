/** What the command line does not take, in tables. */
import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { run } from '../../src/cli/run.ts'
import { REQUESTS } from '../../src/saga/operator/request-row.ts'
import { amends as spawned, type Ended, place, program } from './amends.ts'

async function amends(...argv: readonly string[]): Promise<Ended> {
  const out: string[] = []
  const err: string[] = []
  const code = await run(argv, { out: (line) => out.push(line), err: (line) => err.push(line) })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

const WHY = ['--reason', 'because'] as const

test('what cannot be understood is said in one line, with exit code 2', async () => {
  const table: readonly (readonly string[])[] = [
    ['sagas'],
    ['sagas', 'a', 'b'],
    ['sagas', ''],
    ['sagas', 'f', '--state', 'sleeping'],
    ['sagas', 'f', '--state', ''],
    ['sagas', 'f', '--older-than', '10'],
    ['sagas', 'f', '--older-than', '-1m'],
    ['sagas', 'f', '--older-than', '99999999d'],
    ['sagas', 'f', '--limit', '0'],
    ['sagas', 'f', '--limit', '1001'],
    ['sagas', 'f', '--limit', '1.5'],
    ['sagas', 'f', '--after', 'nonsense'],
    ['sagas', 'f', '--after'],
    ['sagas', 'f', '--colour'],
    ['saga', 'f'],
    ['saga', 'retry', 'f', 'id'],
    ['saga', 'retry', 'f', 'id', 'path'],
    ['saga', 'retry', 'f', 'id', 'path', '--reason', ' '],
    ['saga', 'retry', 'f', 'id', 'path', ...WHY, '--data', '1'],
    ['saga', 'retry', 'f', 'id', 'path', ...WHY, '--added', '-1'],
    ['saga', 'retry', 'f', 'id', 'path', ...WHY, '--wait', 'long'],
    ['saga', 'edit', 'f', 'id', 'path', ...WHY],
    ['saga', 'edit', 'f', 'id', 'path', ...WHY, '--data', '{'],
    ['saga', 'edit', 'f', 'id', 'path', ...WHY, '--data', ''],
    ['saga', 'edit', 'f', 'id', 'path', ...WHY, '--data', '{"$":["date","no"]}'],
    ['saga', 'replace', 'f', 'id', 'path', ...WHY],
    ['saga', 'replace', 'f', 'id', 'path', ...WHY, '--undo', ''],
    ['saga', 'signal', 'f', 'id'],
    ['saga', 'cancel', 'f', 'id', 'more'],
    ['dead-letters', 'f', '--limit', 'many'],
    ['dead-letter', 'f'],
    ['dead-letter', 'f', 'id', 'eat'],
    ['status'],
    ['status', 'f', '--full'],
    ['fly'],
    ['--x'],
  ]
  for (const argv of table) {
    const { code, out, err } = await amends(...argv)
    assert.deepEqual([code, out], [2, ''], argv.join(' '))
    assert.match(err, /^amends: .+\nTry amends .*--help\.$/, argv.join(' '))
  }
})

test('what is understood and cannot be done is a coded error, with exit code 1', async () => {
  using home = place()
  const text = join(home.folder, 'text.txt')
  const empty = join(home.folder, 'empty.db')
  writeFileSync(text, 'this is no database, only a text that is long enough to look like one')
  writeFileSync(empty, '')
  await (await openLedger(home.path, { thread: 'inline' }))[Symbol.asyncDispose]()
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['LEDGER_OPEN_FAILED', ['sagas', join(home.folder, 'none.db')]],
    ['LEDGER_OPEN_FAILED', ['sagas', join(home.folder, 'no', 'folder.db')]],
    ['LEDGER_OPEN_FAILED', ['status', home.folder]],
    ['LEDGER_NOT_A_LEDGER', ['sagas', text]],
    ['LEDGER_NOT_A_LEDGER', ['status', empty]],
    ['SAGA_EXECUTION_NOT_FOUND', ['saga', home.path, 'nobody']],
    ['SAGA_EXECUTION_ID_INVALID', ['saga', home.path, 'two\nlines']],
    ['SAGA_EXECUTION_ID_INVALID', ['saga', 'cancel', home.path, 'x'.repeat(257)]],
    ['SAGA_EXECUTION_NOT_FOUND', ['saga', 'waive', home.path, 'nobody', 'a', ...WHY]],
    ['DEAD_LETTER_NOT_FOUND', ['dead-letter', home.path, 'nothing']],
    ['CALL_UNSUPPORTED', ['dead-letter', home.path, 'nothing', 'replay']],
    ['CALL_UNSUPPORTED', ['dead-letter', home.path, 'nothing', 'discard']],
  ]
  for (const [expected, argv] of table) {
    const { code, out, err } = await amends(...argv)
    assert.deepEqual([code, out], [1, ''], argv.join(' '))
    assert.match(err, new RegExp(`^amends: ${expected}: `), argv.join(' '))
  }
})

test('looking at a file that is not there does not make it, nor turn another one into a ledger', async () => {
  using home = place()
  const empty = join(home.folder, 'empty.db')
  writeFileSync(empty, '')
  for (const path of [home.path, empty]) await amends('sagas', path)
  assert.equal(existsSync(home.path), false)
  assert.equal(statSync(empty).size, 0)
})

describe('a wish that is refused at the border', () => {
  test('stores nothing', async () => {
    using home = place()
    {
      await using _running = await program(home.path, 'order:o')
    }
    const table: readonly (readonly string[])[] = [
      ['retry', home.path, 'o', 'x'.repeat(1_025), ...WHY],
      ['retry', home.path, 'o', 'card', '--reason', 'x'.repeat(1_025)],
      ['retry', home.path, 'o', 'card', ...WHY, '--by', ''],
      ['retry', home.path, 'o', 'card', ...WHY, '--request-id', ''],
      ['retry', home.path, 'o', 'card', ...WHY, '--request-id', 'a\nb'],
      ['signal', home.path, 'o', ' '],
    ]
    for (const argv of table) {
      const { code, err } = await amends('saga', ...argv)
      assert.equal(code, 1, argv.join(' '))
      assert.match(err, /^amends: OPERATOR_REQUEST_INVALID: /)
    }
    const data = JSON.stringify('x'.repeat(1_100_000))
    const edit = ['saga', 'edit', home.path, 'o', 'card', ...WHY, '--data', data]
    assert.match((await amends(...edit)).err, /^amends: VALUE_TOO_LARGE: /)
    await using ledger = await openLedger(home.path, { thread: 'inline' })
    assert.deepEqual(await ledger.rows(REQUESTS, { limit: 10 }), [])
  })
})

test('who stops before anything is stored has stored nothing', async () => {
  using home = place()
  {
    await using _running = await program(home.path, 'order:o')
  }
  const stopped = AbortSignal.abort()
  const nobody = (): void => undefined
  const argv = ['saga', 'waive', home.path, 'o', 'card', ...WHY]
  assert.equal(await run(argv, { out: nobody, err: nobody }, stopped), 130)
  await using ledger = await openLedger(home.path, { thread: 'inline' })
  assert.deepEqual(await ledger.rows(REQUESTS, { limit: 10 }), [])
})

test('every command explains itself within a hundred columns', async () => {
  const help = await amends('--help')
  const names = help.out
    .split('\n')
    .flatMap((line) => /^ {2}([a-z-]+(?: [a-z]+)?) </.exec(line)?.[1] ?? [])
  assert.ok(names.length >= 14)
  for (const name of names) {
    const { code, out } = await amends(...name.split(' '), '--help')
    assert.equal(code, 0)
    assert.ok(out.startsWith(`Usage: amends ${name} `))
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line)
  }
  for (const line of help.out.split('\n')) assert.ok(line.length <= 100, line)
  assert.equal((await amends()).code, 2)
  assert.equal((await spawned('--help')).out, `${help.out}\n`)
})
