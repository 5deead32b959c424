/**
 * Messages that nobody can mean, on whatever bus: each is refused with a code and kept as a dead letter,
 * stores nothing, has no effect, and holds up nobody else.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bus, BusMessage } from '../../src/bus/bus.ts'
import { deadLetterOf, deadLetterTopic } from '../../src/bus/dead-letter.ts'
import { codeOf } from '../../src/errors.ts'
import { limits } from '../../src/limits.ts'
import { openParticipant } from '../../src/participant/open-participant.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { SagaManager } from '../../src/saga/manager/saga-manager.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import { until } from '../coordinator/until.ts'
import { type SagaLedger, sagaLedger } from '../saga/sagas.ts'

const PAY = 'payments.pay'
const REPLIES = 'shopReply'
/** Where those who send bad requests wait. */
const ELSEWHERE = 'elsewhereReply'
const pay = requestType<{ n: number }, { paid: number }>(PAY)
const ship = requestType<{ n: number }, { shipped: number }>('parcels.ship')

/** Waits for its first reply until the test gives it. */
const buying = new Saga<{ n: number }>('buying')
  .remoteStep(({ n }) => pay({ n }), { name: 'pay' })
  .onSuccess(async (context, reply) => ({ ...context, ...(await reply.content()) }))
  .remoteStep(({ n }) => ship({ n }), { name: 'ship' })
  .onSuccess(async (context, reply) => ({ ...context, ...(await reply.content()) }))
  .commit()

/** What is going on while bad messages come. */
type World = AsyncDisposable & {
  readonly bus: Bus
  readonly home: SagaLedger
  readonly sagas: SagaManager
  /** What took effect. */
  readonly effects: readonly string[]
  /** What the senders of bad requests were answered. */
  readonly answered: readonly string[]
  /** Lets the first step of the saga that waits be answered. */
  letGo(this: void): void
  /** The next message that is kept as a dead letter. */
  buried(this: void, count: number): Promise<readonly { code: string; message: BusMessage }[]>
}

async function openWorld(bus: Bus): Promise<World> {
  await using opened = new AsyncDisposableStack()
  const home = opened.use(await sagaLedger())
  const effects: string[] = []
  const gate = Promise.withResolvers<void>()
  const buried: { code: string; message: BusMessage }[] = []
  for (const topic of [PAY, REPLIES]) {
    await bus.consume(deadLetterTopic(topic), ({ message }) => {
      const letter = deadLetterOf(message)
      if (letter !== undefined) buried.push({ code: letter.code, message: letter.message })
    })
  }
  const answered: string[] = []
  await bus.consume(ELSEWHERE, ({ message }) => {
    answered.push(`${message.status} ${message.headers['code']}`)
  })
  const handlers = [
    handle(pay, async ({ n }, { requestId }) => {
      if (requestId.startsWith('waiting')) await gate.promise
      effects.push(requestId)
      return { paid: n }
    }),
  ]
  opened.use(await openParticipant({ service: 'payments', bus, ledger: home.ledger, handlers }))
  const parcels = [handle(ship, ({ n }) => ({ shipped: n }))]
  opened.use(await openParticipant({ service: 'parcels', bus, handlers: parcels }))
  const log = (): void => undefined
  const sagas = opened.use(
    await openSagaManager({
      ledger: home.ledger,
      definitions: [buying],
      bus,
      service: 'shop',
      log,
    }),
  )
  await sagas.start(buying, { n: 1 }, { id: 'waiting' })
  const closed = opened.move()
  return {
    bus,
    home,
    sagas,
    effects,
    answered,
    letGo: gate.resolve,
    buried: async (count) => {
      await until(() => buried.length >= count)
      return buried
    },
    [Symbol.asyncDispose]: async () => {
      gate.resolve()
      await closed[Symbol.asyncDispose]()
    },
  }
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

function request(changed: Readonly<Record<string, string | undefined>>): BusMessage {
  const all = { saga: 's-1', request: 'r-1', attempt: '1', direction: 'forward', ...changed }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(all)) if (value !== undefined) headers[name] = value
  const content = text('{"n":1}')
  return { topic: PAY, id: 'r-1', key: '', headers, content, replyTo: ELSEWHERE }
}

