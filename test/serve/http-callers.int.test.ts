import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { certificate } from '../host/certificate.ts'
import { orderAggregate, refusingStock } from '../coordinator/shop.ts'
import {
  ask,
  at,
  commandJson,
  coverJson,
  httpShop,
  type HttpShop,
  rootOf,
  send,
} from './http-shop.ts'

const [READER, WRITER, OPERATOR] = ['reader', 'writer', 'operator'].map(
  (name) => `${name}-0123456789abcdef`,
) as [string, string, string]

const keys = [
  { name: 'reports', roles: ['read'], key: READER },
  { name: 'shop', roles: ['read', 'write'], key: WRITER },
  {
    name: 'night shift',
    roles: ['read', 'operate'],
    sha256: createHash('sha256').update(OPERATOR).digest('hex'),
  },
]

const COMMANDS = 'POST /v1/ch/order/commands'
const createOrder = { command: commandJson('orders.CreateOrder', { orderId: 'o-1' }) }
const QUERY = `/v1/query/order/events?cover.root.value=${encodeURIComponent(rootOf('order', 'o-1'))}`

async function storedPages(served: HttpShop): Promise<number> {
  return (await served.shop.client('order').query('o-1').getPages()).length
}

describe('an HTTP server with keys', () => {
  it('lets every caller do what its roles say, and nothing else', async () => {
    await using served = await httpShop([orderAggregate()], { keys })
    const meta = { command: { cover: coverJson('_angzarr', 'x') } }
    const rights = async (key: string | undefined): Promise<readonly number[]> => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
      const answers = [
        await ask(served.url, `GET ${QUERY}`, { headers }),
        await ask(served.url, COMMANDS, { headers, body: createOrder }),
        await ask(served.url, 'DELETE /api/dlq/1', { headers }),
        await ask(served.url, 'POST /v1/ch/_angzarr/commands', { headers, body: meta }),
        await ask(served.url, 'GET /metrics', { headers }),
      ]
      return answers.map(({ status }) => status)
    }
    assert.deepEqual(await rights(undefined), [401, 401, 401, 401, 401])
    assert.deepEqual(await rights(`${READER}x`), [401, 401, 401, 401, 401])
    assert.deepEqual(await rights(READER), [200, 403, 403, 403, 200])
    assert.equal(await storedPages(served), 0)
    // 400: a command for the engine that says nothing gets as far as being read.
    assert.deepEqual(await rights(OPERATOR), [200, 403, 200, 400, 200])
    assert.equal(await storedPages(served), 0)
    assert.deepEqual(await rights(WRITER), [200, 200, 403, 403, 200])
    assert.equal(await storedPages(served), 1)
  })

  it('says what is missing, before it reads a body', async () => {
    await using served = await httpShop([orderAggregate()], { keys })
    const missing = await ask(served.url, COMMANDS, { raw: 'x'.repeat(100_000) })
    assert.equal(missing.status, 401)
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer')
    assert.equal(at(missing.json, 'reason'), 'API_KEY_MISSING')
    const headers = { authorization: `Bearer ${READER}` }
    const denied = await ask(served.url, COMMANDS, { headers, raw: 'x' })
    assert.deepEqual(
      [denied.status, at(denied.json, 'status'), at(denied.json, 'reason')],
      [403, 'PERMISSION_DENIED', 'ROLE_MISSING'],
    )
    assert.match(String(at(denied.json, 'hint')), /write/)
  })

  it('refuses who waits to be asked for a body without asking for it', async () => {
    await using served = await httpShop([orderAggregate()], { keys })
    const headers = {
      'content-type': 'application/json',
      expect: '100-continue',
      'content-length': '50',
    }
    const asking = httpRequest(`${served.url}/v1/ch/order/commands`, { method: 'POST', headers })
    let continued = false
    asking.on('continue', () => (continued = true))
    asking.on('error', () => undefined)
    asking.flushHeaders()
    const [response] = await once(asking, 'response')
    assert.deepEqual([response.statusCode, continued], [401, false])
    asking.destroy()
  })

  it('does not let the body name another domain than the path, whose role was checked', async () => {
    await using served = await httpShop([orderAggregate()], { keys })
    const headers = { authorization: `Bearer ${WRITER}` }
    const body = { command: { cover: coverJson('_angzarr', 'x') } }
    const answer = await ask(served.url, COMMANDS, { headers, body })
    assert.deepEqual([answer.status, at(answer.json, 'reason')], [400, 'REQUEST_UNDECODABLE'])
  })

  it('tells everybody whether it lives and takes calls', async () => {
    await using served = await httpShop([orderAggregate()], { keys })
    for (const path of ['/health', '/healthz', '/readyz']) {
      const { status, text } = await ask(served.url, `GET ${path}`)
      assert.deepEqual([status, text], [200, 'ok\n'])
    }
    const headers = { authorization: `Bearer ${READER}` }
    await ask(served.url, `GET ${QUERY}`, { headers })
    const metrics = await ask(served.url, 'GET /metrics', { headers })
    assert.match(metrics.text, /method="\S+EventQueryService\/GetEventBook",code="OK"/)
    assert.match(metrics.text, /^# TYPE /m)
    assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  })
})

