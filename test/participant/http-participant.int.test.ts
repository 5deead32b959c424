/** Sagas and services that speak only HTTP: a real server on the loopback interface. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import { codeOf } from '../../src/errors.ts'
import { hostParticipant } from '../../src/participant/host-participant.ts'
import {
  httpParticipant,
  type HttpParticipantOptions,
} from '../../src/participant/http-participant.ts'
import { openParticipant } from '../../src/participant/open-participant.ts'
import { requestMessage } from '../../src/participant/request-message.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import type { SagaOutcome } from '../../src/saga/manager/saga-manager.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { until } from '../coordinator/until.ts'
import { openSagas, sagaLedger } from '../saga/sagas.ts'
import { type HttpAnswer, type HttpService, httpService, json } from './http-service.ts'

type Payment = { readonly order: string; readonly amount: number }

const charge = requestType<Payment, { chargeId: string }>('payments.charge')
const refund = requestType<{ order: string }>('payments.refund')

const ROUTES = {
  'payments.charge': 'POST /v1/charges',
  'payments.refund': 'DELETE /v1/charges/{order}',
}

/** Pays over HTTP, and then does what it is told. */
function paying(then: () => void = () => undefined) {
  return new Saga<Payment>('paying')
    .remoteStep((payment) => charge({ order: payment.order, amount: payment.amount }), {
      name: 'charge',
      retry: { maxAttempts: 3, initialMs: 1 },
    })
    .onSuccess(async (payment, reply) => ({ ...payment, ...(await reply.content()) }))
    .onFailure(({ order }) => refund({ order }))
    .localStep(then, { name: 'then' })
    .commit()
}

/** Runs it against a service. */
async function pay(
  service: HttpService,
  options: Partial<HttpParticipantOptions> = {},
  then?: () => void,
): Promise<SagaOutcome<object>> {
  const saga = paying(then)
  const participants = httpParticipant({ baseUrl: service.url, routes: ROUTES, ...options })
  await using open = await openSagas({ definitions: [saga], participants })
  return await open.sagas.run(saga, { order: 'o 1/2', amount: 36 }, { id: 'a', user: 'adä' })
}

test('a request is a call with its content as JSON and who asks in its headers, its reply the content', async () => {
  await using service = await httpService(json(201, { chargeId: 'c-1' }))
  const headers = { authorization: 'Bearer s3cret', 'idempotency-key': 'mine' }
  const outcome = await pay(service, { headers })
  assert.deepEqual(outcome.context, { order: 'o 1/2', amount: 36, chargeId: 'c-1' })
  const [asked] = service.asked
  assert.deepEqual([asked?.method, asked?.path], ['POST', '/v1/charges'])
  assert.deepEqual(JSON.parse(asked?.body ?? ''), { order: 'o 1/2', amount: 36 })
  const got = asked?.headers ?? {}
  assert.deepEqual(
    [got['idempotency-key'], got['x-correlation-id'], got['x-saga-id'], got['x-saga-attempt']],
    ['a/charge', 'a', 'a', '1'],
  )
  assert.deepEqual([got['x-saga-user'], got.authorization], ['ad%C3%A4', 'Bearer s3cret'])
  assert.equal(got['content-type'], 'application/json')
})

test('an undo is a call with a key of its own; the values of its path are encoded', async () => {
  await using service = await httpService(json(200, { chargeId: 'c-1' }))
  const outcome = await pay(service, {}, () => {
    throw refuse('no carrier')
  })
  assert.deepEqual([outcome.backward, outcome.undone], ['done', ['payments.refund']])
  const undo = service.asked[1]
  assert.deepEqual(
    [undo?.method, undo?.path, undo?.body, undo?.headers['idempotency-key']],
    ['DELETE', '/v1/charges/o%201%2F2', '', 'a/charge/undo'],
  )
  assert.deepEqual(
    [undo?.headers['x-saga-direction'], undo?.headers['x-saga-undoes']],
    ['backward', 'a/charge'],
  )
})

