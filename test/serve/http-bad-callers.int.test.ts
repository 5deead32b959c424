import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { orderAggregate } from '../coordinator/shop.ts'
import {
  ask,
  at,
  commandJson,
  coverJson,
  httpShop,
  type HttpShop,
  rootOf,
  type Sent,
} from './http-shop.ts'

const COMMANDS = 'POST /v1/ch/order/commands'
const createOrder = { command: commandJson('orders.CreateOrder', { orderId: 'o-1' }) }
const JSON_TYPE = { 'content-type': 'application/json' }
const ROOT = encodeURIComponent(rootOf('order', 'o-1'))

async function storedPages(served: HttpShop): Promise<number> {
  return (await served.shop.client('order').query('o-1').getPages()).length
}

function raw(text: string): Sent {
  return { raw: text, headers: JSON_TYPE }
}

const deep = '['.repeat(10_000)
const any = (fields: object) => ({
  body: { command: { cover: coverJson('order', 'o-1'), pages: [{ command: fields }] } },
})

const table: readonly (readonly [string, string, Sent, number, string])[] = [
  ['an unknown path', 'GET /v2/order', {}, 404, 'PATH_UNKNOWN'],
  [
    'the wrong verb',
    'PUT /v1/ch/order/commands',
    { body: createOrder },
    405,
    'PATH_METHOD_UNSUPPORTED',
  ],
  ['the wrong verb of a page', 'POST /metrics', { body: {} }, 405, 'PATH_METHOD_UNSUPPORTED'],
  ['broken escapes', 'POST /v1/ch/%ff/commands', { body: createOrder }, 400, 'REQUEST_UNDECODABLE'],
  ['no content type', COMMANDS, { raw: '{}' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
  [
    'a form',
    COMMANDS,
    { raw: 'a=b', headers: { 'content-type': 'text/plain' } },
    415,
    'CONTENT_TYPE_UNSUPPORTED',
  ],
  [
    'another alphabet',
    COMMANDS,
    { raw: '{}', headers: { 'content-type': 'application/json; charset=latin1' } },
    415,
    'CONTENT_TYPE_UNSUPPORTED',
  ],
  [
    'a compressed body',
    COMMANDS,
    { raw: '{}', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
    415,
    'CONTENT_TYPE_UNSUPPORTED',
  ],
  ['no JSON', COMMANDS, raw('{'), 400, 'REQUEST_UNDECODABLE'],
  [
    'bytes that are no text',
    COMMANDS,
    { raw: new Uint8Array([0x22, 0xff, 0x22]), headers: JSON_TYPE },
    400,
    'REQUEST_UNDECODABLE',
  ],
  ['a body that is a list', COMMANDS, { body: [] }, 400, 'REQUEST_UNDECODABLE'],
  ['brackets without end', COMMANDS, raw(deep), 400, 'REQUEST_UNDECODABLE'],
  ['too large a body', COMMANDS, raw(`"${'x'.repeat(30_000)}"`), 413, 'REQUEST_TOO_LARGE'],
  ['much too large a body', COMMANDS, raw(`"${'x'.repeat(300_000)}"`), 413, 'REQUEST_TOO_LARGE'],
  [
    'a field nobody knows',
    COMMANDS,
    { body: { ...createOrder, colour: 'red' } },
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'a value of another kind',
    COMMANDS,
    { body: { ...createOrder, syncMode: {} } },
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'another domain in the body',
    'POST /v1/ch/inventory/commands',
    { body: createOrder },
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'a query beside a body',
    `${COMMANDS}?syncMode=1`,
    { body: createOrder },
    400,
    'REQUEST_UNDECODABLE',
  ],
  ['nothing to do', COMMANDS, { body: {} }, 400, 'MISSING_COMMAND_PAGE'],
  [
    'a type nobody knows',
    COMMANDS,
    any({ '@type': 'x/some.Unknown', a: 1 }),
    400,
    'REQUEST_UNDECODABLE',
  ],
  ['a packed message without a type', COMMANDS, any({ a: 1 }), 400, 'REQUEST_UNDECODABLE'],
  [
    'bytes that are no base64',
    COMMANDS,
    any({ '@type': 'x/orders.CreateOrder', '@value': '?' }),
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'bytes and fields',
    COMMANDS,
    any({ '@type': 'x/orders.CreateOrder', '@value': '', a: 1 }),
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'a domain nobody serves',
    'POST /v1/ch/nowhere/commands',
    { body: { command: commandJson('orders.CreateOrder', {}, { domain: 'nowhere' }) } },
    404,
    'UNKNOWN_DOMAIN',
  ],
  ['no root', 'GET /v1/query/order/events', {}, 400, 'REQUEST_INCOMPLETE'],
  [
    'a parameter nobody knows',
    `GET /v1/query/order/events?cover.colour=red`,
    {},
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'a parameter within a text',
    `GET /v1/query/order/events?cover.domain.x=1`,
    {},
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'a parameter twice',
    `GET /v1/query/order/events?cover.root.value=${ROOT}&cover.root.value=AA`,
    {},
    400,
    'REQUEST_UNDECODABLE',
  ],
  [
    'a number that is none',
    `GET /v1/query/order/events?cover.root.value=${ROOT}&range.lower=x`,
    {},
    400,
    'REQUEST_UNDECODABLE',
  ],
  ['an id that is none', 'GET /api/dlq/x', {}, 400, 'REQUEST_UNDECODABLE'],
  ['a body where none belongs', 'DELETE /api/dlq/1', { body: {} }, 400, 'REQUEST_UNDECODABLE'],
  [
    'a position that is none',
    'GET /v1/stream/flow',
    { headers: { 'last-event-id': 'x' } },
    400,
    'QUERY_INVALID',
  ],
  [
    'too long a key',
    COMMANDS,
    { body: createOrder, headers: { 'x-idempotency-key': 'k'.repeat(300) } },
    400,
    'IDEMPOTENCY_KEY_INVALID',
  ],
]

describe('an HTTP server under bad callers', () => {
  it('refuses each with its status and code, and stores nothing', async () => {
    await using served = await httpShop([orderAggregate()], { http: { maxBodyBytes: 20_000 } })
    for (const [what, request, sent, status, reason] of table) {
      const answer = await ask(served.url, request, sent)
      assert.deepEqual(
        [answer.status, at(answer.json, 'reason')],
        [status, reason],
        `${what}: ${answer.text}`,
      )
    }
    assert.equal(await storedPages(served), 0)
    const { status, text } = await ask(served.url, COMMANDS, { body: createOrder })
    assert.equal(status, 200, text)
    assert.equal(await storedPages(served), 1)
  })

  it('names the verbs that a path has', async () => {
    await using served = await httpShop([orderAggregate()])
    const { headers } = await ask(served.url, 'PATCH /api/dlq/1')
    assert.equal(headers.get('allow'), 'GET, DELETE')
  })

  it('answers noise with 400 or hangs up, and serves others meanwhile', async () => {
    await using served = await httpShop([orderAggregate()])
    for (let n = 0; n < 20; n++) {
      const socket = dial(served)
      socket.end(randomBytes(500 * (n + 1)))
      const text = await textOf(socket)
      assert.ok(text === '' || text.startsWith('HTTP/1.1 400 '), text)
    }
    const large = dial(served)
    large.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`)
    assert.match(await textOf(large), /^HTTP\/1\.1 431 /)
    assert.equal((await ask(served.url, COMMANDS, { body: createOrder })).status, 200)
  })

  it('does not wait for callers that send headers or bodies too slowly', async () => {
    const http = { headersTimeoutMs: 60, requestTimeoutMs: 120 }
    await using served = await httpShop([orderAggregate()], { http })
    const silent = dial(served)
    const halfHeaders = dial(served)
    halfHeaders.write('GET / HTTP/1.1\r\nhost: local')
    const halfBody = dial(served)
    halfBody.write(
      'POST /v1/ch/order/commands HTTP/1.1\r\nhost: localhost\r\n' +
        'content-type: application/json\r\ncontent-length: 100\r\n\r\n{"command"',
    )
    assert.equal((await ask(served.url, COMMANDS, { body: createOrder })).status, 200)
    await Promise.all([textOf(silent), textOf(halfHeaders)])
    assert.match(await textOf(halfBody), /^HTTP\/1\.1 408 |^$/)
    assert.equal(await storedPages(served), 1)
  })

  it('holds no more connections than it may; who is there keeps its place', async () => {
    await using served = await httpShop([orderAggregate()], { http: { maxConnections: 1 } })
    const first = dial(served)
    first.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(first, 'data')
    const second = dial(served)
    assert.equal(await textOf(second), '')
    first.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const [answer] = await once(first, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 200 /)
    first.destroy()
  })

  it('holds no more streams than it may, and has room again when one ends', async () => {
    await using served = await httpShop([orderAggregate()], { http: { maxStreams: 1 } })
    const leaving = new AbortController()
    const open = await fetch(`${served.url}/v1/stream/flow`, { signal: leaving.signal })
    assert.equal(open.status, 200)
    const second = await ask(served.url, 'GET /v1/query/aggregates')
    assert.deepEqual([second.status, at(second.json, 'reason')], [429, 'SERVER_FULL'])
    leaving.abort()
    let status = 0
    while (status !== 200) status = (await ask(served.url, 'GET /v1/query/aggregates')).status
  })

  it('cuts off a reader that takes nothing, so that its place is free for others', async () => {
    const http = { stallTimeoutMs: 50, maxConnections: 1 }
    await using served = await httpShop([orderAggregate()], { http })
    const note = 'x'.repeat(250_000)
    for (let n = 0; n < 40; n++) {
      await served.client.command('o-1').withMessage(orders.AddOrderNoteSchema, { note }).execute()
    }
    const slow = dial(served)
    await once(slow, 'connect')
    slow.pause()
    const path = `/v1/query/order/events?cover.root.value=${ROOT}`
    slow.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    let status = 0
    while (status !== 200) {
      const asked = ask(served.url, 'GET /healthz')
      status = await asked.then(
        (answer) => answer.status,
        () => 0,
      )
    }
    const { length } = await textOf(slow).catch(() => '')
    assert.ok(length < 40 * note.length, `${length} characters came`)
  })

  it('hangs up on a caller that sends requests without end and reads no answer', async () => {
    await using served = await httpShop([orderAggregate()])
    const socket = dial(served)
    const one = `GET /v1/stream/flow HTTP/1.1\r\nhost: localhost\r\n\r\n`
    socket.write(one.repeat(200))
    await once(socket, 'close')
    assert.equal((await ask(served.url, 'GET /healthz')).status, 200)
  })
})

function dial({ url }: HttpShop): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}
