import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { Capacity } from './capacity.ts'

test('places are taken until there are none, and given on in the order of asking', async () => {
  const capacity = new Capacity(2, 10)
  assert.deepEqual([capacity.take(), capacity.take(), capacity.take()], [true, true, false])
  const order: number[] = []
  const waiting = [1, 2].map(async (n) => {
    await capacity.wait()
    order.push(n)
  })
  assert.equal(capacity.waiting, 2)
  capacity.give()
  await waiting[0]
  assert.deepEqual([order, capacity.taken], [[1], 2])
  capacity.give()
  await waiting[1]
  assert.deepEqual([order, capacity.waiting], [[1, 2], 0])
})

test('who comes later does not overtake those that wait', () => {
  const capacity = new Capacity(1, 10)
  capacity.take()
  void capacity.wait()
  capacity.give()
  assert.equal(capacity.take(), false)
})

test('what must go on takes a place that is not there, and it is missing afterwards', () => {
  const capacity = new Capacity(1, 10)
  capacity.take()
  capacity.takeAnyway()
  capacity.give()
  assert.equal(capacity.take(), false)
  capacity.give()
  assert.equal(capacity.take(), true)
})

test('too many that wait are refused, and all are told when it closes', async () => {
  const capacity = new Capacity(1, 1)
  capacity.take()
  const waiting = capacity.wait()
  await assert.rejects(capacity.wait(), (error) => codeOf(error) === 'SAGA_OVERLOADED')
  capacity.close(new Error('closed'))
  await assert.rejects(waiting, /closed/)
})

test('thousands pass through one place', async () => {
  const capacity = new Capacity(1, 5_000)
  capacity.take()
  let passed = 0
  const all = Array.from({ length: 5_000 }, async () => {
    await capacity.wait()
    passed++
    capacity.give()
  })
  capacity.give()
  await Promise.all(all)
  assert.deepEqual([passed, capacity.taken, capacity.waiting], [5_000, 0, 0])
})
