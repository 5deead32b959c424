import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { coordinatorServices } from '../../src/coordinator/services/coordinator-services.ts'
import { httpRoutes } from '../../src/coordinator/services/http/http-routes.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import {
  compensatingOrder,
  fulfillment,
  orderAggregate,
  orderSummary,
  refusingStock,
  reserveStock,
  stock,
} from '../coordinator/shop.ts'
import { openShop } from '../coordinator/open-shop.ts'
import {
  ask,
  at,
  commandJson,
  coverJson,
  httpShop,
  type HttpShop,
  linesOf,
  rootOf,
  send,
  type Sent,
} from './http-shop.ts'

const CREATE = 'orders.CreateOrder'
const ORDER = `cover.root.value=${encodeURIComponent(rootOf('order', 'o-1'))}`

/** Routes that the tests of this file have asked. */
const asked = new Set<string>()

async function call(
  { url }: HttpShop,
  route: string,
  path: string,
  sent: Sent = {},
): ReturnType<typeof ask> {
  asked.add(route)
  return await ask(url, `${route.split(' ')[0]} ${path}`, sent)
}

async function createOrder(served: HttpShop, key = 'o-1', correlationId = ''): Promise<void> {
  const command = commandJson(CREATE, { orderId: key, itemCount: 2 }, { key, correlationId })
  const route = 'POST /v1/ch/{command.cover.domain}/commands'
  const { status, text } = await call(served, route, '/v1/ch/order/commands', { body: { command } })
  assert.equal(status, 200, text)
}

