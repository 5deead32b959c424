import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SagaResponse } from './saga-response.ts'
import { SagaResponseStatus, sagaResponseStatusFromRaw } from './saga-response-status.ts'

const services = ['ticket', 'product']
const uuid = '12345678-1234-4234-9234-123456789abc'

describe('SagaResponse', () => {
  it('gives its content later, null without one [minos-9]', async () => {
    const content = new SagaResponse({ ticket: 3 }).content()
    assert.ok(content instanceof Promise)
    assert.deepEqual(await content, { ticket: 3 })
    assert.equal(await new SagaResponse().content(), null)
  })

  it('has the services that took part, by default none [minos-10, minos-11]', () => {
    const response = new SagaResponse({}, services)
    assert.deepEqual([...response.relatedServices], services)
    assert.equal(new SagaResponse({}).relatedServices.size, 0)
  })

  it('keeps a copy of the services', () => {
    const given = new Set(services)
    const response = new SagaResponse({}, given)
    given.add('other')
    assert.deepEqual([...response.relatedServices], services)
  })

  it('has the execution it belongs to, when that is known [minos-12]', () => {
    assert.equal(new SagaResponse({}, [], 200, uuid).uuid, uuid)
    assert.equal(new SagaResponse({}).uuid, undefined)
  })

  it('is ok with SUCCESS and with nothing else [minos-13]', () => {
    assert.equal(SagaResponse.of({ status: SagaResponseStatus.SUCCESS }).ok, true)
    assert.equal(SagaResponse.of({ status: SagaResponseStatus.ERROR }).ok, false)
    assert.equal(SagaResponse.of({ status: SagaResponseStatus.SYSTEM_ERROR }).ok, false)
  })

  it('has the status SUCCESS unless another one is given [minos-14, minos-15]', () => {
    assert.equal(new SagaResponse({}).status, SagaResponseStatus.SUCCESS)
    const failed = new SagaResponse({}, [], SagaResponseStatus.SYSTEM_ERROR)
    assert.equal(failed.status, SagaResponseStatus.SYSTEM_ERROR)
  })

  it('takes a number for its status [minos-16]', () => {
    const raw: number = 200
    assert.equal(new SagaResponse({}, [], raw).status, SagaResponseStatus.SUCCESS)
    assert.equal(sagaResponseStatusFromRaw(400), SagaResponseStatus.ERROR)
    assert.equal(sagaResponseStatusFromRaw(500), SagaResponseStatus.SYSTEM_ERROR)
  })

  it('with a number that is no status is a SYSTEM_ERROR, and the number stays readable [minos-B-07]', () => {
    for (const raw of [600, 404, 0, -1, Number.NaN]) {
      const response = SagaResponse.of({ status: raw })
      assert.equal(response.status, SagaResponseStatus.SYSTEM_ERROR)
      assert.equal(response.rawStatus, raw)
      assert.equal(response.ok, false)
    }
  })

  it('equals one with equal content, status, services and execution [minos-17]', () => {
    const response = new SagaResponse({ a: 1 }, services, 400, uuid)
    const { content, relatedServices, status } = {
      content: { a: 1 },
      relatedServices: services,
      status: 400,
    }
    assert.equal(response.equals(SagaResponse.of({ content, relatedServices, status, uuid })), true)
    const others = [
      new SagaResponse({ a: 2 }, services, 400, uuid),
      new SagaResponse({ a: 1 }, ['ticket'], 400, uuid),
      new SagaResponse({ a: 1 }, services, 500, uuid),
      new SagaResponse({ a: 1 }, services, 400),
    ]
    for (const other of others) assert.equal(response.equals(other), false)
    assert.equal(response.equals({}), false)
  })

  it('is made of its parts by name as well as in order', async () => {
    const response = SagaResponse.of({ content: 3, relatedServices: services, status: 400, uuid })
    assert.equal(await response.content(), 3)
    assert.deepEqual([...response.relatedServices], services)
    assert.equal(response.status, 400)
    assert.equal(response.uuid, uuid)
  })
})
