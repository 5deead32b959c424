import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SagaRequest } from './saga-request.ts'

describe('SagaRequest', () => {
  it('without a content carries null [minos-1]', async () => {
    assert.equal(await new SagaRequest('orders.create').content(), null)
  })

  it('says where it goes [minos-2]', () => {
    assert.equal(new SagaRequest('orders.create').target, 'orders.create')
  })

  it('gives its content later [minos-3]', async () => {
    const content = new SagaRequest('orders.create', { amount: 3 }).content()
    assert.ok(content instanceof Promise)
    assert.deepEqual(await content, { amount: 3 })
  })

  it('equals one with the same target and an equal content [minos-4]', () => {
    const request = new SagaRequest('orders.create', { amount: 3 })
    assert.equal(request.equals(new SagaRequest('orders.create', { amount: 3 })), true)
    assert.equal(request.equals(new SagaRequest('orders.create', { amount: 4 })), false)
    assert.equal(request.equals(new SagaRequest('orders.delete', { amount: 3 })), false)
    assert.equal(request.equals({ target: 'orders.create', content: { amount: 3 } }), false)
  })

  it('refuses a target that is empty, or no text', () => {
    assert.throws(() => new SagaRequest(''), { code: 'SAGA_REQUEST_INVALID' })
    assert.throws(() => new SagaRequest(3 as unknown as string), { code: 'SAGA_REQUEST_INVALID' })
  })
})
