import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashIsolatedSaga, ISOLATION_CRASHES } from './isolation-crash.ts'

for (const [index, crash] of ISOLATION_CRASHES.entries()) {
  const how = crash.fails ? 'fails at its end' : 'completes'
  test(`crashed at the commits of ${crash.victim}, an isolated saga that ${how} moves money whole or not at all [minos-B-10]`, async () => {
    // A slice: every third commit, others in each case; the whole runs as a proof.
    const isWhole = process.env['AMENDS_CRASH_POINTS'] === 'all'
    const count = await crashIsolatedSaga(crash, (commit) => isWhole || (commit + index) % 3 === 0)
    assert.deepEqual(count.findings, [])
    assert.ok(count.runs > 0)
  })
}