for (const status of [400, 401, 403, 404, 409, 410, 422, 451]) {
  test(`status ${status} is a refusal with the code and the text of the service`, async () => {
    await using service = await httpService(
      json(status, { code: 'NO_FUNDS', message: 'the card is empty' }),
    )
    const { failure, undone } = await pay(service)
    const { outcome, code, message } = failure ?? {}
    assert.deepEqual([outcome, code, message], ['refused', 'NO_FUNDS', 'the card is empty'])
    assert.deepEqual([service.asked.length, undone], [1, []])
  })
}

test('a refusal that is a problem document, a text, or nothing that can be read has a code all the same', async () => {
  const answers: readonly (readonly [HttpAnswer, string, RegExp])[] = [
    [
      (_, response) => {
        response.writeHead(422, { 'content-type': 'application/problem+json' })
        response.end('{"title":"Unprocessable","detail":"no such card"}')
      },
      'HTTP_REFUSED',
      /^no such card$/,
    ],
    [
      (_, response) => {
        response.writeHead(409, { 'content-type': 'text/plain' })
        response.end('taken')
      },
      'HTTP_REFUSED',
      /^taken$/,
    ],
    [json(409, { code: 'no\ncode' }), 'HTTP_REFUSED', /refused/],
    [json(409, 'odd'), 'HTTP_REFUSED', /refused/],
    [
      (_, response) => {
        response.writeHead(400, { 'content-type': 'application/json' })
        response.end('{"co')
      },
      'HTTP_REFUSED',
      /refused/,
    ],
  ]
  for (const [answer, wanted, text] of answers) {
    await using service = await httpService(answer)
    const { failure } = await pay(service)
    assert.deepEqual([failure?.outcome, failure?.code], ['refused', wanted])
    assert.match(failure?.message ?? '', text)
  }
})

/** Answers that leave open whether it happened. */
const OPEN: readonly (readonly [string, HttpAnswer, Partial<HttpParticipantOptions>])[] = [
  ...[500, 502, 503, 504, 408, 425, 429].map(
    (status) => [`status ${status}`, json(status, {}), {}] as const,
  ),
  ['a redirect', (_, response) => response.writeHead(307, { location: '/elsewhere' }).end(), {}],
  ['a connection that breaks', (_, response) => void response.destroy(), {}],
  [
    'a reply that breaks off',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' })
      response.write('{"chargeId":')
      setTimeout(() => response.destroy(), 1)
    },
    {},
  ],
  ['no answer in time', () => undefined, { timeoutMs: 500 }],
  ['a reply that is too large', json(200, { chargeId: 'x'.repeat(200) }), { replyBytesMax: 100 }],
  [
    'JSON that is none',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"chargeId":')
    },
    {},
  ],
  ['Retry-After that is too late', json(503, {}, { 'retry-after': '3600' }), {}],
]

for (const [what, answer, options] of OPEN) {
  test(`${what} leaves open whether it happened: it is asked for again with the same key`, async () => {
    await using service = await httpService((asked, response, call) =>
      (call === 1 ? answer : json(200, { chargeId: 'c-1' }))(asked, response, call),
    )
    const outcome = await pay(service, options)
    assert.equal(outcome.forward, 'completed', JSON.stringify(outcome.failure))
    assert.deepEqual(
      service.asked.map(({ path, headers }) => [path, headers['idempotency-key']]),
      [
        ['/v1/charges', 'a/charge'],
        ['/v1/charges', 'a/charge'],
      ],
    )
    assert.equal(service.asked[1]?.headers['x-saga-attempt'], '2')
  })
}

test('what stays open is undone: it may have happened', async () => {
  await using service = await httpService(({ method }, response) =>
    method === 'POST' ? void response.destroy() : void response.writeHead(204).end(),
  )
  const outcome = await pay(service)
  const { failure, backward } = outcome
  assert.deepEqual([failure?.outcome, backward], ['unknown', 'done'])
  assert.deepEqual(
    service.asked.map(({ method }) => method),
    ['POST', 'POST', 'POST', 'DELETE'],
  )
})

