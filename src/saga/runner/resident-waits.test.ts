import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../../testing/fake-clock.ts'
import { ResidentWaits } from './resident-waits.ts'

test('what has waited long enough is handed over, what works again is not', () => {
  const clock = fakeClock()
  const forgotten: string[] = []
  const waits = new ResidentWaits<string>({
    clock,
    residentMs: 100,
    forget: (item) => void forgotten.push(item),
  })
  waits.begin('a')
  waits.begin('b')
  clock.advance(60)
  waits.begin('c')
  waits.end('b')
  clock.advance(60)
  assert.deepEqual(forgotten, ['a'])
  clock.advance(100)
  assert.deepEqual(forgotten, ['a', 'c'])
  assert.deepEqual([waits.size, clock.timers], [0, 0])
})

test('room is made by those that have waited longest', () => {
  const forgotten: string[] = []
  const waits = new ResidentWaits<string>({
    clock: fakeClock(),
    residentMs: 100,
    forget: (item) => void forgotten.push(item),
  })
  for (const item of ['a', 'b', 'c']) waits.begin(item)
  waits.makeRoom(2)
  assert.deepEqual([forgotten, waits.size], [['a', 'b'], 1])
  waits.stop()
})
