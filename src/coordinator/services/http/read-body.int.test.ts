import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as ask, type RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { codeOf } from '../../../errors.ts'
import { limits } from '../../../limits.ts'
import { type BodyRoom, readBody } from './read-body.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Sends a body; answers with what became of it, and what is held afterwards. */
async function read(
  body: string | readonly string[],
  options: RequestOptions & { readonly room?: BodyRoom } = {},
): Promise<string> {
  const { room = { heldBytes: 0 }, ...rest } = options
  const before = room.heldBytes
  const done = Promise.withResolvers<string>()
  const server = createServer()
  server.on('checkContinue', (request, response) => server.emit('request', request, response))
  server.on('request', (request, response) => {
    readBody(request, response, { maxBytes: 1_000, room }).then(
      (json) => done.resolve(JSON.stringify(json) ?? 'none'),
      (error: unknown) => done.resolve(codeOf(error)),
    )
    void done.promise.then(() => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on a port.
  const { port } = server.address() as AddressInfo
  const asking = ask({ host: '127.0.0.1', port, method: 'POST', headers: JSON_TYPE, ...rest })
  asking.on('error', () => undefined)
  if (typeof body === 'string') asking.end(body)
  else {
    for (const part of body) asking.write(part)
    asking.end()
  }
  const outcome = await done.promise
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  assert.equal(room.heldBytes, before)
  return outcome
}

describe('the body of a request', () => {
  it('is JSON, in one piece or in several, or nothing', async () => {
    assert.equal(await read('{"a":[1]}'), '{"a":[1]}')
    assert.equal(await read(['{"a":', '"é', '"}']), '{"a":"é"}')
    assert.equal(await read(''), 'none')
    const headers = { 'content-type': 'application/json; charset=UTF-8' }
    assert.equal(await read('7', { headers }), '7')
  })

  it('is refused when it is too large, whether it says so or not', async () => {
    const declared = { headers: { ...JSON_TYPE, 'content-length': '5000' } }
    assert.equal(await read('x'.repeat(5_000), declared), 'REQUEST_TOO_LARGE')
    assert.equal(await read('x'.repeat(1_001)), 'REQUEST_TOO_LARGE')
    assert.equal(await read(['x'.repeat(900), 'x'.repeat(900)]), 'REQUEST_TOO_LARGE')
    assert.equal(await read(new Array<string>(50).fill('x'.repeat(900))), 'REQUEST_TOO_LARGE')
  })

  it('may nest, to a depth; brackets in texts are text', async () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    assert.equal(await read(nested(100)), nested(100))
    assert.equal(await read(nested(101)), 'REQUEST_UNDECODABLE')
    const text = JSON.stringify(`\\"${'['.repeat(200)}`)
    assert.equal(await read(text), text)
    assert.equal(await read(`[${'[],'.repeat(200)}[]]`), `[${'[],'.repeat(200)}[]]`)
  })

  it('has no room while as many bytes are on their way as may be', async () => {
    const room = { heldBytes: limits.httpBodyBytesTotalMax - 3 }
    assert.equal(await read('"long"', { room }), 'SERVER_FULL')
    assert.equal(await read('7', { room }), '7')
  })

  it('is asked for when its sender waits to be asked', async () => {
    const headers = { ...JSON_TYPE, expect: '100-continue', 'content-length': '2' }
    assert.equal(await read('{}', { headers }), '{}')
  })

  it('of a caller that has gone is nothing', async () => {
    const signal = AbortSignal.timeout(30)
    const headers = { ...JSON_TYPE, 'content-length': '50' }
    assert.equal(await read(['{'], { headers, signal }), 'ABORTED')
  })
})
