import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock, mockPrimitive } from 'amends/testing'
import { retry, WorkflowContext } from 'amends/workflow'

test('a busy service is asked again after a pause', async () => {
  let tries = 0
  const ask = mockPrimitive<string, string>({
    implementation: async () => {
      if (++tries < 3) throw new Error('busy')
      return 'done'
    },
  })
  const clock = fakeClock()
  const context = new WorkflowContext({ clock })
  const result = retry(ask, { maxRetries: 5, initialDelayMs: 60_000 }).execute('x', context)
  await clock.advanceAsync(600_000) // ten minutes, at once
  assert.equal(await result, 'done')
  ask.assertCallCount(3)
})
