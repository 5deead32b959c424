import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { correlatedMetadata } from './correlated-metadata.ts'

describe('correlatedMetadata', () => {
  it('carries the correlation id under its header', () => {
    assert.deepEqual(correlatedMetadata('corr-7'), [['x-correlation-id', 'corr-7']])
  })

  it('is empty without one', () => {
    assert.deepEqual(correlatedMetadata(''), [])
  })
})
