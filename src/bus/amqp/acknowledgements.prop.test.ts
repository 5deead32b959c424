import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConsumeMessage } from 'amqplib'
import fc from 'fast-check'
import { Acknowledgements } from './acknowledgements.ts'

/** A broker's side of a channel: what is open there, and how often it was told something. */
class Broker {
  readonly open = new Set<number>()
  words = 0

  ack(message: ConsumeMessage, allUpTo = false): void {
    const { deliveryTag } = message.fields
    this.words++
    assert.ok(this.open.has(deliveryTag), `${deliveryTag} is not open`)
    for (const tag of this.open) {
      if (tag === deliveryTag || (allUpTo && tag < deliveryTag)) this.open.delete(tag)
    }
  }
}

// Nothing else of a message is looked at.
const messageOf = (deliveryTag: number): ConsumeMessage =>
  ({ fields: { deliveryTag } }) as ConsumeMessage

/** A message comes; the nth open one is done; the broker is told. */
const step = fc.oneof(
  fc.constant('comes' as const),
  fc.nat({ max: 20 }),
  fc.constant('flush' as const),
)

test('exactly what is done is acknowledged, each once, in whatever order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const broker = new Broker()
      const acknowledgements = new Acknowledgements(broker)
      const open = new Map<number, () => void>()
      let tag = 0
      for (const one of steps) {
        if (one === 'comes') {
          broker.open.add(++tag)
          open.set(tag, acknowledgements.add(messageOf(tag)))
        } else if (one === 'flush') {
          acknowledgements.flush()
          assert.deepEqual([...broker.open], [...open.keys()])
        } else {
          const [done, call] = [...open][one % Math.max(open.size, 1)] ?? []
          if (done === undefined || call === undefined) continue
          open.delete(done)
          call()
          call()
        }
      }
      acknowledgements.flush()
      assert.deepEqual([...broker.open], [...open.keys()])
    }),
  )
})

test('what is done in the order in which it came takes one word', () => {
  const broker = new Broker()
  const acknowledgements = new Acknowledgements(broker)
  for (let tag = 1; tag <= 3_000; tag++) {
    broker.open.add(tag)
    acknowledgements.add(messageOf(tag))()
  }
  acknowledgements.flush()
  assert.deepEqual([broker.words, broker.open.size], [1, 0])
})

test('the broker is told at the next turn of the event loop', async () => {
  const broker = new Broker()
  const acknowledgements = new Acknowledgements(broker)
  broker.open.add(1)
  acknowledgements.add(messageOf(1))()
  assert.equal(broker.words, 0)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([broker.words, broker.open.size], [1, 0])
})
