/**
 * Answers an HTTP request with a stream.
 *
 * 1. The reader sets the pace: the next message is asked for when the last one is taken.
 * 2. A stream that is refused at once has the status of its refusal; one that fails later says so
 *    in its last words.
 * 3. A caller that leaves ends the stream.
 */
import type { ServerResponse } from 'node:http'
import type { DescMethod } from '@bufbuild/protobuf'
import { iterateBounded } from '../../../abort.ts'
import type { Clock, Timer } from '../../../clock.ts'
import { asMessage } from '../../../host/serve-methods.ts'
import { limits } from '../../../limits.ts'
import { positionOf } from '../event-stream-service.ts'
import type { HttpCall } from './http-call.ts'
import { httpFailure } from './http-failure.ts'
import { jsonOfMessage } from './json-of-message.ts'
import type { MessageTypes } from './message-types.ts'
import { type StreamFormat, streamFormat } from './stream-format.ts'
import { beginAnswer, write, type WriteOptions } from './write-answer.ts'

/** What answering with a stream needs. */
export type StreamAnswering = WriteOptions & {
  readonly method: DescMethod
  readonly call: HttpCall
  readonly types: MessageTypes
  /** Told of errors that nobody threw on purpose. */
  readonly report: (error: unknown) => void
}

/** Answers; throws as long as no answer has begun. */
export async function answerStream(
  response: ServerResponse,
  open: () => AsyncIterable<unknown>,
  answering: StreamAnswering,
): Promise<void> {
  const { method, call, types, clock, report } = answering
  const format = streamFormat(call.metadata('accept'))
  const stream = iterateBounded({ signal: call.signal }, clock, open)
  try {
    const first = stream.next()
    await beginning(first, clock)
    beginAnswer(response, { status: 200, type: format.type })
    response.flushHeaders()
    using beat = heartbeat(response, format, clock)
    try {
      for (let next = await first; next.done !== true; next = await stream.next()) {
        const message = asMessage(method.output, next.value)
        const json = jsonOfMessage(method.output, message, types)
        await write(response, Buffer.from(format.message(json, positionOf(message))), answering)
        beat.restart()
      }
      response.end(format.end)
    } catch (error) {
      report(error)
      if (response.destroyed) return
      await write(response, Buffer.from(format.failure(httpFailure(error).body)), answering)
      response.end()
    }
  } finally {
    await stream.return(undefined)
  }
}

/** Waits for the first message, not for long. @throws what the stream is refused with meanwhile */
async function beginning(first: Promise<unknown>, clock: Clock): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = clock.after(limits.httpStreamBeginMs, late.resolve)
  try {
    await Promise.race([first, late.promise])
  } finally {
    timer.cancel()
  }
}

function heartbeat(
  response: ServerResponse,
  { beat }: StreamFormat,
  clock: Clock,
): Disposable & { restart(): void } {
  let timer: Timer | undefined
  const restart = (): void => {
    timer?.cancel()
    if (beat !== '') timer = clock.after(limits.httpBeatMs, say)
  }
  const say = (): void => {
    // A reader that is behind has enough to read.
    if (!response.writableNeedDrain) response.write(beat)
    restart()
  }
  restart()
  return { restart, [Symbol.dispose]: () => timer?.cancel() }
}
