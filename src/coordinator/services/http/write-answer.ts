/**
 * Writes an answer no faster than it is read. A reader that takes nothing of it for too long loses
 * its connection, so that it cannot hold the answer in memory for ever; that it is cut off is plain
 * to see for it.
 */
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../clock.ts'
import { codedError } from '../../../errors.ts'

/** What writing needs. */
export type WriteOptions = {
  readonly clock: Clock
  /** Milliseconds that a reader may take nothing. */
  readonly stallTimeoutMs: number
}

/** Bytes that are given to the connection at a time. */
const PORTION_BYTES = 65_536

/** Headers of every answer. */
const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** A whole answer. */
export type WholeAnswer = {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Begins an answer. */
export function beginAnswer(
  response: ServerResponse,
  { status, type, headers }: Omit<WholeAnswer, 'text'>,
): void {
  response.writeHead(status, { ...ALWAYS, 'content-type': type, ...headers })
}

/** Sends a whole answer. @throws CodedError `ABORTED` when the reader is gone */
export async function sendAnswer(
  response: ServerResponse,
  answer: WholeAnswer,
  options: WriteOptions,
): Promise<void> {
  const bytes = Buffer.from(answer.text)
  const headers = { ...answer.headers, 'content-length': String(bytes.length) }
  beginAnswer(response, { ...answer, headers })
  await write(response, bytes, options)
  response.end()
}

/** Writes a part of an answer. @throws CodedError `ABORTED` when the reader is gone */
export async function write(
  response: ServerResponse,
  bytes: Uint8Array,
  options: WriteOptions,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += PORTION_BYTES) {
    if (response.destroyed) throw codedError('ABORTED')
    const portion = bytes.subarray(at, at + PORTION_BYTES)
    if (!response.write(portion)) await taken(response, options)
  }
}

async function taken(
  response: ServerResponse,
  { clock, stallTimeoutMs }: WriteOptions,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const gone = (): void => reject(codedError('ABORTED'))
  const timer = clock.after(stallTimeoutMs, () => response.destroy())
  response.once('drain', resolve).once('close', gone)
  try {
    if (response.destroyed) gone()
    await promise
  } finally {
    timer.cancel()
    response.off('drain', resolve).off('close', gone)
  }
}
