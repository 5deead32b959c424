import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Clock } from '../clock.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { memoryReplyStore } from './memory-reply-store.ts'
import { hostService, REQUEST, type Service, UNDO } from './participant.test.support.ts'
import type { ReplyStore } from './reply-store.ts'
import { readReply } from './reply-message.ts'
import type { RequestHandler, RequestInfo } from './request-handler.ts'

/** Flights that are booked and cancelled; what was called stands in the log. */
function flights(
  book: (info: RequestInfo) => unknown = () => ({ flight: 'LX-1' }),
  cancel: (info: RequestInfo) => unknown = () => 'cancelled',
) {
  const log: string[] = []
  const infos: RequestInfo[] = []
  const handlers: RequestHandler[] = [
    { target: 'flights.book', handle: (_, info) => called('book', info, book) },
    { target: 'flights.cancel', handle: (_, info) => called('cancel', info, cancel) },
  ]
  const called = (name: string, info: RequestInfo, answer: (info: RequestInfo) => unknown) => {
    log.push(name)
    infos.push(info)
    return answer(info)
  }
  return { log, infos, handlers }
}

/** The undo of the request, which is known to have been sent after the service began. */
async function undoneLater(service: Service) {
  service.clock.advance(10)
  const sentAt = service.clock.wall()
  return { ...UNDO, undoes: { requestId: 'trip-1/book', target: 'flights.book', sentAt } }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('a request that comes again', () => {
  test('is answered with the first reply, without another call', async () => {
    let flight = 0
    const { handlers, log } = flights(() => ({ flight: ++flight }))
    await using service = await hostService({ handlers })
    const first = await service.ask()
    for (const attempt of [1, 2, 1]) {
      const again = await service.ask({ attempt })
      assert.equal(again.status, 200)
      assert.deepEqual(again.content(), first.content())
      assert.equal(again.attempt, attempt)
    }
    assert.deepEqual(log, ['book'])
  })

  test('after a refusal is refused again, without another call', async () => {
    const { handlers, log } = flights(() => Object.assign(new Error('no'), { name: 'x' }))
    await using service = await hostService({ handlers, isRefusal: () => true })
    const first = await service.ask()
    const second = await service.ask({ attempt: 2 })
    assert.deepEqual([first.status, second.status], [400, 400])
    assert.deepEqual(second.content(), first.content())
    assert.deepEqual(log, ['book'])
  })

  test('waits for the one that runs', async () => {
    const goOn = Promise.withResolvers<string>()
    const { handlers, log } = flights(() => goOn.promise)
    await using service = await hostService({ handlers })
    // Other keys, so that the bus does not hold the second one back.
    await service.sendRaw({ key: '' })
    await service.sendRaw({ key: '' })
    await turn()
    assert.equal(service.participant.status().running, 2)
    assert.equal(service.replies.length, 0)
    goOn.resolve('done')
    await service.bus.idle()
    assert.deepEqual(
      service.replies.map((reply) => readReply(reply).content()),
      ['done', 'done'],
    )
    assert.deepEqual(log, ['book'])
  })

  test('after an unexpected error runs again when it is a new attempt only', async () => {
    let attempts = 0
    const { handlers, log, infos } = flights(() => {
      attempts++
      if (attempts < 3) throw new Error(`attempt ${attempts}`)
      return 'booked'
    })
    await using service = await hostService({ handlers })
    const statuses: number[] = []
    for (const attempt of [1, 1, 2, 1, 2, 3, 4, 1]) {
      statuses.push((await service.ask({ attempt })).status)
    }
    assert.deepEqual(statuses, [500, 500, 500, 500, 500, 200, 200, 200])
    assert.deepEqual(log, ['book', 'book', 'book'])
    assert.deepEqual(
      infos.map(({ isAgain, attempt, idempotencyKey }) => [isAgain, attempt, idempotencyKey]),
      [
        [false, 1, 'trip-1/book'],
        [true, 2, 'trip-1/book'],
        [true, 3, 'trip-1/book'],
      ],
    )
  })

  test('is another request when its id is another one', async () => {
    const { handlers, log } = flights()
    await using service = await hostService({ handlers })
    await service.ask({ requestId: 'trip-1/book' })
    await service.ask({ requestId: 'trip-2/book' })
    assert.deepEqual(log, ['book', 'book'])
  })

  test('runs again when it is not remembered any more', async () => {
    const { handlers, log } = flights()
    const clock = fakeClock()
    const replies = memoryReplyStore({ clock, repliesKeptMs: 1_000 })
    await using service = await hostService({ handlers, replies })
    await service.ask()
    clock.advance(1_001)
    await service.ask({ requestId: 'trip-2/book' })
    await service.ask()
    assert.deepEqual(log, ['book', 'book', 'book'])
  })
})

describe('an undo', () => {
  test('of a request that was answered runs, and knows what was answered', async () => {
    const { handlers, log, infos } = flights()
    await using service = await hostService({ handlers })
    const undo = await undoneLater(service)
    await service.ask()
    const reply = await service.ask(undo)
    assert.deepEqual([reply.status, reply.content()], [200, 'cancelled'])
    assert.equal(reply.isWithoutEffect, false)
    assert.deepEqual(log, ['book', 'cancel'])
    assert.deepEqual(infos[1]?.undoes, { requestId: 'trip-1/book', status: 200 })
    assert.equal(infos[1]?.idempotencyKey, 'trip-1/book/undo')
    await service.ask({ ...undo, attempt: 2 })
    assert.deepEqual(log, ['book', 'cancel'])
  })

  test('that overtakes its request cancels it, and neither has an effect', async () => {
    const { handlers, log } = flights()
    await using service = await hostService({ handlers })
    const undo = await undoneLater(service)
    const reply = await service.ask(undo)
    assert.deepEqual([reply.status, reply.isWithoutEffect], [200, true])
    assert.equal(reply.content(), undefined)
    for (const attempt of [1, 2]) {
      const late = await service.ask({ attempt })
      assert.deepEqual([late.status, late.code], [400, 'REQUEST_CANCELLED'])
    }
    const again = await service.ask({ ...undo, attempt: 2 })
    assert.deepEqual([again.status, again.isWithoutEffect], [200, true])
    const other = await service.ask({ ...undo, requestId: 'trip-1/book/undo-2' })
    assert.deepEqual([other.status, other.isWithoutEffect], [200, true])
    assert.deepEqual(log, [])
  })

  test('waits for its request while that runs', async () => {
    const goOn = Promise.withResolvers<void>()
    const { handlers, log } = flights(() => goOn.promise)
    await using service = await hostService({ handlers })
    const undo = await undoneLater(service)
    await service.send()
    await turn()
    await service.send(undo)
    await turn()
    assert.deepEqual(log, ['book'])
    goOn.resolve()
    await service.bus.idle()
    assert.deepEqual(log, ['book', 'cancel'])
    assert.deepEqual(
      service.replies.map((reply) => readReply(reply).direction),
      ['forward', 'backward'],
    )
  })

  test('runs when its request may have come before the service began', async () => {
    for (const sentAt of [undefined, fakeClock().wall()]) {
      const { handlers, log, infos } = flights()
      await using service = await hostService({ handlers })
      const undoes = { requestId: 'trip-1/book', target: 'flights.book', sentAt }
      const reply = await service.ask({ ...UNDO, undoes })
      assert.deepEqual([reply.status, reply.isWithoutEffect], [200, false])
      assert.deepEqual(log, ['cancel'])
      assert.equal(infos[0]?.undoes?.status, undefined)
      const late = await service.ask()
      assert.deepEqual([late.status, late.code], [400, 'REQUEST_CANCELLED'])
      assert.deepEqual(log, ['cancel'])
    }
  })

  test('runs when its request was seen and forgotten', async () => {
    const { handlers, log } = flights()
    const clock = fakeClock()
    const replies = memoryReplyStore({ clock, repliesKeptMax: 1 })
    await using service = await hostService({ handlers, replies })
    clock.advance(10)
    const sentAt = clock.wall()
    clock.advance(10)
    await service.ask()
    clock.advance(10)
    await service.ask({ requestId: 'trip-2/book' })
    const undoes = { requestId: 'trip-1/book', target: 'flights.book', sentAt }
    const reply = await service.ask({ ...UNDO, undoes })
    assert.equal(reply.isWithoutEffect, false)
    assert.deepEqual(log, ['book', 'book', 'cancel'])
  })

  test('runs when its request is known to have had its effect', async () => {
    const { handlers, log } = flights()
    await using service = await hostService({ handlers })
    const undo = await undoneLater(service)
    const reply = await service.ask({ ...undo, undoes: { ...undo.undoes, happened: true } })
    assert.deepEqual([reply.status, reply.isWithoutEffect], [200, false])
    assert.deepEqual(log, ['cancel'])
  })

  test('runs when its request went to another service', async () => {
    const { handlers, log } = flights()
    await using service = await hostService({ handlers })
    const undo = await undoneLater(service)
    const undoes = { ...undo.undoes, requestId: 'trip-1/room', target: 'hotel.book' }
    const reply = await service.ask({ ...undo, undoes })
    assert.deepEqual([reply.status, reply.isWithoutEffect], [200, false])
    assert.deepEqual(log, ['cancel'])
  })

  test('that fails runs again at its next attempt', async () => {
    let attempts = 0
    const { handlers, log, infos } = flights(undefined, () => {
      attempts++
      if (attempts === 1) throw new Error('not yet')
      return 'cancelled'
    })
    await using service = await hostService({ handlers })
    const happened = { requestId: 'trip-1/book', target: 'flights.book', happened: true }
    const first = await service.ask({ ...UNDO, undoes: happened })
    const second = await service.ask({ ...UNDO, undoes: happened, attempt: 2 })
    const third = await service.ask({ ...UNDO, undoes: happened, attempt: 3 })
    assert.deepEqual([first.status, second.status, third.status], [500, 200, 200])
    assert.deepEqual(log, ['cancel', 'cancel'])
    assert.equal(infos[1]?.isAgain, true)
  })

  test('of a request that failed unexpectedly runs: it may have had its effect', async () => {
    const { handlers, log, infos } = flights(() => {
      throw new Error('after the effect?')
    })
    await using service = await hostService({ handlers })
    const undo = await undoneLater(service)
    await service.ask()
    await service.ask(undo)
    assert.deepEqual(log, ['book', 'cancel'])
    assert.equal(infos[1]?.undoes?.status, 500)
    // A further attempt that was still on its way has no effect any more.
    const late = await service.ask({ attempt: 2 })
    assert.deepEqual([late.status, late.code], [400, 'REQUEST_CANCELLED'])
    const other = await service.ask({ ...undo, requestId: 'trip-1/book/undo-2' })
    assert.deepEqual([other.status, other.isWithoutEffect], [200, false])
    assert.deepEqual(log, ['book', 'cancel', 'cancel'])
    assert.equal(infos[2]?.undoes?.status, 500)
  })

  test('without the request it undoes is a request like any other', async () => {
    const { handlers, log } = flights()
    await using service = await hostService({ handlers })
    const reply = await service.ask({ ...UNDO, undoes: undefined })
    assert.equal(reply.status, 200)
    assert.deepEqual(log, ['cancel'])
  })

  test('by the same target as its request finds its handler', async () => {
    const seen: string[] = []
    const handlers = [
      { target: 'flights', handle: (_: unknown, info: RequestInfo) => seen.push(info.direction) },
    ]
    await using service = await hostService({ handlers })
    await service.ask({ target: 'flights' })
    const undoes = { requestId: 'trip-1/book', target: 'flights' }
    await service.ask({ ...UNDO, target: 'flights', undoes })
    assert.deepEqual(seen, ['forward', 'backward'])
  })
})

describe('a store that fails', () => {
  /** A store whose `put` does as it is told. */
  function moody(clock: Clock, moods: readonly ('ok' | 'throw' | 'refuse')[]) {
    const inner = memoryReplyStore({ clock })
    const rest = [...moods]
    const store: ReplyStore = {
      ...inner,
      put: async (changes) => {
        const mood = rest.shift() ?? 'ok'
        if (mood === 'throw') throw new Error('the store is down')
        return mood === 'refuse' ? false : inner.put(changes)
      },
    }
    return store
  }

  test('before the call: nothing happens until the request is delivered again', async () => {
    const { handlers, log, infos } = flights()
    await using service = await hostService({
      handlers,
      replies: moody(fakeClock(), ['throw', 'throw']),
    })
    const reply = service.ask()
    await service.clock.advanceAsync(100)
    assert.equal((await reply).status, 200)
    assert.deepEqual(log, ['book'])
    assert.equal(infos[0]?.isAgain, false)
  })

  test('after the call: the handler is told that it may have happened', async () => {
    const { handlers, log, infos } = flights()
    await using service = await hostService({
      handlers,
      replies: moody(fakeClock(), ['ok', 'throw']),
    })
    const reply = service.ask()
    await service.clock.advanceAsync(100)
    assert.equal((await reply).status, 200)
    assert.deepEqual(log, ['book', 'book'])
    assert.deepEqual(
      infos.map(({ isAgain }) => isAgain),
      [false, true],
    )
  })

  test('whose records change meanwhile is asked again', async () => {
    const { handlers, log } = flights()
    const replies = moody(fakeClock(), ['refuse', 'refuse'])
    await using service = await hostService({ handlers, replies })
    assert.equal((await service.ask()).status, 200)
    assert.deepEqual(log, ['book'])
  })

  test('whose records never stand still leaves a dead letter', async () => {
    const { handlers, log } = flights()
    const replies: ReplyStore = { ...memoryReplyStore({ clock: fakeClock() }), put: () => false }
    await using service = await hostService({ handlers, replies, consume: { deliveriesMax: 2 } })
    await service.send(REQUEST)
    await service.send(UNDO)
    await service.clock.advanceAsync(10_000)
    assert.deepEqual(log, [])
    for (const topic of ['flights.book', 'flights.cancel']) {
      assert.deepEqual(
        (await service.deadLetters(topic)).map(({ code }) => code),
        ['REPLY_STORE_CONTESTED'],
      )
    }
  })

  test('that was answered by somebody else meanwhile gives their answer', async () => {
    const clock = fakeClock()
    const replies = memoryReplyStore({ clock })
    const theirs = {
      status: 200,
      content: new TextEncoder().encode('"theirs"'),
      code: '',
      isWithoutEffect: false,
    } as const
    const { handlers } = flights(({ requestId }) => {
      const record = { kind: 'answered', attempt: 1, answer: theirs } as const
      assert.equal(replies.put([{ requestId, expected: 'begun', record }]), true)
      return 'ours'
    })
    await using service = await hostService({ handlers, replies })
    assert.equal((await service.ask()).content(), 'theirs')
  })
})
