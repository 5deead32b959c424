/** A workflow of `amends/workflow`, run durably: the same object. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../src/errors.ts'
import { CompensationPrimitive } from '../../src/workflow/compensation-primitive.ts'
import { openSagas } from './sagas.ts'

type Cart = { sku: string; quantity: number }
type Reserved = Cart & { reservationId: string }

const trace: string[] = []
const reserve = async (cart: Cart): Promise<Reserved> => ({ ...cart, reservationId: 'r-1' })
const release = async (cart: Reserved): Promise<void> =>
  void trace.push(`release ${cart.reservationId}`)
const ship = async (cart: Reserved): Promise<string> => {
  if (cart.quantity > 5) throw new Error('no carrier')
  return `parcel of ${cart.quantity} ${cart.sku}`
}
const checkout = new CompensationPrimitive(
  [
    [reserve, release],
    [ship, null],
  ],
  { name: 'checkout' },
)

test('a named workflow runs durably, and its undo takes what its step left', async () => {
  trace.length = 0
  await using open = await openSagas({ definitions: [checkout] })
  const good = await open.sagas.run(checkout, { sku: 'chai', quantity: 2 }, { id: 'order-42' })
  assert.equal(good.forward === 'completed' ? good.context : '', 'parcel of 2 chai')
  const bad = await open.sagas.run(checkout, { sku: 'chai', quantity: 9 }, { id: 'order-43' })
  assert.deepEqual([bad.forward, bad.backward, trace], ['failed', 'done', ['release r-1']])
  assert.equal(bad.failure?.message, 'no carrier')
})

test('a workflow without a name cannot be registered', async () => {
  const nameless = new CompensationPrimitive([[reserve, release]])
  await assert.rejects(
    openSagas({ definitions: [nameless] }),
    (error) => codeOf(error) === 'WORKFLOW_INVALID',
  )
})