describe('an HTTP server without keys', () => {
  it('is not opened to other machines unless told so', async () => {
    const http = { listen: '0.0.0.0:0' }
    await assert.rejects(httpShop([orderAggregate()], { http }), { code: 'ACCESS_NOT_RESTRICTED' })
    await using served = await httpShop([orderAggregate()], { http, open: true })
    assert.match(served.url, /^http:\/\/0\.0\.0\.0:\d+$/)
  })

  it('answers to names of this machine only, so that no web page reaches it under its own', async () => {
    await using served = await httpShop([orderAggregate()])
    const hosts = ['localhost', '127.0.0.1:80', '[::1]', 'evil.example', 'localhost.evil.example']
    const statuses = await Promise.all(hosts.map((host) => statusUnder(served, host)))
    assert.deepEqual(statuses, [200, 200, 200, 403, 403])
  })

  it('sends no headers that let other sites in', async () => {
    await using served = await httpShop([orderAggregate()])
    const headers = { origin: 'https://evil.example' }
    const { headers: got } = await ask(served.url, `GET ${QUERY}`, { headers })
    assert.equal(got.get('access-control-allow-origin'), null)
    const asked = { ...headers, 'access-control-request-method': 'POST' }
    const before = await ask(served.url, 'OPTIONS /v1/ch/order/commands', { headers: asked })
    assert.equal(before.status, 405)
    // What a page may send unasked, a POST without a content type, changes nothing either.
    const replay = await ask(served.url, 'POST /api/dlq/1/replay', { headers })
    assert.equal(replay.status, 415)
  })

  it('is not there unless it is asked for', async () => {
    await using served = await httpShop([orderAggregate()], { http: { listen: '127.0.0.1:0' } })
    assert.equal(served.server.httpAddresses.length, 1)
    assert.equal(served.server.addresses.length, 1)
    await assert.rejects(httpShop([orderAggregate()], { http: { listen: [] } }), {
      code: 'CONFIGURATION_INVALID',
    })
  })
})

describe('failures over HTTP', () => {
  it('have the status, the code, the details and the hint of the error', async () => {
    const refusal = CommandRejectedError.notFound('SKU_UNKNOWN', 'no such product', { sku: 'x' })
    await using served = await httpShop([refusingStock(refusal)])
    const command = commandJson('inventory.ReserveStock', {}, { domain: 'inventory', key: 'x' })
    const answer = await ask(served.url, 'POST /v1/ch/inventory/commands', { body: { command } })
    assert.equal(answer.status, 404)
    assert.equal(at(answer.json, 'code'), 5)
    assert.equal(at(answer.json, 'status'), 'NOT_FOUND')
    assert.equal(at(answer.json, 'reason'), 'SKU_UNKNOWN')
    assert.equal(at(answer.json, 'message'), 'no such product')
    assert.equal(at(answer.json, 'details.0.@type'), 'type.googleapis.com/google.rpc.ErrorInfo')
    assert.equal(at(answer.json, 'details.0.metadata.sku'), 'x')
  })

  it('are INTERNAL when a handler breaks', async () => {
    await using served = await httpShop([refusingStock(new TypeError('it broke'))])
    const command = commandJson('inventory.ReserveStock', {}, { domain: 'inventory', key: 'x' })
    const answer = await ask(served.url, 'POST /v1/ch/inventory/commands', { body: { command } })
    assert.deepEqual([answer.status, at(answer.json, 'status')], [500, 'INTERNAL'], answer.text)
  })

  it('come in time: a call ends at its deadline, in milliseconds or as gRPC writes it', async () => {
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const slow = orderAggregate().handles(orders.CancelOrderSchema, async () => {
      begun.resolve()
      await gate.promise
      return create(orders.OrderCancelledSchema)
    })
    await using served = await httpShop([slow])
    const body = { command: commandJson('orders.CancelOrder', {}) }
    for (const header of [{ 'x-timeout-ms': '5' }, { 'grpc-timeout': '5m' }]) {
      const { status, json } = await ask(served.url, COMMANDS, { body, headers: header })
      assert.deepEqual([status, at(json, 'reason')], [504, 'DEADLINE_EXCEEDED'])
    }
    gate.resolve()
    const wrong = await ask(served.url, COMMANDS, { body, headers: { 'x-timeout-ms': 'soon' } })
    assert.deepEqual([wrong.status, at(wrong.json, 'reason')], [400, 'REQUEST_HEADER_INVALID'])
  })

  it('end a stream that has begun with a last line, and one that has not with a status', async () => {
    await using served = await httpShop([orderAggregate()])
    const early = await ask(served.url, 'GET /v1/query/order/events/stream')
    assert.deepEqual([early.status, at(early.json, 'status')], [400, 'INVALID_ARGUMENT'])
    const stream = await send(served.url, 'GET /v1/stream/flow')
    assert.equal(stream.status, 200)
    const stopped = served.server.stop()
    const last = (await stream.text()).trim().split('\n').at(-1) ?? ''
    assert.equal(at(JSON.parse(last), 'error.reason'), 'COORDINATOR_CLOSED')
    await stopped
  })
})

