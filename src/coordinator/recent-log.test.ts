import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseRoot } from '../identity.ts'
import { OPEN, type StoredEvent } from '../ledger/ledger.ts'
import { RecentLog } from './recent-log.ts'

const root = parseRoot('00000000-0000-4000-8000-000000000000')
const at = (position: number): StoredEvent => ({
  position,
  key: { domain: 'd', edition: '', root },
  sequence: position,
  type: 't',
  page: new Uint8Array(0),
  correlationId: '',
  recordedAt: 0n,
  commit: position,
  visibility: OPEN,
})
const positions = (events: readonly StoredEvent[] | undefined): number[] | undefined =>
  events?.map(({ position }) => position)

describe('the recent log', () => {
  test('answers what lies behind a position it holds', () => {
    const recent = new RecentLog({ tip: 4, capacity: 10 })
    recent.push([at(5), at(6)])
    recent.push([at(7)])
    assert.deepEqual(positions(recent.behind(5, 10)), [6, 7])
    assert.deepEqual(positions(recent.behind(4, 1)), [5])
    assert.equal(recent.tip, 7)
  })
  test('does not answer for what it never held', () => {
    const recent = new RecentLog({ tip: 4, capacity: 10 })
    recent.push([at(5)])
    assert.equal(recent.behind(3, 10), undefined)
  })
  test('an event that does not follow the last one throws away what was held', () => {
    const recent = new RecentLog({ tip: 0, capacity: 10 })
    recent.push([at(1), at(2)])
    recent.push([at(9)])
    assert.equal(recent.behind(1, 10), undefined)
    assert.deepEqual(positions(recent.behind(8, 10)), [9])
  })
  test('learning of foreign events sends readers to the ledger', () => {
    const recent = new RecentLog({ tip: 0, capacity: 10 })
    recent.push([at(1)])
    recent.advance(5)
    assert.equal(recent.tip, 5)
    assert.equal(recent.behind(1, 10), undefined)
    recent.push([at(3)])
    assert.equal(recent.tip, 5, 'an event the readers find in the ledger')
  })
  test('stays within its capacity and keeps the newest', () => {
    const recent = new RecentLog({ tip: 0, capacity: 3 })
    for (let position = 1; position <= 20; position++) recent.push([at(position)])
    assert.deepEqual(positions(recent.behind(17, 10)), [18, 19, 20])
    assert.equal(recent.behind(1, 10), undefined)
  })
  test('tells its listeners until they leave', () => {
    const recent = new RecentLog({ tip: 0, capacity: 3 })
    let calls = 0
    const leave = recent.onGrowth(() => calls++)
    recent.push([at(1)])
    leave()
    recent.push([at(2)])
    assert.equal(calls, 1)
  })
})
