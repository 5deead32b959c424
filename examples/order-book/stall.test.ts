import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { watchForStall } from './stall.ts'
import { emptyTally } from './tally.ts'

describe('watchForStall', () => {
  test('what is blocked is a stall when nothing moves any more', async () => {
    const blocked = (): Promise<boolean> => Promise.resolve(true)
    using stall = watchForStall({ blocked, books: { tally: emptyTally() } }, 1)
    await stall.seen
    assert.equal(stall.signal.aborted, true)
  })

  test('what is blocked is no stall while events come', async () => {
    const tally = emptyTally()
    const blocked = (): Promise<boolean> => {
      tally.events++
      return Promise.resolve(true)
    }
    using stall = watchForStall({ blocked, books: { tally } }, 1)
    while (tally.events < 5) {
      await sleep(1)
      tally.events++
    }
    assert.equal(stall.signal.aborted, false)
  })

  test('a quiet business in which nothing is blocked is no stall', async () => {
    let looks = 0
    const blocked = (): Promise<boolean> => Promise.resolve(looks++ < 0)
    using stall = watchForStall({ blocked, books: { tally: emptyTally() } }, 1)
    while (looks < 5) await sleep(1)
    assert.equal(stall.signal.aborted, false)
  })
})
