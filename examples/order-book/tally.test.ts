import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from 'amends'
import { sampleEvents } from './audit/sample-books.ts'
import { ChargePaidSchema } from './gen/account_pb.ts'
import { StepRefusedSchema, StepTakenSchema } from './gen/fulfillment_pb.ts'
import type { BusinessEvent, Entry } from './history.ts'
import { endedOrders, showProgress } from './progress.ts'
import { amendedOrders, count, emptyTally } from './tally.ts'

const entry = (domain: string, event: BusinessEvent): Entry => ({
  domain,
  correlationId: '',
  recordedMs: 0,
  type: event.$typeName,
  event,
})

function sampleTally() {
  const tally = emptyTally()
  for (const event of sampleEvents) count(tally, entry('sample', event))
  return tally
}

describe('tally', () => {
  test('orders, reasons and steps taken back are counted', () => {
    assert.deepEqual(sampleTally(), {
      placed: 3,
      confirmed: 1,
      amended: { OUT_OF_STOCK: 1, CREDIT_EXCEEDED: 0, NO_CARRIER: 1 },
      compensations: 3,
      events: 22,
      commands: 22,
    })
    assert.equal(amendedOrders(sampleTally()), 2)
    assert.equal(endedOrders(sampleTally()), 3)
  })
  test('a refusal is a command, a payment and a note are not', () => {
    const tally = emptyTally()
    count(tally, entry('fulfillment', create(StepRefusedSchema, {})))
    assert.equal(tally.commands, 1)
    count(tally, entry('fulfillment', create(StepTakenSchema, {})))
    count(tally, entry('account', create(ChargePaidSchema, {})))
    assert.equal(tally.commands, 1)
    assert.equal(tally.events, 3)
  })
})

describe('showProgress', () => {
  const shown = (screen: { isTTY: boolean; columns?: number }): string => {
    const written: string[] = []
    const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0
    showProgress({ ...screen, write }, 3, sampleTally)[Symbol.dispose]()
    return written.join('')
  }

  test('elsewhere than in a terminal it writes plain lines', () => {
    assert.match(shown({ isTTY: false }), /^3 of 3 orders ended, 1 confirmed, 2 amended, 3 steps /)
  })
  test('a terminal of unknown width gets lines of a common one', () => {
    assert.ok(shown({ isTTY: true, columns: 0 }).includes('1 confirmed, 2'))
  })
  test('in a terminal it rewrites one line, and leaves it when it is done', () => {
    const text = shown({ isTTY: true, columns: 60 })
    assert.ok(text.startsWith('\r\u001B[K[########################]  3 of 3 orders'))
    assert.ok(text.endsWith('\n'))
    const widths = text
      .trimEnd()
      .split('\r\u001B[K')
      .map((line) => line.length)
    assert.ok(Math.max(...widths) < 60, widths.join())
  })
})
