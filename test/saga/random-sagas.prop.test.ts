import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sagaPlans } from './random-plan.ts'
import { tryPlan } from './random-sagas.ts'

const numRuns = Number(process.env['AMENDS_RANDOM_SAGAS'] ?? 300)

test('a saga of chance that is crashed, cancelled, and fed a faulty bus ends as it must (P3, P4, P5)', async () => {
  await fc.assert(
    fc.asyncProperty(sagaPlans, async (plan) => {
      const { findings } = await tryPlan(plan)
      assert.deepEqual(findings, [])
    }),
    { numRuns },
  )
})
