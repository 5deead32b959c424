import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codeOf } from '../errors.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { answerOfValue } from './answer.ts'
import { memoryReplyStore } from './memory-reply-store.ts'
import type { RecordChange, RequestRecord } from './reply-store.ts'

const begun: RequestRecord = { kind: 'begun', attempt: 1 }
const answered: RequestRecord = { kind: 'answered', attempt: 1, answer: answerOfValue('x') }
const cancelled: RequestRecord = { kind: 'cancelled', by: 'undo', isCertain: true }

function put(requestId: string, expected: RecordChange['expected'], record: RequestRecord) {
  return { requestId, expected, record }
}

describe('memoryReplyStore', () => {
  test('stores what is expected, and nothing else', () => {
    const store = memoryReplyStore({ clock: fakeClock() })
    assert.equal(store.find('a'), undefined)
    assert.equal(store.put([put('a', 'begun', answered)]), false)
    assert.equal(store.put([put('a', 'absent', begun)]), true)
    assert.equal(store.put([put('a', 'absent', begun)]), false)
    assert.deepEqual(store.find('a'), begun)
    assert.equal(store.put([put('a', 'begun', answered)]), true)
    assert.deepEqual(store.find('a'), answered)
  })

  test('stores all of its changes or none', () => {
    const store = memoryReplyStore({ clock: fakeClock() })
    store.put([put('a', 'absent', begun)])
    assert.equal(store.put([put('b', 'absent', cancelled), put('a', 'absent', begun)]), false)
    assert.equal(store.find('b'), undefined)
    assert.equal(store.put([put('b', 'absent', cancelled), put('a', 'begun', answered)]), true)
    assert.deepEqual([store.find('a'), store.find('b')], [answered, cancelled])
  })

  test('forgets the oldest when there are too many, and knows since when it remembers', () => {
    const clock = fakeClock()
    const store = memoryReplyStore({ clock, repliesKeptMax: 2 })
    assert.equal(store.rememberedSince(), clock.wall())
    const times: bigint[] = []
    for (const id of ['a', 'b', 'c']) {
      clock.advance(10)
      times.push(clock.wall())
      store.put([put(id, 'absent', answered)])
    }
    assert.equal(store.find('a'), undefined)
    assert.ok(store.find('b') !== undefined && store.find('c') !== undefined)
    assert.equal(store.rememberedSince(), times[0])
  })

  test('forgets what is too old when something new comes', () => {
    const clock = fakeClock()
    const store = memoryReplyStore({ clock, repliesKeptMs: 100 })
    store.put([put('a', 'absent', answered)])
    clock.advance(60)
    store.put([put('b', 'absent', answered)])
    clock.advance(60)
    store.put([put('c', 'absent', answered)])
    assert.equal(store.find('a'), undefined)
    assert.ok(store.find('b') !== undefined)
    assert.equal(clock.timers, 0)
  })

  test('does not forget what is begun', () => {
    const clock = fakeClock()
    const store = memoryReplyStore({ clock, repliesKeptMax: 1, repliesKeptMs: 100 })
    store.put([put('slow', 'absent', begun)])
    for (const id of ['a', 'b', 'c']) {
      clock.advance(200)
      store.put([put(id, 'absent', answered)])
    }
    assert.deepEqual(store.find('slow'), begun)
    assert.equal(store.find('b'), undefined)
    assert.equal(store.put([put('slow', 'begun', answered)]), true)
    assert.equal(store.find('c'), undefined)
  })

  test('a wall clock that goes back does not make it remember more', () => {
    const clock = fakeClock()
    const store = memoryReplyStore({ clock, repliesKeptMax: 1 })
    clock.advance(1_000)
    store.put([put('a', 'absent', answered)])
    store.put([put('b', 'absent', answered)])
    const since = store.rememberedSince()
    clock.setWall(0n)
    store.put([put('c', 'absent', answered)])
    assert.equal(store.rememberedSince(), since)
  })

  test('bounds that are none are refused', () => {
    for (const bounds of [{ repliesKeptMax: 0 }, { repliesKeptMs: -1 }, { repliesKeptMs: NaN }]) {
      assert.throws(
        () => memoryReplyStore({ clock: fakeClock(), ...bounds }),
        (error) => codeOf(error) === 'CONFIGURATION_INVALID',
      )
    }
  })
})
