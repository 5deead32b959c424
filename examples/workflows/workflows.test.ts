/** The document's examples, each failing at each step in turn. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { createTelemetry, WorkflowContext } from 'amends/workflow'
import { played, scenarios } from './scenarios.ts'
import { newWorld } from './world.ts'

/** What cannot be undone is noted in its place. */
const NOTED: Readonly<Record<string, string>> = {
  email: 'noted email rollback for ada@example.com',
  verification: 'noted verification rollback for account-1',
}

for (const scenario of scenarios) {
  describe(scenario.name, () => {
    it('completes when all services are up', async () => {
      const [, ...story] = await played(scenario)
      assert.deepEqual(
        story.slice(0, -1),
        scenario.services.map((service) => `did ${service}`),
      )
      assert.match(story.at(-1) ?? '', /^completed: /)
    })

    for (const [at, down] of scenario.services.entries()) {
      it(`undoes what happened, the last first, when ${down} is down`, async () => {
        const before = scenario.services.slice(0, at)
        const [, ...story] = await played(scenario, down)
        assert.deepEqual(story, [
          ...before.map((service) => `did ${service}`),
          ...before.toReversed().map((service) => NOTED[service] ?? `undid ${service}-1`),
          `compensated: ${down} is down`,
        ])
      })
    }
  })
}

it('nothing is left of an order that failed', async () => {
  const world = newWorld('shipment')
  const order = scenarios.find(({ name }) => name === 'order')
  const context = new WorkflowContext({ telemetry: createTelemetry({ log: 'none' }) })
  await assert.rejects(order?.run(world, context) ?? Promise.resolve())
  assert.equal(world.effects.size, 0)
})
