import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { loadNorthwind } from '../../examples/order-book/northwind.ts'
import { judgeInTurn } from '../../examples/order-book/sequential.ts'
import { newSettings } from '../../examples/order-book/settings.ts'
import { planTrade } from '../../examples/order-book/trade.ts'
import { lastLine, objectIn, runProgram, scratchFolder } from './run-program.ts'

describe('orders in turn', () => {
  test('end exactly as the sequential calculation says', async () => {
    await using folder = await scratchFolder()
    const args = ['--json', '--concurrency', '1', '--database', join(folder.path, 'books.db')]
    const { code, stdout, stderr } = await runProgram(args)
    assert.equal(code, 0, stderr)
    const wanted = { stockFactor: undefined, creditLimitCents: undefined, repeat: undefined }
    const settings = newSettings({ ...wanted, concurrency: 1 })
    const verdicts = [...judgeInTurn(planTrade(loadNorthwind(), settings)).values()]
    const json = lastLine(stdout)
    const counted = { CONFIRMED: json?.['confirmed'], ...objectIn(json, 'amended') }
    for (const [verdict, orders] of Object.entries(counted)) {
      assert.equal(orders, verdicts.filter((candidate) => candidate === verdict).length, verdict)
    }
  })
})