function reply(changed: Readonly<Record<string, string | undefined>>): BusMessage {
  const message = request({ saga: 'waiting', path: 'pay', request: 'waiting/pay', ...changed })
  const { replyTo: _, ...rest } = message
  return { ...rest, topic: REPLIES, status: 200, content: text('{"paid":99}') }
}

/** Messages that are kept as dead letters, each with its code. */
const KEPT: readonly (readonly [string, BusMessage, string])[] = [
  ['a request of no execution', request({ saga: undefined }), 'REQUEST_MALFORMED'],
  ['a request of an execution without a name', request({ saga: '' }), 'REQUEST_MALFORMED'],
  ['a request without an id', request({ request: '' }), 'REQUEST_MALFORMED'],
  ['a request whose attempt is no number', request({ attempt: 'x' }), 'REQUEST_MALFORMED'],
  ['a request of attempt 0', request({ attempt: '0' }), 'REQUEST_MALFORMED'],
  ['a request in no direction', request({ direction: 'sideways' }), 'REQUEST_MALFORMED'],
  ['an undo of itself', request({ direction: 'backward', undoes: 'r-1' }), 'REQUEST_MALFORMED'],
  [
    'an undo of a request that was sent at no time',
    request({ direction: 'backward', undoes: 'r-0', undoes_sent_at: 'soon' }),
    'REQUEST_MALFORMED',
  ],
  [
    'a request whose content cannot be decoded',
    { ...request({}), content: text('{"n":') },
    'REQUEST_CONTENT_INVALID',
  ],
  ['a reply of no execution', reply({ saga: undefined }), 'REPLY_MALFORMED'],
  ['a reply whose attempt is no number', reply({ attempt: 'x' }), 'REPLY_MALFORMED'],
  ['a reply in no direction', reply({ direction: 'sideways' }), 'REPLY_MALFORMED'],
  ['a reply for an unknown saga', reply({ saga: 'nobody' }), 'REPLY_EXECUTION_UNKNOWN'],
  ['a reply for a step that there is not', reply({ path: 'fly' }), 'REPLY_STEP_UNKNOWN'],
  [
    'a reply that comes before its request was sent',
    reply({ path: 'ship', request: 'waiting/ship' }),
    'REPLY_STEP_UNKNOWN',
  ],
]

/** Messages that a bus does not take. */
const NOT_TAKEN: readonly (readonly [string, BusMessage, string])[] = [
  [
    'a content that is too large',
    { ...request({}), content: new Uint8Array(limits.messageBytesMax + 1) },
    'MESSAGE_TOO_LARGE',
  ],
  [
    'headers that are too large',
    request({ more: 'x'.repeat(limits.messageHeadersLengthMax) }),
    'MESSAGE_TOO_LARGE',
  ],
  ['no id', { ...request({}), id: '' }, 'MESSAGE_INVALID'],
  ['a topic with a space', { ...request({}), topic: 'stock shop.Reserve' }, 'MESSAGE_INVALID'],
  ['a topic that nobody consumes', { ...request({}), topic: 'nobody' }, 'MESSAGE_UNROUTABLE'],
  ['a dead letter', { ...request({}), topic: `${PAY}.dead` }, 'MESSAGE_INVALID'],
  ['a header that is no text', request({ n: 7 as never }), 'MESSAGE_INVALID'],
]

/** What somebody else may put on the queue itself. */
export type Foreign = (message: {
  readonly topic: string
  readonly content: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}) => Promise<void>

