import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { computeRoot } from '../../identity/compute-root.ts'
import { executionStream } from './execution-stream.ts'

describe('the stream of an execution', () => {
  it('has its id as root when that is a UUID, however it is written', () => {
    const id = '0d9c1f0e-7a0e-4d3e-9a58-1d3a4d7a1b11'
    assert.deepEqual(executionStream(id), { domain: '_saga', edition: '', root: id })
    assert.deepEqual(executionStream(id.toUpperCase()), executionStream(id))
  })

  it('has a root made from any other id, always the same one', () => {
    assert.equal(executionStream('order-42').root, computeRoot('_saga', 'order-42'))
    assert.notEqual(executionStream('order-42').root, executionStream('order-43').root)
  })
})
