import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { systemClock } from '../../../clock.ts'
import { codedError } from '../../../errors.ts'
import { limits } from '../../../limits.ts'
import { EventStreamService } from '../../../proto/angzarr_client/proto/angzarr/stream_pb.ts'
import { EventBookSchema } from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { fakeClock } from '../../../testing/fake-clock.ts'
import { answerStream, type StreamAnswering } from './answer-stream.ts'
import { HttpCall } from './http-call.ts'
import { messageTypes } from './message-types.ts'

const method = EventStreamService.method.subscribe
const EVENTS = { accept: 'text/event-stream' }

type Asked = AsyncDisposable & {
  readonly response: IncomingMessage
  /** Resolves with what the answer was refused with before it began, or `undefined`. */
  readonly answered: Promise<unknown>
  readonly reported: readonly unknown[]
}

/** Asks a server that answers with a stream. */
async function asked(
  open: () => AsyncIterable<unknown>,
  options: Partial<StreamAnswering> & { readonly headers?: Record<string, string> } = {},
): Promise<Asked> {
  const { clock = systemClock(), headers = {}, ...rest } = options
  const reported: unknown[] = []
  const { promise: answered, resolve } = Promise.withResolvers<unknown>()
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const call = new HttpCall(request, response, clock)
    const report = (error: unknown): void => void reported.push(error)
    const answering = { method, call, types: messageTypes(), clock, stallTimeoutMs: 1_000, report }
    answerStream(response, open, { ...answering, ...rest }).then(resolve, (error: unknown) => {
      resolve(error)
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on a port.
  const { port } = server.address() as AddressInfo
  const asking = get({ host: '127.0.0.1', port, headers, agent: false })
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  return {
    response,
    answered,
    reported,
    [Symbol.asyncDispose]: async () => {
      response.destroy()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

const book = () => create(EventBookSchema, { nextSequence: 1 })

describe('an answer that is a stream', () => {
  it('is complete with its end', async () => {
    const two = async function* () {
      yield book()
      yield book()
    }
    await using lines = await asked(two)
    assert.equal(await textOf(lines.response), '{"result":{"nextSequence":1}}\n'.repeat(2))
    await using events = await asked(two, { headers: EVENTS })
    const data = 'data: {"nextSequence":1}\n\n'
    assert.equal(await textOf(events.response), `${data}${data}event: end\ndata: {}\n\n`)
  })

  it('ends with its failure when it fails after it has begun', async () => {
    const failing = async function* () {
      yield book()
      throw codedError('COORDINATOR_CLOSED')
    }
    await using lines = await asked(failing)
    const last = (await textOf(lines.response)).trim().split('\n').at(-1) ?? ''
    assert.match(
      last,
      /^\{"error":\{"code":14,"status":"UNAVAILABLE","reason":"COORDINATOR_CLOSED"/,
    )
    assert.equal(lines.response.complete, true)
    assert.equal(lines.reported.length, 1)
    await using events = await asked(failing, { headers: EVENTS })
    assert.match(await textOf(events.response), /event: error\ndata: \{"code":14,/)
  })

  it('begins although there is nothing to say yet, and shows that it is there', async () => {
    const clock = fakeClock()
    const gate = Promise.withResolvers<void>()
    const late = async function* () {
      await gate.promise
      yield book()
    }
    const asking = asked(late, { clock, headers: EVENTS })
    while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(limits.httpStreamBeginMs)
    await using events = await asking
    events.response.setEncoding('utf8')
    while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(limits.httpBeatMs)
    assert.deepEqual(await once(events.response, 'data'), [':\n\n'])
    clock.advance(limits.httpBeatMs)
    assert.deepEqual(await once(events.response, 'data'), [':\n\n'])
    gate.resolve()
    assert.match(await textOf(events.response), /^data: /)
  })

  it('is made no faster than it is read, and ends when its reader leaves', async () => {
    let made = 0
    const ended = Promise.withResolvers<void>()
    const endless = async function* () {
      try {
        for (;;) {
          made++
          yield create(EventBookSchema, { cover: { correlationId: 'x'.repeat(100_000) } })
        }
      } finally {
        ended.resolve()
      }
    }
    await using lines = await asked(endless, { stallTimeoutMs: 60_000 })
    lines.response.pause()
    let before = -1
    while (made !== before) {
      before = made
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    // What the connection holds, and nothing more.
    assert.ok(made < 200, `${made} books were made`)
    lines.response.destroy()
    await ended.promise
  })

  it('ends at the deadline of its caller', async () => {
    const silent = async function* () {
      yield book()
      await new Promise(() => undefined)
    }
    await using lines = await asked(silent, { headers: { 'x-timeout-ms': '60' } })
    assert.match(await textOf(lines.response), /"reason":"DEADLINE_EXCEEDED"/)
  })
})
