import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { openCoordinator } from 'amends/coordinator'
import { openLedger } from 'amends/ledger'
import { inventories } from '../../examples/order-book/components/inventory.ts'
import { ReceiveStockSchema } from '../../examples/order-book/gen/inventory_pb.ts'
import { lastLine, objectIn, runProgram, scratchFolder } from './run-program.ts'

describe('the order book on the command line', () => {
  test('--help explains the options and touches nothing', async () => {
    await using folder = await scratchFolder()
    const database = join(folder.path, 'books.db')
    const { code, stdout } = await runProgram(['--help', '--database', database])
    assert.equal(code, 0)
    assert.match(stdout, /--stock-factor/)
    assert.equal(existsSync(database), false)
  })

  for (const [args, option] of [
    [['--concurrency', 'x'], '--concurrency'],
    [['--repeat', '0'], '--repeat'],
    [['--nonsense'], '--nonsense'],
  ] as const) {
    test(`"${args.join(' ')}" ends with 2 and names the option`, async () => {
      const { code, stdout, stderr } = await runProgram(args)
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.match(stderr, /^OPTION_INVALID: /)
      assert.ok(stderr.includes(option), stderr)
    })
  }

  test('the last line of --json says all there is to know, the rest goes to standard error', async () => {
    await using folder = await scratchFolder()
    const database = join(folder.path, 'books.db')
    const { code, stdout, stderr } = await runProgram(['--json', '--database', database])
    assert.equal(code, 0, stderr)
    assert.equal(stdout.trimEnd().split('\n').length, 1)
    const json = lastLine(stdout)
    const amended = Object.values(objectIn(json, 'amended')).map(Number)
    assert.equal(json?.['orders'], 830)
    assert.equal(json?.['database'], database)
    assert.ok(amended.length === 3 && amended.every((orders) => orders > 0), 'every reason occurs')
    const ended = amended.reduce((sum, orders) => sum + orders, Number(json?.['confirmed']))
    assert.equal(ended, 830)
    for (const field of ['compensations', 'events', 'commandsPerSecond']) {
      assert.ok(Number(json?.[field]) > 0, field)
    }
    assert.deepEqual(objectIn(json, 'audit'), { clean: true, complete: true, findings: [] })
  })

  test('people read a summary and the tale of one amended order', async () => {
    await using folder = await scratchFolder()
    const { code, stdout } = await runProgram(['--database', join(folder.path, 'books.db')])
    assert.equal(code, 0)
    assert.match(stdout, /^audit +clean$/m)
    assert.match(stdout, /^What happened to order \d+: .+ ordered \d+ products? for /m)
    assert.match(stdout, /No carrier takes the parcel/)
    assert.match(stdout, /The order is cancelled: NO_CARRIER/)
  })

  test('a file that is not of this program is left alone', async () => {
    await using folder = await scratchFolder()
    const text = join(folder.path, 'notes.txt')
    await writeFile(text, 'do not delete me, I am not a database at all')
    const other = join(folder.path, 'other.db')
    new DatabaseSync(other).exec('CREATE TABLE precious (id INTEGER)')
    for (const database of [text, other]) {
      const before = await readFile(database)
      for (const more of [[], ['--continue']]) {
        const { code, stderr } = await runProgram(['--database', database, ...more])
        assert.equal(code, 2)
        assert.match(stderr, /^DATABASE_UNUSABLE: /)
        assert.match(stderr, /--database/)
        assert.deepEqual(await readFile(database), before)
      }
    }
  })

  test('a ledger of something else is left alone', async () => {
    await using folder = await scratchFolder()
    const database = join(folder.path, 'mine.db')
    await writeSomethingElse(database)
    for (const more of [[], ['--continue']]) {
      const { code, stderr } = await runProgram(['--database', database, ...more])
      assert.equal(code, 2)
      assert.match(stderr, /ledger of something else/)
    }
    await using ledger = await openLedger(database)
    assert.equal(await ledger.tip(), 1)
  })

  test('a folder that is not there is named', async () => {
    const { code, stderr } = await runProgram(['--database', '/nowhere/at/all/books.db'])
    assert.equal(code, 2)
    assert.match(stderr, /^DATABASE_UNUSABLE: [^]*nowhere/)
  })
})

/** Writes a ledger with one event that the order book does not know as its beginning. */
async function writeSomethingElse(database: string): Promise<void> {
  await using coordinator = await openCoordinator({ ledger: database, components: [inventories] })
  const client = coordinator.client('inventory')
  await client.command('1').withMessage(ReceiveStockSchema, { quantity: 1 }).execute()
}
