/**
 * The body of an HTTP request, as JSON.
 *
 * 1. No more of it is held than one request may send, nor than all of them together may.
 * 2. It is refused before it is read when its headers say that it is too large or no JSON.
 * 3. A body that turns out too large is read a little further and thrown away, so that its sender
 *    gets to read why; then the connection is closed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JsonValue } from '@bufbuild/protobuf'
import { codedError, messageOf } from '../../../errors.ts'
import { limits } from '../../../limits.ts'

/** Bytes of bodies that are on their way. */
export type BodyRoom = { heldBytes: number }

/** What reading a body needs. */
export type ReadBodyOptions = { readonly maxBytes: number; readonly room: BodyRoom }

/**
 * Reads it; `undefined` when there is none.
 *
 * @throws CodedError `CONTENT_TYPE_UNSUPPORTED`, `REQUEST_TOO_LARGE`, `REQUEST_UNDECODABLE`,
 *   `ABORTED` for a caller that has gone
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReadBodyOptions,
): Promise<JsonValue | undefined> {
  checkKind(request)
  const { headers } = request
  const declared = Number(headers['content-length'] ?? 0)
  if (declared > options.maxBytes * 2) {
    response.setHeader('connection', 'close')
    throw tooLarge(options.maxBytes)
  }
  if (headers.expect !== undefined && declared <= options.maxBytes) response.writeContinue()
  const bytes = await bytesOf(request, response, options)
  return bytes.length === 0 ? undefined : parsed(bytes)
}

/** Whether a request has a body, as its headers say. */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function checkKind({ headers }: IncomingMessage): void {
  const kind = headers['content-type'] ?? ''
  const encoding = headers['content-encoding'] ?? 'identity'
  const isJson = /^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(kind)
  if (isJson && encoding.toLowerCase() === 'identity') return
  throw codedError('CONTENT_TYPE_UNSUPPORTED', {
    details: { content_type: kind.slice(0, 128), content_encoding: encoding.slice(0, 64) },
    hint: 'Send JSON in UTF-8, not compressed, with content-type: application/json.',
  })
}

async function bytesOf(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBytes, room }: ReadBodyOptions,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let held = 0
  let received = 0
  try {
    for await (const chunk of chunksOf(request)) {
      received += chunk.length
      if (received > maxBytes) {
        chunks.length = 0
        response.setHeader('connection', 'close')
        if (received > maxBytes * 2) break
        continue
      }
      if (room.heldBytes + chunk.length > limits.httpBodyBytesTotalMax) {
        response.setHeader('connection', 'close')
        throw codedError('SERVER_FULL', { details: { of: 'bytes of bodies' } })
      }
      held += chunk.length
      room.heldBytes += chunk.length
      chunks.push(chunk)
    }
  } catch (cause) {
    if (request.destroyed && !request.complete) throw codedError('ABORTED', { cause })
    throw cause
  } finally {
    room.heldBytes -= held
  }
  if (received > maxBytes) throw tooLarge(maxBytes)
  return Buffer.concat(chunks)
}

function chunksOf(request: IncomingMessage): AsyncIterable<Buffer> {
  // A stream without an encoding gives buffers; the answer must outlive what is read.
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
}

function parsed(bytes: Buffer): JsonValue {
  checkDepth(bytes)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // What JSON.parse makes is a JSON value.
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw codedError('REQUEST_UNDECODABLE', { cause, details: { cause: messageOf(cause) } })
  }
}

const [QUOTE, BACKSLASH, OPENS, CLOSES] = [0x22, 0x5c, [0x5b, 0x7b], [0x5d, 0x7d]] as const

/** Millions of brackets would cost seconds and half a gigabyte to parse; they mean nothing. */
function checkDepth(bytes: Uint8Array): void {
  let depth = 0
  let inText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inText) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) {
      inText = true
    } else if (byte === OPENS[0] || byte === OPENS[1]) {
      if (++depth > limits.jsonDepthMax) {
        const cause = `more than ${limits.jsonDepthMax} objects and arrays stand within one another`
        throw codedError('REQUEST_UNDECODABLE', { details: { cause } })
      }
    } else if (byte === CLOSES[0] || byte === CLOSES[1]) {
      depth--
    }
  }
}

function tooLarge(maxBytes: number): Error {
  return codedError('REQUEST_TOO_LARGE', { details: { max_bytes: maxBytes } })
}
