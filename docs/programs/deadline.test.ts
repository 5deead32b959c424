import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSagaManager, Saga } from 'amends/saga'
import { fakeClock } from 'amends/testing'

test('a purchase that nobody approves in time is undone', async () => {
  const undone: string[] = []
  const purchase = new Saga('purchase', { deadlineMs: 5_000 })
    .localStep(() => undefined, { name: 'hold' })
    .onFailure(() => void undone.push('hold'))
    .waitFor('approved')
    .commit()

  const folder = await mkdtemp(join(tmpdir(), 'purchase-'))
  const clock = fakeClock()
  const ledger = join(folder, 'sagas.db')
  {
    await using sagas = await openSagaManager({ ledger, definitions: [purchase], clock })
    const started = await sagas.start(purchase, {})
    await clock.advanceAsync(5_000)
    const { forward, backward } = await started.result()
    assert.deepEqual([forward, backward, undone], ['failed', 'done', ['hold']])
  }
  await rm(folder, { recursive: true })
})
