import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeMessage } from './envelope.ts'

test('a message asks the broker to keep it, and to give it back when no queue takes it [weakness-24]', () => {
  const content = new Uint8Array([1])
  const { options } = writeMessage({ topic: 't', id: 'm-1', key: 'k', headers: {}, content })
  assert.equal(options.mandatory, true)
  assert.equal(options.persistent, true)
})
