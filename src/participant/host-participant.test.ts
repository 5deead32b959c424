import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BusMessage } from '../bus/bus.ts'
import { openMemoryBus } from '../bus/memory/open-memory-bus.ts'
import { codeOf } from '../errors.ts'
import { hostParticipant, type ParticipantProblem } from './host-participant.ts'
import { hostService, REQUEST } from './participant.test.support.ts'
import type { RequestInfo } from './request-handler.ts'
import { readReply } from './reply-message.ts'
import { requestMessage } from './request-message.ts'

function bookWith(handle: (content: unknown, info: RequestInfo) => unknown) {
  return { handlers: [{ target: 'flights.book', handle }] }
}

describe('hostParticipant', () => {
  test('answers a value with 200, to its request', async () => {
    await using service = await hostService(
      bookWith(async (content) => ({ flight: 'LX-1', for: content })),
    )
    const reply = await service.ask({}, { who: 'ada' })
    assert.equal(reply.status, 200)
    assert.deepEqual(reply.content(), { flight: 'LX-1', for: { who: 'ada' } })
    assert.equal(reply.code, '')
    assert.equal(reply.isWithoutEffect, false)
    const { requestId, executionId, path, direction, attempt } = reply
    assert.deepEqual(
      { requestId, executionId, path, direction, attempt },
      {
        requestId: 'trip-1/book',
        executionId: 'trip-1',
        path: 'book',
        direction: 'forward',
        attempt: 1,
      },
    )
  })

  test('answers a handler that returns nothing with 200 and no content', async () => {
    await using service = await hostService(bookWith(() => undefined))
    const reply = await service.ask()
    assert.equal(reply.status, 200)
    assert.equal(reply.content(), undefined)
  })

  test('calls the handler of the target with the content and what is known', async () => {
    const seen: { content: unknown; info: RequestInfo }[] = []
    await using service = await hostService({
      handlers: [
        { target: 'flights.book', handle: (content, info) => void seen.push({ content, info }) },
        { target: 'flights.cancel', handle: () => assert.fail('another target') },
      ],
    })
    const content = { at: new Date(0), many: new Set([1n]) }
    await service.ask({ attempt: 3, user: 'u-1' }, content)
    const { info } = seen[0] ?? assert.fail('not called')
    assert.deepEqual(seen[0]?.content, content)
    assert.equal(info.signal.aborted, false)
    assert.equal(info.headers['saga'], 'trip-1')
    const { signal: _signal, headers: _headers, ...told } = info
    assert.deepEqual(told, {
      target: 'flights.book',
      requestId: 'trip-1/book',
      executionId: 'trip-1',
      path: 'book',
      attempt: 3,
      direction: 'forward',
      correlationId: 'c-1',
      user: 'u-1',
      idempotencyKey: 'trip-1/book',
      isAgain: false,
      undoes: undefined,
      transaction: undefined,
    })
  })

  test('a request outside of any transaction is a plain call [minos-259]', async () => {
    const calls: unknown[] = []
    await using service = await hostService(bookWith((content) => calls.push(content)))
    const message = requestMessage({ ...REQUEST, content: 'c', replyTo: 'tripsReply' })
    const { transactions: _transactions, ...headers } = message.headers
    const reply = service.nextReply()
    await service.bus.send({ ...message, headers })
    assert.equal((await reply).status, 200)
    assert.deepEqual(calls, ['c'])
    assert.equal('transactions' in (await reply).headers, false)
  })

  test('a service adds its name to the related services of its reply [minos-260]', async () => {
    await using service = await hostService(bookWith(() => 1))
    const reply = await service.ask()
    assert.deepEqual(reply.services, ['flights'])
  })

  test('services that are related already stay so [minos-261]', async () => {
    await using service = await hostService(bookWith(() => 1))
    const message = requestMessage({
      ...REQUEST,
      content: 1,
      replyTo: 'tripsReply',
      inherited: { related_services: 'hotels,flights,cars' },
    })
    const reply = service.nextReply()
    await service.bus.send(message)
    assert.deepEqual(readReply(await reply).services, ['hotels', 'flights', 'cars'])
  })

  test('a request without a handler is answered, not passed over [minos-B-24]', async () => {
    const problems: ParticipantProblem[] = []
    await using service = await hostService({
      ...bookWith(() => 1),
      topics: ['flights.rebook'],
      onProblem: (problem) => problems.push(problem),
    })
    const reply = await service.ask({ target: 'flights.rebook' })
    assert.deepEqual([reply.status, reply.code], [500, 'REQUEST_HANDLER_MISSING'])
    assert.deepEqual(
      problems.map(({ kind, target }) => [kind, target]),
      [['handler-missing', 'flights.rebook']],
    )
    await assert.rejects(
      service.send({ target: 'hotels.book' }),
      (error) => codeOf(error) === 'MESSAGE_UNROUTABLE',
    )
  })

  for (const [title, headers] of Object.entries<Record<string, string>>({
    'no execution': {},
    'an empty execution': { saga: '' },
    'no request id': { saga: 's', request: '' },
    'a strange attempt': { saga: 's', attempt: 'first' },
    'attempt zero': { saga: 's', attempt: '0' },
    'a strange direction': { saga: 's', direction: 'sideways' },
    'an undo of itself': { saga: 's', request: 'r', undoes: 'r' },
    'an undo of nothing': { saga: 's', undoes: '' },
    'an undo of a request sent at no time': { saga: 's', undoes: 'q', undoes_sent_at: 'soon' },
  })) {
    test(`a message with ${title} is answered with 400 and kept`, async () => {
      await using service = await hostService(bookWith(() => assert.fail('called')))
      const reply = service.nextReply()
      await service.sendRaw({ headers })
      assert.equal((await reply).status, 400)
      assert.equal((await reply).headers['code'], 'REQUEST_MALFORMED')
      const letters = await service.deadLetters('flights.book')
      assert.deepEqual(
        letters.map(({ code, deliveries, message }) => [code, deliveries, message.headers]),
        [['REQUEST_MALFORMED', 1, headers]],
      )
      await service.bus.idle()
    })
  }

  test('a bad message does not keep others from being answered', async () => {
    await using service = await hostService(bookWith(() => 'fine'))
    await service.sendRaw({ headers: {}, replyTo: undefined })
    assert.equal((await service.ask()).status, 200)
  })

  test('a request that expects no reply takes effect', async () => {
    const done: unknown[] = []
    await using service = await hostService(bookWith((content) => done.push(content)))
    await service.sendRaw({ replyTo: undefined })
    await service.bus.idle()
    assert.equal(done.length, 1)
    assert.deepEqual(service.replies, [])
    assert.deepEqual(service.participant.status().answered, { 200: 1, 400: 0, 500: 0 })
  })

  test('a reply that cannot be sent is sent again, without another call', async () => {
    let calls = 0
    await using service = await hostService({
      ...bookWith(() => ++calls),
      consume: { deliveriesMax: 4, redeliverMsMin: 10, redeliverMsMax: 10 },
    })
    await service.sendRaw({ replyTo: 'laterReply' })
    await service.clock.advanceAsync(25)
    const late: BusMessage[] = []
    await service.bus.consume('laterReply', ({ message }) => void late.push(message))
    await service.clock.advanceAsync(10)
    assert.equal(calls, 1)
    assert.deepEqual(
      late.map(({ status }) => status),
      [200],
    )
  })

  test('a reply that can never be sent leaves a dead letter', async () => {
    await using service = await hostService({
      ...bookWith(() => 1),
      consume: { deliveriesMax: 3, redeliverMsMin: 1, redeliverMsMax: 1 },
    })
    await service.sendRaw({ replyTo: 'nowhere' })
    await service.clock.advanceAsync(100)
    const letters = await service.deadLetters('flights.book')
    assert.deepEqual(
      letters.map(({ code, deliveries }) => [code, deliveries]),
      [['MESSAGE_UNROUTABLE', 3]],
    )
  })

  test('names of services and targets are taken as they are [minos-B-26]', async () => {
    await using bus = openMemoryBus()
    const replies: BusMessage[] = []
    await bus.consume('r', ({ message }) => void replies.push(message))
    for (const service of ['myService', 'myservice', 'My-Service']) {
      const handlers = [{ target: `Create.${service}`, handle: () => service }]
      await hostParticipant({ bus, service, handlers })
    }
    for (const name of ['myservice', 'My-Service', 'myService']) {
      const target = `Create.${name}`
      await bus.send(
        requestMessage({ ...REQUEST, requestId: name, target, content: 1, replyTo: 'r' }),
      )
    }
    await bus.idle()
    assert.deepEqual(
      replies.map((reply) => [readReply(reply).content(), readReply(reply).services]),
      [
        ['myservice', ['myservice']],
        ['My-Service', ['My-Service']],
        ['myService', ['myService']],
      ],
    )
  })

  test('closing waits until requests under way are answered', async () => {
    const goOn = Promise.withResolvers<string>()
    await using service = await hostService(bookWith(() => goOn.promise))
    const reply = service.nextReply()
    await service.send()
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(service.participant.status(), {
      state: 'serving',
      running: 1,
      answered: { 200: 0, 400: 0, 500: 0 },
    })
    const closing = service.participant.close()
    assert.equal(service.participant.status().state, 'draining')
    goOn.resolve('done')
    await closing
    assert.equal(service.participant.status().state, 'closed')
    assert.equal((await reply).status, 200)
    await service.participant.close()
    await service.participant[Symbol.asyncDispose]()
  })

  test('a handler that outlives the closing is told, and its request comes again', async () => {
    const seen: RequestInfo[] = []
    const never = Promise.withResolvers<never>()
    await using service = await hostService(
      bookWith((_, info) => {
        seen.push(info)
        void info.signal
        return never.promise
      }),
    )
    await service.send()
    await new Promise((resolve) => setImmediate(resolve))
    await service.participant.close({ drainMs: 0 }).catch(() => undefined)
    await service.clock.advanceAsync(0)
    assert.equal(seen[0]?.signal.aborted, true)
    const other: string[] = []
    await service.bus.consume('flights.book', ({ message }) => void other.push(message.id))
    await service.bus.idle()
    assert.deepEqual(other, ['trip-1/book'])
  })

  test('the signal of a handler aborts when its time is up', async () => {
    await using service = await hostService({
      ...bookWith(async (_, { signal }) => {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        })
      }),
      handlerTimeoutMs: 1_000,
    })
    const reply = service.ask()
    await service.clock.advanceAsync(999)
    assert.equal(service.replies.length, 0)
    await service.clock.advanceAsync(1)
    const { status, code } = await reply
    assert.deepEqual([status, code], [500, 'DEADLINE_EXCEEDED'])
    assert.equal(service.clock.timers, 0)
  })

  test('what cannot work is refused when the service is opened', async () => {
    await using bus = openMemoryBus()
    const handle = (): number => 1
    const book = { target: 'flights.book', handle }
    const cases: readonly (readonly [object, string])[] = [
      [{ handlers: [book, book] }, 'REQUEST_HANDLER_DUPLICATE'],
      [{ handlers: [book], service: '' }, 'CONFIGURATION_INVALID'],
      [{ handlers: [book], service: 'a,b' }, 'CONFIGURATION_INVALID'],
      [{ handlers: [book], handlerTimeoutMs: 0 }, 'CONFIGURATION_INVALID'],
      [{ handlers: [{ target: 'x', handle: 1 }] }, 'CONFIGURATION_INVALID'],
      [{ handlers: [book, { target: 'not a topic', handle }] }, 'MESSAGE_INVALID'],
      [{ handlers: [book], consume: { concurrency: 0 } }, 'CONFIGURATION_INVALID'],
    ]
    for (const [part, code] of cases) {
      await assert.rejects(
        hostParticipant({ bus, service: 'flights', handlers: [], ...part }),
        (error) => codeOf(error) === code,
        code,
      )
    }
    // None of them left a consumer behind.
    await using participant = await hostParticipant({ bus, service: 'flights', handlers: [book] })
    const replies: BusMessage[] = []
    await bus.consume('tripsReply', ({ message }) => void replies.push(message))
    await bus.send(requestMessage({ ...REQUEST, content: 1, replyTo: 'tripsReply' }))
    await bus.idle()
    assert.equal(replies.length, 1)
    assert.deepEqual(participant.topics, ['flights.book'])
  })
})
