import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openCoordinator } from 'amends/coordinator'
import { inventories } from '../../examples/order-book/components/inventory.ts'
import { ReceiveStockSchema } from '../../examples/order-book/gen/inventory_pb.ts'
import { lastLine, objectIn, runProgram, scratchFolder, UNDER_WAY } from './run-program.ts'

/** With empty shelves every order fails at once: a short run where the outcome does not matter. */
const QUICK = ['--json', '--stock-factor', '0', '--concurrency', '100', '--database']

describe('continued books', () => {
  test('Ctrl-C lets what has begun end, and --continue finishes the rest', async () => {
    await using folder = await scratchFolder()
    const args = ['--json', '--database', join(folder.path, 'books.db')]
    for (const [signal, more] of [
      ['SIGINT', []],
      ['SIGTERM', ['--continue']],
    ] as const) {
      const paced = [...args, ...more, '--rate', '100']
      const { code, stdout, stderr } = await runProgram(paced, { signal, atText: UNDER_WAY })
      const json = lastLine(stdout)
      assert.equal(code, 130, stderr)
      assert.equal(json?.['interrupted'], true)
      assert.ok(Number(json['placed']) > 0 && Number(json['placed']) < 830)
      assert.deepEqual(objectIn(json, 'audit'), { clean: true, complete: false, findings: [] })
    }
    const { code, stdout, stderr } = await runProgram([...args, '--continue'])
    const json = lastLine(stdout)
    assert.equal(code, 0, stderr)
    assert.equal(json?.['placed'], 830)
    assert.deepEqual(objectIn(json, 'audit'), { clean: true, complete: true, findings: [] })
  })

  test('continuing what has ended changes nothing', async () => {
    await using folder = await scratchFolder()
    const args = [...QUICK, join(folder.path, 'books.db')]
    const first = lastLine((await runProgram(args)).stdout)
    const { code, stdout } = await runProgram([...args, '--continue'])
    const second = lastLine(stdout)
    assert.equal(code, 0)
    assert.equal(second?.['commands'], 0)
    for (const field of ['events', 'confirmed', 'amended', 'compensations', 'settings']) {
      assert.deepEqual(second[field], first?.[field], field)
    }
  })

  test('without --continue the books start afresh', async () => {
    await using folder = await scratchFolder()
    const args = [...QUICK, join(folder.path, 'books.db')]
    await runProgram(args)
    const { code, stdout } = await runProgram(args)
    assert.equal(code, 0)
    assert.equal(lastLine(stdout)?.['placed'], 830)
  })

  test('--continue without a database begins one', async () => {
    await using folder = await scratchFolder()
    const { code } = await runProgram([...QUICK, join(folder.path, 'books.db'), '--continue'])
    assert.equal(code, 0)
  })

  test('books keep the settings they were opened with', async () => {
    await using folder = await scratchFolder()
    const args = ['--json', '--database', join(folder.path, 'books.db')]
    const opened = ['--stock-factor', '0.5', '--credit-limit', '2500.5', '--concurrency', '99']
    await runProgram([...args, ...opened])
    const { code, stderr } = await runProgram([...args, '--continue', '--stock-factor', '0.6'])
    assert.equal(code, 2)
    assert.match(stderr, /^SETTINGS_DIFFER: [^]*--stock-factor was 0.5/)
    const { stdout } = await runProgram([...args, '--continue'])
    assert.deepEqual(objectIn(lastLine(stdout), 'settings'), {
      stockFactor: 0.5,
      creditLimit: 2500.5,
      repeat: 1,
      concurrency: 99,
    })
  })

  test('books that do not add up fail the run, and the finding says where', async () => {
    await using folder = await scratchFolder()
    const database = join(folder.path, 'books.db')
    await runProgram([...QUICK, database])
    await receiveUnasked(database)
    const { code, stdout, stderr } = await runProgram([...QUICK, database, '--continue'])
    assert.equal(code, 1)
    const { clean, findings } = objectIn(lastLine(stdout), 'audit')
    assert.equal(clean, false)
    assert.deepEqual(findings, [
      { rule: 'STOCK_OPENING', about: 'product 1', text: '5 received, 0 expected' },
      {
        rule: 'STOCK_SHIPPED',
        about: 'product 1',
        text: '5 in the house, 0 expected: what is not shipped must be there',
      },
    ])
    assert.match(stderr, /NOT CLEAN, 2 findings/)
  })
})

/** Puts five units of the first product into the warehouse behind the back of the program. */
async function receiveUnasked(database: string): Promise<void> {
  await using coordinator = await openCoordinator({ ledger: database, components: [inventories] })
  const client = coordinator.client('inventory')
  await client.command('1').withMessage(ReceiveStockSchema, { product: 1, quantity: 5 }).execute()
}