test('a service that asks to be called again later is, within the attempt', async () => {
  await using service = await httpService((asked, response, call) =>
    (call === 1 ? json(429, {}, { 'retry-after': '7' }) : json(200, { chargeId: 'c-1' }))(
      asked,
      response,
    ),
  )
  const clock = fakeClock()
  const [handler] = httpParticipant({ baseUrl: service.url, routes: ROUTES, clock })
  await using bus = openMemoryBus()
  const replies: number[] = []
  await bus.consume('sagaReply', ({ message }) => void replies.push(message.status ?? 0))
  const handlers = handler === undefined ? [] : [handler]
  await using _ = await hostParticipant({ bus, service: 'payments', handlers })
  await bus.send(request('payments.charge', { order: 'o', amount: 1 }))
  await until(() => service.asked.length === 1)
  // The answer is on its way to a client that then waits by the clock.
  await until(() => clock.timers > 0)
  await clock.advanceAsync(6_000)
  assert.equal(service.asked.length, 1)
  await until(() => replies.length === 1, clock)
  assert.deepEqual([replies, service.asked.length], [[200], 2])
})

test('a service that asks for ever is given up after a few calls', async () => {
  await using service = await httpService(json(503, {}, { 'retry-after': '0' }))
  const saga = new Saga<Payment>('once')
    .remoteStep((payment) => charge(payment), { name: 'charge' })
    .commit()
  const participants = httpParticipant({ baseUrl: service.url, routes: ROUTES })
  await using open = await openSagas({ definitions: [saga], participants })
  const { failure } = await open.sagas.run(saga, { order: 'o', amount: 1 })
  assert.deepEqual([failure?.outcome, service.asked.length], ['unknown', 3])
})

test('a request that comes twice is one call, also after the participant was started again', async () => {
  await using service = await httpService(json(200, { chargeId: 'c-1' }))
  await using home = await sagaLedger()
  await using bus = openMemoryBus()
  const replies: number[] = []
  await bus.consume('sagaReply', ({ message }) => void replies.push(message.status ?? 0))
  const parts = {
    service: 'payments',
    bus,
    ledger: home.ledger,
    handlers: httpParticipant({ baseUrl: service.url, routes: ROUTES }),
  }
  for (let run = 1; run <= 2; run++) {
    await using _ = await openParticipant(parts)
    await bus.send(request('payments.charge', { order: 'o', amount: 1 }))
    await bus.send(request('payments.charge', { order: 'o', amount: 1 }))
    await until(() => replies.length === run * 2)
  }
  assert.deepEqual([replies, service.asked.length], [[200, 200, 200, 200], 1])
})

