import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openMemoryBus } from '../bus/memory/open-memory-bus.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { type DeliveryFault, faultyBus, type SendFault } from '../testing/faulty-bus.ts'
import { hostParticipant } from './host-participant.ts'
import { type IncomingReply, readReply } from './reply-message.ts'
import type { RequestInfo } from './request-handler.ts'
import { requestMessage } from './request-message.ts'

const IDS = ['a', 'b', 'c']
const sending = fc.record({
  id: fc.constantFrom(...IDS),
  direction: fc.constantFrom('forward', 'forward', 'backward'),
  attempt: fc.integer({ min: 1, max: 3 }),
  pauseMs: fc.constantFrom(0, 0, 3, 20),
})
const onSend: fc.Arbitrary<SendFault> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('none' as const) },
  { weight: 1, arbitrary: fc.constant('twice' as const) },
  { weight: 1, arbitrary: fc.constant('unknown' as const) },
  { weight: 2, arbitrary: fc.nat(40).map((lateMs) => ({ lateMs })) },
)
const onHandled: fc.Arbitrary<DeliveryFault> = fc.constantFrom('none', 'none', 'again')
const call = fc.record({
  ms: fc.constantFrom(0, 0, 5, 15),
  ends: fc.constantFrom('well', 'well', 'well', 'refused', 'failed'),
})

/** What happened to a request and its undo: how their calls ended, and in which order. */
type History = { forward: string[]; backward: string[]; order: string[] }

test('whatever comes twice, late or again: a request takes effect once, and is undone once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sending, { minLength: 1, maxLength: 25 }),
      fc.array(onSend, { maxLength: 40 }),
      fc.array(onHandled, { maxLength: 40 }),
      fc.array(call, { maxLength: 20 }),
      async (sendings, sendFaults, deliveryFaults, calls) => {
        const clock = fakeClock()
        const sends = [...sendFaults]
        const handled = [...deliveryFaults]
        const ends = [...calls]
        await using bus = faultyBus(openMemoryBus({ clock }), clock, {
          onSend: () => sends.shift() ?? 'none',
          onHandled: () => handled.shift() ?? 'none',
        })
        const replies: IncomingReply[] = []
        await bus.consume('r', ({ message }) => void replies.push(readReply(message)))
        const histories = new Map<string, History>(
          IDS.map((id) => [id, { forward: [], backward: [], order: [] }]),
        )
        const handle = async (content: unknown, info: RequestInfo): Promise<unknown> => {
          const { ms, ends: end } = ends.shift() ?? { ms: 0, ends: 'well' }
          const history = histories.get(String(content)) ?? assert.fail()
          history.order.push(`${info.direction} begins`)
          if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve))
          history.order.push(`${info.direction} ends`)
          history[info.direction].push(end)
          if (end === 'failed') throw new Error('failed')
          if (end === 'refused') throw Object.assign(new Error('refused'), { isRefusal: true })
          return `${info.direction} ${content}`
        }
        await hostParticipant({
          bus,
          clock,
          service: 's',
          handlers: [
            { target: 'do', handle },
            { target: 'undo', handle },
          ],
          isRefusal: (error) => error instanceof Error && 'isRefusal' in error,
        })
        clock.advance(1)
        const sentAt = clock.wall()
        for (const { id, direction, attempt, pauseMs } of sendings) {
          const isForward = direction === 'forward'
          const message = requestMessage({
            requestId: isForward ? id : `${id}/undo`,
            target: isForward ? 'do' : 'undo',
            executionId: 'e',
            path: id,
            direction: isForward ? 'forward' : 'backward',
            attempt,
            correlationId: '',
            undoes: isForward ? undefined : { requestId: id, target: 'do', sentAt },
            content: id,
            replyTo: 'r',
          })
          // Half of them without a key, so that the bus does not keep their order.
          const key = attempt === 2 ? message.key : ''
          await bus.send({ ...message, key }).catch(() => undefined)
          await clock.advanceAsync(pauseMs)
        }
        await clock.advanceAsync(100_000)

        for (const [id, { forward, backward, order }] of histories) {
          for (const [ended, requestId] of [
            [forward, id],
            [backward, `${id}/undo`],
          ] as const) {
            const ends = ended.filter((end) => end !== 'failed')
            assert.ok(ends.length <= 1, 'one end that counts')
            assert.equal(ended.at(-1), ends[0] ?? ended.at(-1), 'and nothing after it')
            const answers = replies.filter(
              (reply) => reply.requestId === requestId && reply.status !== 500,
            )
            const said = answers.map(({ status, code, content }) => [status, code, content()])
            for (const one of said) assert.deepEqual(one, said[0], 'one answer')
          }
          for (let n = 0; n < order.length; n += 2) {
            assert.equal(order[n]?.replace('begins', 'ends'), order[n + 1], 'no overlap')
          }
          const firstUndo = order.indexOf('backward begins')
          if (firstUndo === -1) continue
          assert.ok(forward.length > 0, 'only what was seen is undone')
          assert.ok(!order.includes('forward begins', firstUndo), 'nothing happens after its undo')
        }
        assert.equal(clock.timers, 0)
      },
    ),
    { numRuns: 300 },
  )
})
