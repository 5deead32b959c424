import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CodedError, codedError } from '../errors.ts'
import { CommandRejectedError } from '../errors/client-error.ts'
import { REFUSAL } from './answer.ts'
import type { ParticipantProblem } from './host-participant.ts'
import { hostService } from './participant.test.support.ts'
import { readReply } from './reply-message.ts'
import type { RequestInfo } from './request-handler.ts'

/** Stands for the refusal of the machine, which is in another layer. */
class RefusedError extends CodedError {
  constructor(reason: string, details = {}) {
    super(reason, { code: 'NO_SEAT', details })
  }
}
class NoSeat extends RefusedError {}

function bookWith(handle: (content: unknown, info: RequestInfo) => unknown) {
  return { handlers: [{ target: 'flights.book', handle }] }
}

describe('the status of an answer', () => {
  for (const [title, refuse] of Object.entries({
    thrown: () => {
      throw new RefusedError('no seat left', { flight: 'LX-1' })
    },
    returned: () => new RefusedError('no seat left', { flight: 'LX-1' }),
    'of a class of the author': () => new NoSeat('no seat left', { flight: 'LX-1' }),
    'of a rejected command': () =>
      new CommandRejectedError('no seat left', undefined, {
        code: 'NO_SEAT',
        details: { flight: 'LX-1' },
      }),
    'marked as one': () =>
      Object.assign(
        new CodedError('no seat left', { code: 'NO_SEAT', details: { flight: 'LX-1' } }),
        {
          [REFUSAL]: true,
        },
      ),
  })) {
    test(`answers a refusal ${title} with 400 and its reason`, async () => {
      const problems: ParticipantProblem[] = []
      await using service = await hostService({
        ...bookWith(refuse),
        onProblem: (problem) => problems.push(problem),
      })
      const reply = await service.ask()
      assert.equal(reply.status, 400)
      assert.equal(reply.code, 'NO_SEAT')
      assert.deepEqual(reply.content(), {
        flight: 'LX-1',
        error_code: 'NO_SEAT',
        error_message: 'no seat left',
        message: 'no seat left',
      })
      assert.deepEqual(problems, [])
    })
  }

  for (const [title, fail] of Object.entries({
    thrown: () => {
      throw new Error('db is down: password=1')
    },
    returned: () => new Error('db is down: password=1'),
    rejected: () => Promise.reject(new Error('db is down: password=1')),
  })) {
    test(`answers any other error, ${title}, with 500 and a redacted text`, async () => {
      const problems: ParticipantProblem[] = []
      await using service = await hostService({
        ...bookWith(fail),
        redact: (text) => text.replace(/password=\S+/, '***'),
        onProblem: (problem) => problems.push(problem),
      })
      const reply = await service.ask()
      assert.equal(reply.status, 500)
      assert.equal(reply.code, 'REQUEST_HANDLER_FAILED')
      assert.deepEqual(reply.content(), {
        error_code: 'REQUEST_HANDLER_FAILED',
        error_message: 'db is down: ***',
        message: 'db is down: ***',
      })
      assert.deepEqual(
        problems.map(({ kind, requestId, error }) => [kind, requestId, (error as Error).message]),
        [['handler-failed', 'trip-1/book', 'db is down: password=1']],
      )
    })
  }

  test('a coded error that is no refusal is answered with 500 and its code', async () => {
    await using service = await hostService(
      bookWith(() => {
        throw codedError('KEY_PARKED')
      }),
    )
    const reply = await service.ask()
    assert.deepEqual([reply.status, reply.code], [500, 'KEY_PARKED'])
  })

  test('answers whatever is thrown', async () => {
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('get')
      },
      getPrototypeOf: () => {
        throw new Error('getPrototypeOf')
      },
    })
    for (const thrown of [undefined, null, 7, 'text', {}, hostile]) {
      await using service = await hostService({
        ...bookWith(() => {
          // That it is no Error is what the test is about.
          // oxlint-disable-next-line typescript/only-throw-error
          throw thrown
        }),
        redact: () => {
          throw new Error('redact')
        },
        onProblem: () => {
          throw new Error('onProblem')
        },
      })
      const reply = await service.ask()
      assert.deepEqual([reply.status, reply.code], [500, 'REQUEST_HANDLER_FAILED'])
    }
  })

  test('a value that cannot be sent is answered with 500', async () => {
    await using service = await hostService(bookWith(() => ({ run: () => 1 })))
    const reply = await service.ask()
    assert.deepEqual([reply.status, reply.code], [500, 'VALUE_NOT_STORABLE'])
  })

  test('content that cannot be decoded is answered with 400, without a call', async () => {
    await using service = await hostService(bookWith(() => assert.fail('called')))
    const reply = service.nextReply()
    await service.sendRaw({ content: new TextEncoder().encode('{no json') })
    const { status, code } = readReply(await reply)
    assert.deepEqual([status, code], [400, 'REQUEST_CONTENT_INVALID'])
  })

  test('content that a schema refuses is answered with 400', async () => {
    await using service = await hostService(
      bookWith(() => {
        throw codedError('REQUEST_CONTENT_INVALID', { details: { issues: 'who: is missing' } })
      }),
    )
    const reply = await service.ask()
    assert.deepEqual([reply.status, reply.code], [400, 'REQUEST_CONTENT_INVALID'])
  })
})