/** Tests of one bus. @param foreign where messages can be put past the bus */
export function badMessages(
  name: string,
  open: () => Promise<Bus>,
  options: { readonly skip: string | false; readonly foreign?: Foreign | undefined },
): void {
  const { skip, foreign } = options

  test(
    `${name}: bad messages are refused with a code and kept, store nothing, and hold up nobody`,
    { skip },
    async () => {
      await using bus = await open()
      await using world = await openWorld(bus)
      const { home, sagas } = world
      const before = await home.ledger.tip()
      for (const [index, [what, message, code]] of KEPT.entries()) {
        await bus.send(message)
        const last = (await world.buried(index + 1)).at(-1)
        assert.equal(last?.code, code, what)
        assert.deepEqual(last?.message.content, message.content, what)
        assert.deepEqual(last?.message.headers, message.headers, what)
      }
      assert.deepEqual([await home.ledger.tip(), world.effects], [before, []])
      const requests = KEPT.filter(([, { topic }]) => topic === PAY)
      const refusals = requests.map(([, , code]) => `400 ${code}`)
      await until(() => world.answered.length === refusals.length)
      assert.deepEqual(world.answered, refusals)
      assert.equal((await sagas.inspect('waiting')).context !== undefined, true)
      // Another one goes on in between, and the one that waited ends as it should.
      const other = await sagas.run(buying, { n: 2 }, { id: 'other' })
      assert.deepEqual(other.context, { n: 2, paid: 2, shipped: 2 })
      world.letGo()
      const { context } = await sagas.result('waiting')
      assert.deepEqual(context, { n: 1, paid: 1, shipped: 1 })
      assert.deepEqual(world.effects, ['other/pay', 'waiting/pay'])
      assert.equal((await world.buried(KEPT.length)).length, KEPT.length)
    },
  )

  test(
    `${name}: replies that come twice, or too late, change nothing and are settled`,
    { skip },
    async () => {
      await using bus = await open()
      await using world = await openWorld(bus)
      const { home, sagas } = world
      await sagas.run(buying, { n: 2 }, { id: 'other' })
      const before = await home.ledger.tip()
      const late = ['pay', 'ship'].map((path) =>
        reply({ saga: 'other', path, request: `other/${path}` }),
      )
      for (const one of [...late, ...late]) await bus.send(one)
      // Behind them comes one that is kept: then they have been taken.
      await bus.send(reply({ saga: 'nobody' }))
      const buried = await world.buried(1)
      assert.deepEqual(
        buried.map(({ code }) => code),
        ['REPLY_EXECUTION_UNKNOWN'],
      )
      assert.equal(await home.ledger.tip(), before)
      const { context } = await sagas.inspect('other')
      assert.deepEqual(context, { n: 2, paid: 2, shipped: 2 })
    },
  )

  test(
    `${name}: what no bus can carry is refused to its sender, and nothing is sent`,
    { skip },
    async () => {
      await using bus = await open()
      await using world = await openWorld(bus)
      for (const [what, message, code] of NOT_TAKEN) {
        await assert.rejects(bus.send(message), (error) => codeOf(error) === code, what)
      }
      await bus.send(request({ saga: undefined }))
      assert.equal((await world.buried(1)).length, 1)
      assert.deepEqual(world.effects, [])
    },
  )

  if (foreign === undefined) return
  test(
    `${name}: what others have put on a queue is read as far as it goes, or kept`,
    { skip },
    async () => {
      await using bus = await open()
      await using world = await openWorld(bus)
      const large = new Uint8Array(limits.messageBytesMax + 1)
      const rows = [
        [{ content: text('hello'), headers: {} }, 'REQUEST_MALFORMED'],
        [
          { content: new Uint8Array([0xff, 0xfe]), headers: { saga: 's-1' } },
          'REQUEST_CONTENT_INVALID',
        ],
        [{ content: large, headers: { saga: 's-1' } }, 'MESSAGE_TOO_LARGE'],
        [{ content: text('{}'), headers: { 'amends-headers': '[7' } }, 'REQUEST_MALFORMED'],
      ] as const
      for (const [index, [message, code]] of rows.entries()) {
        await foreign({ topic: PAY, ...message })
        const last = (await world.buried(index + 1)).at(-1)
        assert.equal(last?.code, code)
        assert.equal(last?.message.content.length, message.content.length)
      }
      assert.deepEqual(world.effects, [])
      // A service of another system may leave out what is ours.
      await foreign({ topic: PAY, content: text('{"n":5}'), headers: { saga: 's-2' } })
      await until(() => world.effects.length === 1)
    },
  )
}