describe('the routes of a coordinator', () => {
  it('take a command in, whose event a query finds at sequence 0, and whose projections SIMPLE brings [coordinator-AC-11]', async () => {
    await using served = await httpShop([orderAggregate(), orderSummary])
    const command = commandJson(CREATE, { orderId: 'o-1', itemCount: 2 })
    const sent = { body: { command, syncMode: 'SYNC_MODE_SIMPLE' } }
    const route = 'POST /v1/ch/{command.cover.domain}/commands'
    const done = await call(served, route, '/v1/ch/order/commands', sent)
    assert.equal(done.status, 200, done.text)
    assert.equal(done.headers.get('content-type'), 'application/json')
    assert.equal(at(done.json, 'events.pages.0.event.orderId'), 'o-1')
    assert.equal(at(done.json, 'projections.0.projector'), 'order-summary')
    const found = await call(
      served,
      'GET /v1/query/{cover.domain}/events',
      `/v1/query/order/events?${ORDER}`,
    )
    assert.equal(found.status, 200, found.text)
    assert.equal(at(found.json, 'nextSequence'), 1)
    assert.equal(at(found.json, 'pages.1'), undefined)
    assert.equal(at(found.json, 'pages.0.header.sequence'), 0)
    assert.deepEqual(at(found.json, 'pages.0.event'), {
      '@type': 'type.googleapis.com/orders.OrderCreated',
      orderId: 'o-1',
      itemCount: 2,
    })
  })

  it('carry a command out once for its key', async () => {
    await using served = await httpShop([orderAggregate()])
    const command = commandJson('orders.AddOrderNote', { note: 'gift' })
    const sent = { body: { command }, headers: { 'x-idempotency-key': 'k-1' } }
    const first = await ask(served.url, 'POST /v1/ch/order/commands', sent)
    const second = await ask(served.url, 'POST /v1/ch/order/commands', sent)
    assert.deepEqual([first.status, second.status], [200, 200])
    assert.deepEqual(at(first.json, 'events.pages'), at(second.json, 'events.pages'))
    assert.equal((await served.client.query('o-1').getPages()).length, 1)
  })

  it('store facts, once', async () => {
    await using served = await httpShop([orderAggregate()])
    const event = { '@type': 'type.googleapis.com/orders.OrderCompleted' }
    const pages = [{ header: { externalDeferred: { externalId: 'x-1' } }, event }]
    const sent = { body: { events: { cover: coverJson('order', 'o-1'), pages } } }
    const route = 'POST /v1/ch/{events.cover.domain}/events'
    const first = await call(served, route, '/v1/ch/order/events', sent)
    assert.equal(first.status, 200, first.text)
    const second = await call(served, route, '/v1/ch/order/events', sent)
    assert.equal(at(first.json, 'alreadyProcessed'), undefined)
    assert.equal(at(second.json, 'alreadyProcessed'), true)
    assert.equal((await served.client.query('o-1').getPages()).length, 1)
  })

  it('try a command against a point in time, and store nothing', async () => {
    await using served = await httpShop([orderAggregate()])
    const command = commandJson(CREATE, { orderId: 'o-1' })
    const tried = await call(
      served,
      'POST /v1/ch/{command.cover.domain}/commands/speculative',
      '/v1/ch/order/commands/speculative',
      { body: { command, pointInTime: { asOfSequence: 0 } } },
    )
    assert.equal(tried.status, 200, tried.text)
    assert.equal(at(tried.json, 'events.pages.0.event.orderId'), 'o-1')
    assert.equal((await served.client.query('o-1').getPages()).length, 0)
  })

  it('take a rejection in, packed four deep, and answer with what compensates it', async () => {
    await using served = await httpShop([compensatingOrder(), stock])
    await createOrder(served)
    const rejected = commandJson(
      'inventory.ReserveStock',
      { orderId: 'o-1', quantity: 2 },
      { domain: 'inventory', key: 'sku-1' },
    )
    const payload = {
      '@type': 'type.googleapis.com/angzarr_client.proto.angzarr.RejectionNotification',
      rejectedCommand: rejected,
      rejectionReason: 'none left',
    }
    const notification = {
      '@type': 'type.googleapis.com/angzarr_client.proto.angzarr.Notification',
      cover: coverJson('order', 'o-1'),
      payload,
    }
    const command = { cover: coverJson('order', 'o-1'), pages: [{ command: notification }] }
    const answer = await call(
      served,
      'POST /v1/ch/{command.cover.domain}/compensation',
      '/v1/ch/order/compensation',
      { body: { command } },
    )
    assert.equal(answer.status, 200, answer.text)
    assert.equal(
      at(answer.json, 'events.pages.0.event.@type'),
      'type.googleapis.com/orders.OrderCancelled',
    )
    assert.match(String(at(answer.json, 'events.pages.0.event.reason')), /none left/)
  })

  it('select by range, by sequences and by time, as query parameters', async () => {
    await using served = await httpShop([orderAggregate()])
    for (const note of ['a', 'b', 'c']) {
      await served.client.command('o-1').withMessage(orders.AddOrderNoteSchema, { note }).execute()
    }
    const notes = async (selection: string): Promise<readonly unknown[]> => {
      const path = `/v1/query/order/events?${ORDER}&${selection}`
      const { status, text, json } = await ask(served.url, `GET ${path}`)
      assert.equal(status, 200, text)
      const pages = at(json, 'pages')
      return Array.isArray(pages) ? pages.map((page) => at(page, 'event.note')) : []
    }
    assert.deepEqual(await notes('range.lower=1'), ['b', 'c'])
    assert.deepEqual(await notes('range.lower=0&range.upper=1'), ['a', 'b'])
    assert.deepEqual(await notes('sequences.values=0&sequences.values=2'), ['a', 'c'])
    assert.deepEqual(await notes('temporal.as_of_sequence=0'), ['a'])
    assert.deepEqual(await notes('temporal.asOfTime=2001-01-01T00:00:00Z'), [])
  })

  it('stream books and names every aggregate, a line each', async () => {
    await using served = await httpShop([orderAggregate()])
    for (const key of ['o-1', 'o-2', 'o-3']) await createOrder(served, key, 'flow')
    const books = await call(
      served,
      'GET /v1/query/{cover.domain}/events/stream',
      '/v1/query/order/events/stream?cover.correlationId=flow',
    )
    assert.equal(books.status, 200, books.text)
    assert.equal(books.headers.get('content-type'), 'application/x-ndjson')
    assert.deepEqual(
      linesOf(books).map((line) => at(line, 'result.pages.0.header.sequence')),
      [0, 0, 0],
    )
    const roots = await call(served, 'GET /v1/query/aggregates', '/v1/query/aggregates')
    assert.deepEqual(
      new Set(linesOf(roots).map((line) => at(line, 'result.root.value'))),
      new Set(['o-1', 'o-2', 'o-3'].map((key) => rootOf('order', key))),
    )
  })

  it('stream what a query selects, and nothing else [weakness-29]', async () => {
    await using served = await httpShop([orderAggregate()])
    for (const note of ['a', 'b', 'c']) {
      await served.client.command('o-1').withMessage(orders.AddOrderNoteSchema, { note }).execute()
    }
    const path = `/v1/query/order/events/stream?${ORDER}&range.lower=1&range.upper=1`
    const [line, ...more] = linesOf(await ask(served.url, `GET ${path}`))
    assert.equal(at(line, 'result.pages.0.event.note'), 'b')
    assert.equal(at(line, 'result.pages.1'), undefined)
    assert.equal(more.length, 0)
  })

  it('bring every event to a reader that was slow, once [weakness-29]', async () => {
    await using served = await httpShop([orderAggregate()])
    const note = 'x'.repeat(80_000)
    const add = async (): Promise<void> => {
      const command = served.client.command('o-1').withMessage(orders.AddOrderNoteSchema, { note })
      await command.withCorrelationId('flow').execute()
    }
    await add()
    const leaving = new AbortController()
    const { signal } = leaving
    const headers = { 'x-amends-after-position': '0' }
    // Held on to: what nobody holds, fetch ends.
    const response = await send(served.url, 'GET /v1/stream/flow', { headers, signal })
    assert.ok(response.body !== null)
    // Far more than a connection holds: the rest waits in the ledger.
    for (let n = 1; n < 120; n++) await add()
    const positions: number[] = []
    let text = ''
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      text += part
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) positions.push(Number(at(JSON.parse(line), 'position')))
      if (positions.length >= 120) break
    }
    assert.deepEqual(
      positions,
      Array.from({ length: 120 }, (_, at) => at + 1),
    )
    leaving.abort()
  })

  it('reach every domain on one server [weakness-30]', async () => {
    await using served = await httpShop([orderAggregate(), stock])
    await createOrder(served)
    const add = { domain: 'inventory', key: 'sku-1' }
    const command = commandJson('inventory.AddStock', { sku: 'sku-1', quantity: 5 }, add)
    const { status } = await ask(served.url, 'POST /v1/ch/inventory/commands', {
      body: { command },
    })
    assert.equal(status, 200)
    const roots = linesOf(await ask(served.url, 'GET /v1/query/aggregates'))
    assert.deepEqual(
      new Set(roots.map((line) => at(line, 'result.domain'))),
      new Set(['order', 'inventory']),
    )
  })

  it('try sagas, process managers and projectors, and run none of them', async () => {
    await using served = await httpShop([
      orderAggregate(),
      stock,
      reserveStock,
      fulfillment,
      orderSummary,
    ])
    const event = { '@type': 'type.googleapis.com/orders.OrderCreated', orderId: 'o', itemCount: 3 }
    const page = { header: { sequence: 0 }, event }
    const book = { cover: coverJson('order', 'o-1', 'flow'), pages: [page] }
    const saga = await call(
      served,
      'POST /v1/saga/execute/speculative',
      '/v1/saga/execute/speculative',
      { body: { request: { source: book } } },
    )
    assert.equal(at(saga.json, 'commands.0.pages.0.command.quantity'), 3, saga.text)
    const trigger = { request: { trigger: book } }
    const process = await call(served, 'POST /v1/pm/speculative', '/v1/pm/speculative', {
      body: trigger,
    })
    assert.equal(at(process.json, 'processEvents.0.pages.0.event.orderId'), 'o', process.text)
    const projected = await call(
      served,
      'POST /v1/projector/speculative',
      '/v1/projector/speculative',
      { body: { events: book } },
    )
    assert.equal(at(projected.json, 'projector'), 'order-summary', projected.text)
    const unknown = await call(served, 'POST /v1/projector/sync', '/v1/projector/sync', {
      body: { events: book },
    })
    assert.deepEqual([unknown.status, at(unknown.json, 'reason')], [404, 'EVENTS_NOT_STORED'])
    for (const [route, body] of [
      ['POST /v1/saga/execute', { source: book }],
      ['POST /v1/pm/handle', { trigger: book }],
      ['POST /v1/projector', book],
    ] as const) {
      const { status, json } = await call(served, route, route.slice(5), { body })
      assert.deepEqual([status, at(json, 'reason')], [501, 'CALL_UNSUPPORTED'], route)
    }
    assert.equal((await served.client.query('o-1').getPages()).length, 0)
  })

  it('show dead letters, replay and delete them', async () => {
    const broken = refusingStock(new Error('the handler broke'))
    const limits = { reactionAttemptsMax: 1 }
    await using served = await httpShop([orderAggregate(), broken, reserveStock], {
      shop: { limits },
    })
    await createOrder(served)
    await served.shop.settled()
    const filter = encodeURIComponent('domain = "order"')
    const list = await call(served, 'GET /api/dlq', `/api/dlq?filter=${filter}&page_size=5`)
    assert.equal(list.status, 200, list.text)
    const id = at(list.json, 'ok.entries.0.id')
    assert.ok(typeof id === 'string')
    assert.match(String(at(list.json, 'ok.entries.0.rejectionReason')), /the handler broke/)
    const one = await call(served, 'GET /api/dlq/{id}', `/api/dlq/${id}`)
    assert.equal(at(one.json, 'ok.entry.id'), id)
    const replayed = await call(served, 'POST /api/dlq/{id}/replay', `/api/dlq/${id}/replay`, {
      body: { replayMode: 'REPLAY_MODE_FRESH_SEQUENCE' },
    })
    assert.equal(replayed.status, 200)
    assert.match(String(at(replayed.json, 'degraded.detail')), /the handler broke/)
    const gone = await call(served, 'DELETE /api/dlq/{id}', `/api/dlq/${id}`)
    assert.equal(at(gone.json, 'ok.deleted'), true)
    const bad = await ask(served.url, 'GET /api/dlq?filter=colour')
    assert.deepEqual([bad.status, at(bad.json, 'degraded.status')], [200, 400])
  })

  it('stream the events of a workflow, from a position on, until the reader leaves', async () => {
    await using served = await httpShop([orderAggregate()])
    for (const key of ['o-1', 'o-2', 'o-3']) await createOrder(served, key, 'flow')
    asked.add('GET /v1/stream/{correlation_id}')
    const leaving = new AbortController()
    const response = await fetch(`${served.url}/v1/stream/flow`, {
      headers: { accept: 'text/event-stream', 'last-event-id': '1' },
      signal: leaving.signal,
    })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    assert.ok(response.body !== null)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (text.split('\n\n').length < 3) text += (await reader.read()).value
    const ids = [...text.matchAll(/^id: (?<id>\d+)$/gm)].map(({ groups }) => Number(groups?.['id']))
    assert.deepEqual(ids, [2, 3])
    const [, data = ''] = /^data: (?<json>.*)$/m.exec(text) ?? []
    assert.equal(at(JSON.parse(data), 'pages.0.event.orderId'), 'o-2')
    leaving.abort()
    // What has left holds nothing: the server ends without it.
    await served.server.stop()
  })

  it('were all asked here: none is forgotten', async () => {
    await using shop = await openShop([orderAggregate()])
    const all = httpRoutes(coordinatorServices(shop)).map(
      ({ verb, template }) => `${verb} ${template.text}`,
    )
    assert.deepEqual(all.sort(), [...asked].sort())
    assert.equal(all.length, 19)
  })
})

describe('messages of components that run elsewhere', () => {
  it('keep their bytes as @value, both ways', async () => {
    await using served = await httpShop([orderAggregate()])
    const note = Buffer.from([0x0a, 0x02, 0x68, 0x69]).toString('base64')
    const typeUrl = 'type.googleapis.com/orders.AddOrderNote'
    const command = {
      cover: coverJson('order', 'o-1'),
      pages: [{ command: { '@type': typeUrl, '@value': note } }],
    }
    const done = await ask(served.url, 'POST /v1/ch/order/commands', { body: { command } })
    assert.equal(at(done.json, 'events.pages.0.event.note'), 'hi', done.text)
    const unknown = { '@type': 'type.googleapis.com/some.Unknown', '@value': note }
    const event = { header: { externalDeferred: { externalId: 'x' } }, event: unknown }
    const events = { cover: coverJson('order', 'o-1'), pages: [event] }
    const fact = await ask(served.url, 'POST /v1/ch/order/events', { body: { events } })
    assert.deepEqual(at(fact.json, 'events.pages.0.event'), unknown, fact.text)
  })
})
