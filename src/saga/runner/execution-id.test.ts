import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUuid } from '../../identity.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { seededRandom } from '../../testing/seeded-random.ts'
import { newExecutionId } from './execution-id.ts'

test('ids are UUIDs of version 7 that sort by the time they were made', () => {
  const clock = fakeClock()
  const random = seededRandom(1)
  const ids = Array.from({ length: 50 }, () => {
    clock.advance(1)
    return newExecutionId(clock, random)
  })
  assert.ok(ids.every((id) => isUuid(id) && id[14] === '7' && '89ab'.includes(id[19] ?? '')))
  assert.deepEqual(ids, ids.toSorted())
  assert.equal(Number.parseInt((ids[0] ?? '').replace('-', '').slice(0, 12), 16), 1_767_225_600_001)
})
