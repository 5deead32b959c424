import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeClock } from '../testing/fake-clock.ts'
import { Consequences } from './consequences.ts'

describe('the consequences of a workflow', () => {
  test('are under way until as many have ended as began', () => {
    const consequences = new Consequences()
    consequences.began('w')
    consequences.began('w')
    consequences.ended('w')
    assert.equal(consequences.isUnderWay('w'), true)
    consequences.ended('w')
    assert.equal(consequences.isUnderWay('w'), false)
  })

  test('wake whoever waits for them when the last one ends', async () => {
    const consequences = new Consequences()
    consequences.began('w')
    const settled = consequences.settled('w', fakeClock(), 1_000)
    consequences.ended('w')
    await settled
  })

  test('are waited for only so long', async () => {
    const clock = fakeClock()
    const consequences = new Consequences()
    consequences.began('w')
    const settled = consequences.settled('w', clock, 1_000)
    clock.advance(1_000)
    await settled
    assert.equal(consequences.isUnderWay('w'), true)
  })

  test("of no workflow are nobody's concern", () => {
    const consequences = new Consequences()
    consequences.began('')
    assert.equal(consequences.isUnderWay(''), false)
  })
})