test('an empty reply is a success without content, one of another type its text', async () => {
  const answers: readonly (readonly [HttpAnswer, unknown])[] = [
    [(_, response) => void response.writeHead(204).end(), undefined],
    [
      (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('done'),
      'done',
    ],
    [json(202, null), null],
  ]
  for (const [answer, wanted] of answers) {
    await using service = await httpService(answer)
    const saga = new Saga<Payment>('seen')
      .remoteStep((payment) => charge(payment))
      .onSuccess(async (_, reply) => ({ content: await reply.content() }))
      .commit()
    const participants = httpParticipant({ baseUrl: service.url, routes: ROUTES })
    await using open = await openSagas({ definitions: [saga], participants })
    const { context } = await open.sagas.run(saga, { order: 'o', amount: 1 })
    const content: unknown = context && Reflect.get(context, 'content')
    assert.deepEqual(content ?? null, wanted ?? null)
  }
})

test('a request that no path or JSON can be made of is refused, and nothing is sent', async () => {
  await using service = await httpService(json(200, {}))
  const by = requestType<object>('payments.by')
  const bad: readonly (readonly [object, HttpParticipantOptions['routes'][string]])[] = [
    [{}, 'POST /v1/{id}'],
    [{ id: '' }, 'POST /v1/{id}/x'],
    [{ id: '..' }, 'POST /v1/{id}/x'],
    [{ id: '.' }, 'POST /v1/{id}/x'],
    [{ id: { a: 1 } }, 'POST /v1/{id}'],
    [{ id: 'a\ud800' }, 'POST /v1/{id}'],
    [{ id: 1n }, 'POST /v1/x'],
    [{ id: new Map() }, 'POST /v1/x'],
    [{ id: new Uint8Array(1) }, 'POST /v1/x'],
    [{}, { path: () => '/../elsewhere' }],
    [{}, { path: () => 'elsewhere' }],
    [{}, { path: () => '@elsewhere.test/' }],
  ]
  for (const [content, route] of bad) {
    const saga = new Saga<object>('by').remoteStep(() => by(content)).commit()
    const participants = httpParticipant({
      baseUrl: `${service.url}/base`,
      routes: { 'payments.by': route },
    })
    await using open = await openSagas({ definitions: [saga], participants })
    const { failure } = await open.sagas.run(saga, {})
    const got = [failure?.outcome, failure?.code]
    assert.deepEqual(got, ['refused', 'REQUEST_CONTENT_INVALID'], inspect(content))
  }
  assert.equal(service.asked.length, 0)
})

test('a route may be made of functions, and lies below the base', async () => {
  await using service = await httpService(json(200, { chargeId: 'c' }))
  const route = {
    method: 'PUT',
    path: (_: unknown, { requestId }: { readonly requestId: string }) =>
      `/charges/${encodeURIComponent(requestId)}?wait=1`,
    body: () => ({ sum: 1 }),
  } as const
  await pay(service, { baseUrl: `${service.url}/v2/`, routes: { 'payments.charge': route } })
  const [asked] = service.asked
  assert.deepEqual(
    [asked?.method, asked?.path, asked?.body],
    ['PUT', '/v2/charges/a%2Fcharge?wait=1', '{"sum":1}'],
  )
})

test('no secret stands in an error or a log', async () => {
  const problems: string[] = []
  const told: string[] = []
  const headers = (): Record<string, string> => ({ authorization: 'Bearer s3\ncret' })
  await using service = await httpService(json(200, {}))
  const broken: readonly Partial<HttpParticipantOptions>[] = [
    { headers },
    { headers: { authorization: 'Bearer s3cret' }, baseUrl: 'http://127.0.0.1:1' },
  ]
  for (const options of broken) {
    await using bus = openMemoryBus()
    await bus.consume('sagaReply', ({ message }) => {
      told.push(new TextDecoder().decode(message.content), JSON.stringify(message.headers))
    })
    await using _ = await hostParticipant({
      bus,
      service: 'payments',
      handlers: httpParticipant({ baseUrl: service.url, routes: ROUTES, ...options }),
      onProblem: ({ error }) => {
        const { message, stack, cause } = error as Error
        const details: unknown = Reflect.get(error as object, 'details')
        problems.push(codeOf(error), message, String(stack), String(cause), JSON.stringify(details))
      },
    })
    await bus.send(request('payments.charge', { order: 'o', amount: 1 }))
    await until(() => told.length > 0 && problems.length > 0)
    await bus.idle()
  }
  assert.deepEqual(
    problems.filter((_, index) => index % 5 === 0),
    ['HTTP_HEADERS_INVALID', 'HTTP_UNREACHABLE'],
  )
  for (const text of [...problems, ...told]) assert.doesNotMatch(text, /s3|cret/)
})

function request(target: string, content: unknown) {
  return requestMessage({
    requestId: 'a/charge',
    target,
    executionId: 'a',
    path: 'charge',
    direction: 'forward',
    attempt: 1,
    correlationId: 'a',
    content,
    replyTo: 'sagaReply',
  })
}
