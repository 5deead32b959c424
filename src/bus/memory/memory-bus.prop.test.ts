import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import type { Bus, BusMessage, Delivery, GivenUp, Subscription } from '../bus.ts'
import { deadLetterOf, deadLetterTopic } from '../dead-letter.ts'
import { openMemoryBus } from './open-memory-bus.ts'

const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat(3).map((key) => ({ kind: 'send', key }) as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 5, 100).map((ms) => ({ kind: 'leave', ms }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'join' } as const) },
  { weight: 2, arbitrary: fc.nat(50).map((ms) => ({ kind: 'pass', ms }) as const) },
)
/** What handlers do, one after the other; behind the end of the list they settle. */
const behaviour = fc.constantFrom('settle', 'settle', 'reject', 'throw', 'slow', 'give-up')
type Behaviour = 'settle' | 'reject' | 'throw' | 'slow' | 'give-up'

/** Handlers that do as they are told, and watch over the order. */
class Work {
  readonly settled: BusMessage[] = []
  readonly givenUp: string[] = []
  readonly #clock: FakeClock
  readonly #behaviours: Behaviour[]
  readonly #running = new Map<string, object>()

  constructor(clock: FakeClock, behaviours: readonly Behaviour[]) {
    this.#clock = clock
    this.#behaviours = [...behaviours]
  }

  readonly handle = (delivery: Delivery): Promise<void | GivenUp> => {
    const next = this.#behaviours.shift() ?? 'settle'
    if (next === 'throw') throw new Error(next)
    return this.#handle(delivery, next)
  }

  async #handle({ message, signal }: Delivery, next: Behaviour): Promise<void | GivenUp> {
    const { id, key } = message
    const token = {}
    const leave = (): void => {
      if (this.#running.get(key) === token) this.#running.delete(key)
    }
    assert.ok(key === '' || !this.#running.has(key), 'one message of a key at a time')
    this.#running.set(key, token)
    signal.addEventListener('abort', leave)
    try {
      if (next === 'slow') await new Promise<void>((resolve) => this.#clock.after(20, resolve))
      if (signal.aborted) return undefined
      if (next === 'reject') throw new Error(next)
      this.settled.push(message)
      if (next !== 'give-up') return undefined
      this.givenUp.push(id)
      return { kind: 'dead-letter', code: 'BAD', reason: '' }
    } finally {
      leave()
    }
  }
}

async function deadIds(bus: Bus): Promise<string[]> {
  const ids: string[] = []
  const note = ({ message }: Delivery): void => {
    ids.push(deadLetterOf(message)?.message.id ?? 'none')
  }
  await bus.consume(deadLetterTopic('work'), note)
  await new Promise((resolve) => setImmediate(resolve))
  return ids
}

test('whatever fails and whoever leaves: nothing is lost, and keys keep their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.array(behaviour, { maxLength: 60 }),
      async (steps, behaviours) => {
        const clock = fakeClock()
        await using bus = openMemoryBus({ clock })
        const work = new Work(clock, behaviours)
        const sent: BusMessage[] = []
        const consumers: Subscription[] = []
        const join = async (): Promise<void> => {
          const options = { concurrency: 2, deliveriesMax: Infinity }
          consumers.push(await bus.consume('work', work.handle, options))
        }
        await join()
        for (const one of steps) {
          if (one.kind === 'send') {
            const id = String(sent.length)
            const key = one.key === 0 ? '' : `k-${one.key}`
            const message = { topic: 'work', id, key, headers: {}, content: new Uint8Array(0) }
            sent.push(message)
            await bus.send(message)
          } else if (one.kind === 'join') await join()
          else if (one.kind === 'pass') await clock.advanceAsync(one.ms)
          else {
            const leaving = consumers.shift()?.close({ drainMs: one.ms })
            await clock.advanceAsync(one.ms)
            await leaving
          }
        }
        await join()
        await clock.advanceAsync(1_000_000)
        for (const key of ['k-1', 'k-2', 'k-3']) {
          const idsOf = (all: readonly BusMessage[]): string[] =>
            all.filter((message) => message.key === key).map(({ id }) => id)
          assert.deepEqual(idsOf(work.settled), idsOf(sent), 'each once, in the order of the sends')
        }
        assert.equal(work.settled.length, sent.length, 'nothing is lost, nothing settled twice')
        assert.deepEqual((await deadIds(bus)).sort(), work.givenUp.sort())
        assert.equal(clock.timers, 0)
      },
    ),
    { numRuns: 300 },
  )
})
