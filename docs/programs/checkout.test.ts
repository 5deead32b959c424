import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mockPrimitive, workflowTest } from 'amends/testing'
import { CompensationPrimitive } from 'amends/workflow'

test('a card that is refused gives the stock back', async () => {
  const reserve = mockPrimitive<string, string>({ name: 'reserve', returns: 'r-1' })
  const release = mockPrimitive<string, void>({ name: 'release' })
  const charge = mockPrimitive<string, string>({ name: 'charge', throws: new Error('no funds') })
  const workflow = new CompensationPrimitive([[reserve, release], [charge]], { name: 'checkout' })

  const { error, report } = await workflowTest(workflow).executeFailing('chai')

  assert.equal(String(error), 'Error: no funds')
  assert.deepEqual(report?.undone, ['reserve'])
  release.assertCalledWith('r-1')
})
