import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { codeOf, codedError } from '../../errors.ts'
import type { WriteId } from '../../identity.ts'
import { limits } from '../../limits.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { append, keyNumber, rejectsWith } from '../../testing/ledger-contract/kit.ts'
import type { Outcome, Write } from '../ledger.ts'
import { type Answering, CommitQueue } from './commit-queue.ts'
import { packAnswers, type PackedAnswers } from './packed-answers.ts'
import { unpackGroup } from './unpack-group.ts'
import type { WriterChannel } from './writer-channel.ts'

type Sent = {
  readonly ids: readonly string[]
  readonly answer: () => void
  readonly fail: () => void
}

/** A channel that answers when the test says so. */
function heldChannel(): { readonly channel: WriterChannel; readonly sent: Sent[] } {
  const sent: Sent[] = []
  const channel: WriterChannel = {
    submit: (group) => {
      const { promise, resolve, reject } = Promise.withResolvers<PackedAnswers>()
      const ids = unpackGroup(group).map((one) => one.id)
      const answers = ids.map((_, index) => [index + 1, 0])
      sent.push({
        ids,
        answer: () => resolve([packAnswers({ recordedAt: 1n, answers })]),
        fail: () => reject(new Error('the thread is gone')),
      })
      return promise
    },
    commitMs: 1,
    indexCorrelations: async () => undefined,
    close: async () => undefined,
  }
  return { channel, sent }
}

const answering: Answering = {
  decided: () => undefined,
  outcome: (write, answer, recordedAt): Outcome => {
    assert.ok(Array.isArray(answer))
    return { kind: 'committed', id: write.id, number: 1, recordedAt, appends: [] }
  },
  afterLoss: (write) => {
    throw codedError('LEDGER_WRITE_FAILED', { details: { write: write.id } })
  },
}

const write = (n: number): Write => ({
  id: `${n}` as WriteId,
  appends: [append(keyNumber(n), 0)],
})

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the commit queue', () => {
  test('sends what is offered in one turn together', async () => {
    const { channel, sent } = heldChannel()
    const queue = new CommitQueue(channel, answering, fakeClock())
    const offered = [0, 1, 2].map((n) => queue.offer(write(n), 0, undefined))
    await tick()
    offered.push(...[3, 4].map((n) => queue.offer(write(n), 0, undefined)))
    await tick()
    assert.deepEqual(
      sent.map((one) => one.ids),
      [
        ['0', '1', '2'],
        ['3', '4'],
      ],
    )
    for (const one of sent) one.answer()
    assert.equal((await Promise.all(offered)).length, 5)
    await queue.drain()
  })

  test('collects while enough groups are on their way', async () => {
    const { channel, sent } = heldChannel()
    const queue = new CommitQueue(channel, answering, fakeClock())
    const offered: Promise<Outcome>[] = []
    for (let n = 0; n < limits.groupsInFlightMax + 3; n++) {
      offered.push(queue.offer(write(n), 0, undefined))
      await tick()
    }
    assert.equal(sent.length, limits.groupsInFlightMax)
    sent[0]?.answer()
    await tick()
    assert.equal(sent.at(-1)?.ids.length, 3)
    for (const one of sent) one.answer()
    await Promise.all(offered)
  })

  test('does not wait for the end of a turn that lasts longer than a transaction', async () => {
    const { channel, sent } = heldChannel()
    const clock = fakeClock()
    const queue = new CommitQueue(channel, answering, clock)
    const offered = [0, 1, 2, 3].map((n) => {
      clock.advance(0.4)
      return queue.offer(write(n), 0, undefined)
    })
    assert.deepEqual(sent[0]?.ids, ['0', '1', '2', '3'])
    offered.push(queue.offer(write(4), 0, undefined))
    assert.equal(sent.length, 1)
    await tick()
    for (const one of sent) one.answer()
    await Promise.all(offered)
  })

  test('bounds a group by writes and by bytes', async () => {
    const { channel, sent } = heldChannel()
    const queue = new CommitQueue(channel, answering, fakeClock())
    const count = limits.writesPerGroupMax + 1
    const offered = Array.from({ length: count }, (_, n) => queue.offer(write(n), 0, undefined))
    await tick()
    assert.deepEqual(
      sent.map((one) => one.ids.length),
      [limits.writesPerGroupMax, 1],
    )
    for (const one of sent.splice(0)) one.answer()
    await Promise.all(offered)
    const half = limits.bytesPerGroupMax / 2
    const large = [half, half, 1].map((bytes, n) => queue.offer(write(n), bytes, undefined))
    await tick()
    assert.deepEqual(
      sent.map((one) => one.ids.length),
      [2, 1],
    )
    for (const one of sent) one.answer()
    await Promise.all(large)
  })

  test('refuses what does not fit, and takes more when there is room', async () => {
    const { channel, sent } = heldChannel()
    const queue = new CommitQueue(channel, answering, fakeClock())
    const offered = Array.from({ length: limits.ledgerQueueMax }, (_, n) =>
      queue.offer(write(n % 9), 0, undefined),
    )
    await rejectsWith(queue.offer(write(1), 0, undefined), 'LEDGER_OVERLOADED')
    await tick()
    offered.push(queue.offer(write(2), 0, undefined))
    let answered = 0
    const all = Promise.all(offered.map((one) => one.then(() => answered++)))
    while (answered < offered.length) {
      for (const one of sent.splice(0)) one.answer()
      await tick()
    }
    assert.equal((await all).length, limits.ledgerQueueMax + 1)
  })

  test('answers in the order of the log, whatever comes back first', async () => {
    const { channel, sent } = heldChannel()
    const queue = new CommitQueue(channel, answering, fakeClock())
    const order: number[] = []
    const offer = async (n: number): Promise<void> => {
      await queue.offer(write(n), 0, undefined)
      order.push(n)
    }
    const first = offer(0)
    await tick()
    const second = offer(1)
    await tick()
    sent[1]?.answer()
    await tick()
    assert.deepEqual(order, [])
    sent[0]?.answer()
    await Promise.all([first, second])
    assert.deepEqual(order, [0, 1])
  })

  test('leaves out writes that were aborted while they waited', async () => {
    const { channel, sent } = heldChannel()
    const queue = new CommitQueue(channel, answering, fakeClock())
    const controller = new AbortController()
    const kept = queue.offer(write(0), 0, undefined)
    const aborted = queue.offer(write(1), 0, controller.signal)
    controller.abort()
    await rejectsWith(aborted, 'ABORTED')
    await tick()
    assert.deepEqual(sent[0]?.ids, ['0'])
    sent[0].answer()
    assert.equal((await kept).kind, 'committed')
    await queue.drain()
  })

  test('asks what became of writes whose writer is gone', async () => {
    const { channel, sent } = heldChannel()
    const queue = new CommitQueue(channel, answering, fakeClock())
    const codes = [0, 1].map((n) => queue.offer(write(n), 0, undefined).then(() => '', codeOf))
    await tick()
    sent[0]?.fail()
    assert.deepEqual(await Promise.all(codes), ['LEDGER_WRITE_FAILED', 'LEDGER_WRITE_FAILED'])
    await queue.drain()
  })
})
