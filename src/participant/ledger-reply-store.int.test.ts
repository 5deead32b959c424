import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openMemoryBus } from '../bus/memory/open-memory-bus.ts'
import { codeOf } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { limits } from '../limits.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { type FaultKind, faultyLedger } from '../testing/faulty-ledger.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { answerOfValue } from './answer.ts'
import { ledgerReplyStore } from './ledger-reply-store.ts'
import { openParticipant } from './open-participant.ts'
import { REQUEST, UNDO } from './participant.test.support.ts'
import { type IncomingReply, readReply } from './reply-message.ts'
import type { RecordChange, RequestRecord } from './reply-store.ts'
import type { RequestInfo } from './request-handler.ts'
import { requestMessage, type SagaRequestEnvelope } from './request-message.ts'

const random = seededRandom(1)
const begun: RequestRecord = { kind: 'begun', attempt: 1 }
const answered: RequestRecord = { kind: 'answered', attempt: 2, answer: answerOfValue('x') }
const cancelled: RequestRecord = { kind: 'cancelled', by: 'undo', status: 500, isCertain: true }

const change = (
  requestId: string,
  expected: RecordChange['expected'],
  record: RequestRecord,
): RecordChange => ({ requestId, expected, record })

/** A ledger in a file of its own. */
async function ownLedger(): Promise<AsyncDisposable & { readonly ledger: Ledger }> {
  const folder = mkdtempSync(join(tmpdir(), 'amends-participant-'))
  const ledger = await openLedger(join(folder, 'ledger.db'), { thread: 'inline' })
  return {
    ledger,
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const EFFECTS = 'test-effects'

async function countOf(
  ledger: Ledger,
  key: string,
): Promise<{ n: number; version: number | 'absent' }> {
  const row = await ledger.row(EFFECTS, key)
  return { n: row?.value[0] ?? 0, version: row?.version ?? 'absent' }
}

/** Books and cancels by counting in a row of the commit that answers. */
async function counts(ledger: Ledger, info: RequestInfo, by: 1 | -1): Promise<string> {
  const { n, version } = await countOf(ledger, info.path)
  const value = Uint8Array.of(n + by)
  info.store({ rows: [{ kind: 'put', space: EFFECTS, key: info.path, value, expected: version }] })
  return `now ${n + by}`
}

describe('a reply store in a ledger', () => {
  test('stores what is expected, all of it or nothing, and gives it back to the next process', async () => {
    await using home = await ownLedger()
    const clock = fakeClock()
    const open = () => ledgerReplyStore({ ledger: home.ledger, service: 's', clock, random })
    const store = await open()
    assert.equal(await store.find('a'), undefined)
    assert.equal(await store.put([change('a', 'begun', answered)]), false)
    assert.equal(await store.put([change('a', 'absent', begun)]), true)
    assert.equal(
      await store.put([change('b', 'absent', cancelled), change('a', 'absent', begun)]),
      false,
    )
    assert.equal(await store.find('b'), undefined)
    assert.equal(
      await store.put([change('b', 'absent', cancelled), change('a', 'begun', answered)]),
      true,
    )
    clock.advance(5)
    const next = await open()
    assert.deepEqual([await next.find('a'), await next.find('b')], [answered, cancelled])
    assert.equal(await next.rememberedSince(), await store.rememberedSince())
  })

  test('stores for one of two processes that decide at the same time', async () => {
    await using home = await ownLedger()
    const clock = fakeClock()
    const options = { ledger: home.ledger, service: 's', clock, random }
    const stores = [await ledgerReplyStore(options), await ledgerReplyStore(options)]
    for (const store of stores) await store.find('a')
    const stored = await Promise.all(
      stores.map(async (store) => await store.put([change('a', 'absent', begun)])),
    )
    assert.deepEqual([...stored].sort(), [false, true])
  })

  test('keeps requests of other services, and ids that are too long for a row, apart', async () => {
    await using home = await ownLedger()
    const clock = fakeClock()
    const open = (service: string) =>
      ledgerReplyStore({ ledger: home.ledger, service, clock, random })
    const [one, other] = [await open('one'), await open('other')]
    const long = 'x'.repeat(limits.messageIdLengthMax)
    for (const id of ['a', long, `${long.slice(1)}y`]) {
      assert.equal(await one.put([change(id, 'absent', begun)]), true)
      assert.deepEqual(await one.find(id), begun)
      assert.equal(await other.find(id), undefined)
    }
  })

  test('forgets what is old, and remembers since when', async () => {
    await using home = await ownLedger()
    const clock = fakeClock()
    const options = { ledger: home.ledger, service: 's', clock, random, repliesKeptMs: 1_000 }
    const store = await ledgerReplyStore(options)
    const began = await store.rememberedSince()
    assert.equal(began, clock.wall())
    clock.advance(10)
    const putAt = clock.wall()
    for (let n = 0; n < 300; n++) await store.put([change(`a-${n}`, 'absent', answered)])
    clock.advance(500)
    await store.put([change('b', 'absent', begun)])
    clock.advance(499)
    assert.equal(await store.prune(), 0)
    assert.equal(await store.rememberedSince(), began)
    clock.advance(1)
    assert.equal(await store.prune(), 300)
    assert.equal(await store.find('a-1'), undefined)
    assert.deepEqual(await store.find('b'), begun)
    assert.equal(await store.rememberedSince(), putAt)
  })

  test('is refused when it is to keep nothing', async () => {
    await using home = await ownLedger()
    const options = {
      ledger: home.ledger,
      service: 's',
      clock: fakeClock(),
      random,
      repliesKeptMs: 0,
    }
    await assert.rejects(
      ledgerReplyStore(options),
      (error) => codeOf(error) === 'CONFIGURATION_INVALID',
    )
  })
})

const FAULTS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

/** Requests of one saga: a booking that is asked for twice, then its undo, twice too. */
const ASKED: readonly Partial<SagaRequestEnvelope>[] = [
  {},
  { attempt: 2 },
  UNDO,
  { ...UNDO, attempt: 2 },
]

describe('a participant with a ledger', () => {
  test('that dies at any of its commits is taken over, and every effect is there once', async () => {
    let runs = 0
    for (let at = 1; ; at++) {
      let wasReached = false
      for (const kind of FAULTS) {
        for (const isDead of [true, false]) {
          runs++
          if (await crashAt(at, kind, isDead)) wasReached = true
        }
      }
      // The commits of a run: the beginning, and two for each of request and undo.
      if (!wasReached) return assert.ok(at >= 5 && runs >= 24, `${at} commits`)
    }
  })

  test('calls a handler again when what it read has changed since', async () => {
    await using home = await ownLedger()
    await using bus = openMemoryBus()
    const replies: IncomingReply[] = []
    await bus.consume('tripsReply', ({ message }) => void replies.push(readReply(message)))
    let calls = 0
    await using _ = await openParticipant({
      service: 'flights',
      bus,
      ledger: home.ledger,
      handlers: [
        {
          target: 'flights.book',
          handle: async (_content, info) => {
            const said = await counts(home.ledger, info, 1)
            if (++calls === 1) {
              const put = { kind: 'put', space: EFFECTS, key: info.path } as const
              const rows = [{ ...put, value: Uint8Array.of(40), expected: 'any' } as const]
              await home.ledger.commit({ id: 'somebody-else' as never, rows })
            }
            return said
          },
        },
      ],
    })
    await bus.send(requestMessage({ ...REQUEST, content: 1, replyTo: 'tripsReply' }))
    while (replies.length === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([replies[0]?.status, replies[0]?.content()], [200, 'now 41'])
    assert.equal((await countOf(home.ledger, REQUEST.path)).n, 41)
  })

  test('stores nothing of what a handler asked for that refuses', async () => {
    await using home = await ownLedger()
    await using bus = openMemoryBus()
    const replies: IncomingReply[] = []
    await bus.consume('tripsReply', ({ message }) => void replies.push(readReply(message)))
    await using participant = await openParticipant({
      service: 'flights',
      bus,
      ledger: home.ledger,
      isRefusal: () => true,
      handlers: [
        {
          target: 'flights.book',
          handle: async (_content, info) => {
            await counts(home.ledger, info, 1)
            throw new Error('no seat')
          },
        },
      ],
    })
    await bus.send(requestMessage({ ...REQUEST, content: 1, replyTo: 'tripsReply' }))
    while (replies.length === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(replies[0]?.status, 400)
    assert.equal((await countOf(home.ledger, REQUEST.path)).version, 'absent')
    const { isHealthy, state, bus: how } = participant.health()
    assert.deepEqual([isHealthy, state, how], [true, 'serving', 'unknown'])
    await participant.close()
    assert.equal(participant.health().isHealthy, false)
  })

  test('without a ledger cannot store what a handler asks for', async () => {
    await using bus = openMemoryBus()
    const replies: IncomingReply[] = []
    await bus.consume('tripsReply', ({ message }) => void replies.push(readReply(message)))
    const handle = (_content: unknown, info: RequestInfo): void => info.store({})
    const handlers = [{ target: 'flights.book', handle }]
    await using _ = await openParticipant({ service: 'flights', bus, handlers })
    await bus.send(requestMessage({ ...REQUEST, content: 1, replyTo: 'tripsReply' }))
    await bus.idle()
    assert.deepEqual([replies[0]?.status, replies[0]?.code], [500, 'REQUEST_STORE_MISSING'])
  })

  test('forgets in its own time', async () => {
    await using home = await ownLedger()
    const clock = fakeClock()
    await using bus = openMemoryBus({ clock })
    const handlers = [{ target: 'flights.book', handle: () => 'booked' }]
    const options = { service: 'flights', bus, ledger: home.ledger, clock, handlers }
    await using _ = await openParticipant({ ...options, repliesKeptMs: 1_000 })
    const store = await ledgerReplyStore({ ledger: home.ledger, service: 'flights', clock, random })
    await bus.send(requestMessage({ ...REQUEST, content: 1 }))
    while ((await store.find('trip-1/book'))?.kind !== 'answered') {
      await new Promise((resolve) => setImmediate(resolve))
    }
    clock.advance(limits.repliesPruningMs)
    while ((await store.find('trip-1/book')) !== undefined) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('needs a bus or the URL of a broker, and not both', async () => {
    await using bus = openMemoryBus()
    for (const wrong of [{}, { bus, url: 'amqp://127.0.0.1' }]) {
      await assert.rejects(
        openParticipant({ service: 's', handlers: [], ...wrong }),
        (error) => codeOf(error) === 'CONFIGURATION_INVALID',
      )
    }
  })
})

/** Whether the commit was reached. */
async function crashAt(at: number, kind: FaultKind, isDead: boolean): Promise<boolean> {
  await using home = await ownLedger()
  await using bus = openMemoryBus()
  const replies: IncomingReply[] = []
  await bus.consume('tripsReply', ({ message }) => void replies.push(readReply(message)))
  const faulty = faultyLedger(home.ledger)
  faulty.failAt(at, kind)
  if (isDead) faulty.failAt((_, nth) => nth > at, 'before')
  const consume = { redeliverMsMin: 0, redeliverMsMax: 0, deliveriesMax: Infinity }
  const open = async (ledger: Ledger) =>
    await openParticipant({
      service: 'flights',
      bus,
      ledger,
      consume,
      handlers: [
        { target: 'flights.book', handle: (_, info) => counts(home.ledger, info, 1) },
        { target: 'flights.cancel', handle: (_, info) => counts(home.ledger, info, -1) },
      ],
    })
  // One that cannot begin is opened again.
  let participant = await open(faulty).catch(() => open(home.ledger))
  for (const part of ASKED) {
    const before = replies.length
    await bus.send(requestMessage({ ...REQUEST, ...part, content: 1, replyTo: 'tripsReply' }))
    for (let turn = 0; replies.length === before; turn++) {
      if (turn === 50) {
        await participant.close({ drainMs: 0 })
        participant = await open(home.ledger)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { n } = await countOf(home.ledger, REQUEST.path)
    assert.equal(n, part.direction === 'backward' ? 0 : 1, `${kind} commit ${at}`)
  }
  await participant.close()
  const said = replies.map(({ status, content }) => [status, content()])
  const [first, , undo] = said
  assert.deepEqual(said, [first, first, undo, undo], `${kind} commit ${at}`)
  assert.deepEqual(
    [first, undo],
    [
      [200, 'now 1'],
      [200, 'now 0'],
    ],
    `${kind} commit ${at}`,
  )
  return faulty.commits >= at
}