describe('an HTTP server with certificates', () => {
  it('wants callers to have one when it names their authorities', async () => {
    const own = certificate()
    const caller = certificate()
    const tls = {
      privateKey: own.key,
      certificateChain: own.certificate,
      clientAuthorities: caller.certificate,
    }
    await using served = await httpShop([orderAggregate()], { tls })
    assert.match(served.url, /^https:/)
    const trusting = { ca: Buffer.from(own.certificate) }
    const known = {
      ...trusting,
      key: Buffer.from(caller.key),
      cert: Buffer.from(caller.certificate),
    }
    assert.equal(await statusOver(served, known), 200)
    await assert.rejects(statusOver(served, trusting))
    // Somebody who speaks plain text is hung up on, and nobody else notices.
    const socket = dial(served)
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(socket, 'close')
    assert.equal(await statusOver(served, known), 200)
  })
})

describe('an HTTP server on a socket', () => {
  it('listens there for its owner', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amends-http-'))
    try {
      const path = join(folder, 'inner', 'http.sock')
      await using served = await httpShop([orderAggregate()], { http: { listen: path } })
      assert.deepEqual(served.server.httpAddresses, [`unix:${path}`])
      const asking = httpRequest({ socketPath: path, path: QUERY }).end()
      const [response] = await once(asking, 'response')
      assert.equal(response.statusCode, 200)
      response.resume()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('an HTTP server that drains', () => {
  it('lets a call finish that is inside, says that it is not ready, and lets nobody in', async () => {
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const slow = orderAggregate().handles(orders.CancelOrderSchema, async () => {
      begun.resolve()
      await gate.promise
      return create(orders.OrderCancelledSchema)
    })
    await using served = await httpShop([slow], { closesCoordinator: true })
    const body = { command: commandJson('orders.CancelOrder', {}) }
    const inside = ask(served.url, COMMANDS, { body })
    await begun.promise
    const stopped = served.server.stop()
    assert.equal((await ask(served.url, 'GET /readyz')).status, 503)
    assert.equal((await ask(served.url, 'GET /healthz')).status, 200)
    const late = await ask(served.url, COMMANDS, { body: createOrder })
    assert.deepEqual([late.status, at(late.json, 'reason')], [503, 'COORDINATOR_CLOSED'])
    gate.resolve()
    const { status, headers } = await inside
    assert.equal(status, 200)
    assert.ok(headers.get('connection') !== null)
    await stopped
    await assert.rejects(ask(served.url, 'GET /healthz'))
  })
})

function dial({ url }: HttpShop): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  return socket
}

async function statusUnder({ url }: HttpShop, host: string): Promise<number> {
  const asking = httpRequest(url + QUERY, { headers: { host } }).end()
  const [response] = await once(asking, 'response')
  await textOf(response)
  return Number(response.statusCode)
}

async function statusOver({ url }: HttpShop, options: RequestOptions): Promise<number> {
  const asking = httpsRequest(url + QUERY, { ...options, agent: false }).end()
  const [response] = await once(asking, 'response')
  await textOf(response)
  return Number(response.statusCode)
}
