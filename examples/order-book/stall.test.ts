import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ComponentStatus } from 'amends/coordinator'
import { watchForStall } from './stall.ts'
import { emptyTally } from './tally.ts'

const status: ComponentStatus = {
  name: 'fulfillment',
  kind: 'process_manager',
  position: 7,
  lag: 0,
  parkedKeys: 0,
  state: 'running',
}

describe('watchForStall', () => {
  for (const blocked of [{ parkedKeys: 1 }, { state: 'halted' as const }]) {
    test(`${JSON.stringify(blocked)} is a stall when nothing moves any more`, async () => {
      const coordinator = { status: () => [status, { ...status, ...blocked }] }
      using stall = watchForStall(coordinator, { tally: emptyTally() }, 1)
      await stall.seen
      assert.equal(stall.signal.aborted, true)
    })
  }

  test('what is blocked is no stall while events come', async () => {
    const tally = emptyTally()
    const coordinator = {
      status: () => {
        tally.events++
        return [{ ...status, parkedKeys: 1 }]
      },
    }
    using stall = watchForStall(coordinator, { tally }, 1)
    while (tally.events < 5) await sleep(1)
    assert.equal(stall.signal.aborted, false)
  })

  test('a quiet business in which nothing is blocked is no stall', async () => {
    let looks = 0
    const coordinator = { status: () => (looks++, [status]) }
    using stall = watchForStall(coordinator, { tally: emptyTally() }, 1)
    while (looks < 5) await sleep(1)
    assert.equal(stall.signal.aborted, false)
  })
})
