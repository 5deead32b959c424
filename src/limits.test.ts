import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limits } from './limits.ts'

describe('limits', () => {
  it('are whole numbers above zero', () => {
    for (const [name, bound] of Object.entries(limits)) {
      assert.ok(Number.isSafeInteger(bound) && bound > 0, name)
    }
  })

  it('cannot be changed', () => {
    assert.equal(Object.isFrozen(limits), true)
  })

  it('have the values that the contract names', () => {
    assert.equal(limits.domainLengthMax, 64)
    assert.equal(limits.editionLengthMax, 64)
    assert.equal(limits.correlationIdLengthMax, 128)
    assert.equal(limits.componentNameLengthMax, 128)
    assert.equal(limits.typeUrlLengthMax, 256)
    assert.equal(limits.payloadBytesMax, 262_144)
    assert.equal(limits.pagesPerBookMax, 100)
    assert.equal(limits.grpcMessageBytesMax, 10_485_760)
  })

  it('leave one sequence of 32 bits free for "next"', () => {
    assert.equal(limits.sequenceMax + 1, 0xffff_ffff)
  })

  it('let the largest page pass through a transaction and a gRPC message', () => {
    assert.ok(limits.payloadBytesMax < limits.bytesPerGroupMax)
    assert.ok(limits.payloadBytesMax * 2 < limits.grpcMessageBytesMax)
  })

  it('let a lease survive two lost renewals', () => {
    assert.ok(limits.leaseRenewalMs * 3 <= limits.leaseMs)
  })

  it('let no queue overrun the one behind it', () => {
    assert.ok(limits.writesPerGroupMax <= limits.ledgerQueueMax)
    assert.ok(limits.mailboxLengthMax <= limits.ledgerQueueMax)
    assert.ok(limits.eventsPerProjectionMax <= limits.triggersPerComponentMax)
    assert.ok(limits.triggersPerComponentMax <= limits.recentEventsMax)
    assert.ok(limits.triggersPerComponentMax <= limits.positionsAheadMax)
  })

  it('let a correlation id be an idempotency key', () => {
    assert.ok(limits.correlationIdLengthMax <= limits.idempotencyKeyLengthMax)
  })
})
