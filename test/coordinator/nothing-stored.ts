/** Asserting that bad input gets a coded error, and that nothing is stored because of it (P10). */
import assert from 'node:assert/strict'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { refusalOf } from './refusals.ts'
import { rowsOf } from './stored-events.ts'

/** Spaces that a command may leave rows in. */
const SPACES = ['dead-letter', 'delivery', 'parked']

/** What a ledger holds, as far as input can change it. */
async function contentOf(ledger: Ledger): Promise<unknown> {
  const rows = await Promise.all(SPACES.map((space) => rowsOf(ledger, space)))
  return [await ledger.tip(), rows.map((found) => found.length)]
}

/** Sends something bad; answers the code it is refused with. */
export async function refusedWithoutTrace(ledger: Ledger, send: () => unknown): Promise<string> {
  const before = await contentOf(ledger)
  const { code, details } = await refusalOf(async () => {
    await send()
  })
  assert.notEqual(code, '')
  assert.deepEqual(await contentOf(ledger), before, `stored in spite of ${code}`)
  for (const value of Object.values(details)) {
    assert.ok(value.length < 1_000, 'the details repeat the whole input')
  }
  return code
}
