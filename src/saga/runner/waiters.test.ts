import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { Waiters } from './waiters.ts'

test('all that wait for an id hear of it, and nobody else', async () => {
  const waiters = new Waiters<number>()
  const both = [waiters.wait('a'), waiters.wait('a')]
  const other = waiters.wait('b')
  waiters.resolve('a', 7)
  assert.deepEqual(await Promise.all(both), [7, 7])
  assert.equal(waiters.size, 1)
  waiters.reject('b', new Error('gone'))
  await assert.rejects(other, /gone/)
  assert.equal(waiters.size, 0)
})

test('who gives up is forgotten', async () => {
  const waiters = new Waiters<number>()
  const controller = new AbortController()
  const waiting = waiters.wait('a', controller.signal)
  controller.abort()
  await assert.rejects(waiting, (error) => codeOf(error) === 'ABORTED')
  assert.equal(waiters.size, 0)
})
