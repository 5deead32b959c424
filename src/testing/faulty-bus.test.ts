import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BusMessage } from '../bus/bus.ts'
import { openMemoryBus } from '../bus/memory/open-memory-bus.ts'
import { codeOf } from '../errors.ts'
import { fakeClock } from './fake-clock.ts'
import { type BusFaults, faultyBus } from './faulty-bus.ts'

const message: BusMessage = {
  topic: 'work',
  id: 'm-1',
  key: 'k',
  headers: {},
  content: new Uint8Array(0),
}

/** Sends two messages over a faulty bus and tells what came. */
async function carry(faults: BusFaults): Promise<{ log: string[]; codes: string[] }> {
  const clock = fakeClock()
  await using bus = faultyBus(openMemoryBus({ clock }), clock, faults)
  const log: string[] = []
  const codes: string[] = []
  await bus.consume('work', ({ message: { id }, count }) => void log.push(`${id}#${count}`))
  for (const id of ['m-1', 'm-2']) {
    await bus.send({ ...message, id }).catch((error: unknown) => codes.push(codeOf(error)))
  }
  await clock.advanceAsync(1_000)
  return { log, codes }
}

const isFirst = ({ id }: BusMessage): boolean => id === 'm-1'

describe('faultyBus', () => {
  test('carries messages when no fault is chosen', async () => {
    assert.deepEqual(await carry({}), { log: ['m-1#1', 'm-2#1'], codes: [] })
  })

  test('carries a message twice', async () => {
    const { log } = await carry({ onSend: (one) => (isFirst(one) ? 'twice' : 'none') })
    assert.deepEqual(log, ['m-1#1', 'm-1#1', 'm-2#1'])
  })

  test('carries a message late', async () => {
    const { log } = await carry({ onSend: (one) => (isFirst(one) ? { lateMs: 10 } : 'none') })
    assert.deepEqual(log, ['m-2#1', 'm-1#1'])
  })

  test('delivers a message again that was handled', async () => {
    const { log } = await carry({
      onHandled: ({ message: one, count }) => (isFirst(one) && count < 3 ? 'again' : 'none'),
    })
    assert.deepEqual(log, ['m-1#1', 'm-1#2', 'm-1#3', 'm-2#1'])
  })

  test('refuses a message, or does not know', async () => {
    const refused = await carry({ onSend: (one) => (isFirst(one) ? 'refused' : 'none') })
    assert.deepEqual(refused, { log: ['m-2#1'], codes: ['BUS_OVERLOADED'] })
    const unknown = await carry({ onSend: (one) => (isFirst(one) ? 'unknown' : 'none') })
    assert.deepEqual(unknown, { log: ['m-1#1', 'm-2#1'], codes: ['SEND_OUTCOME_UNKNOWN'] })
  })
})
