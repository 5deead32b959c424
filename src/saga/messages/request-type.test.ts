import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import * as v from 'valibot'
import {
  type CreateOrder,
  CreateOrderSchema,
  CancelOrderSchema,
} from '../../../test/fixtures/gen/orders_pb.ts'
import type { RequestInfo } from '../../participant/request-handler.ts'
import { handle } from './handle.ts'
import { refuse } from '../../machine/refusal.ts'
import { requestType } from './request-type.ts'
import { SagaRequest } from './saga-request.ts'

/** Handlers of these tests do not look at it. */
const info = {} as RequestInfo

describe('requestType', () => {
  it('makes requests to its target', async () => {
    const book = requestType<{ who: string }>('flights.book')
    const request = book({ who: 'ada' })
    assert.ok(request instanceof SagaRequest)
    assert.equal(book.target, 'flights.book')
    assert.equal(request.target, 'flights.book')
    assert.deepEqual(await request.content(), { who: 'ada' })
  })

  it('refuses a target and a schema that are none', () => {
    assert.throws(() => requestType(''), { code: 'SAGA_REQUEST_INVALID' })
    const schemas = { content: 3 as never }
    assert.throws(() => requestType('a', schemas), { code: 'SAGA_OPTION_INVALID' })
  })
})

describe('handle', () => {
  it('answers requests to the target of its type', async () => {
    const book = requestType<{ who: string }, { flight: string }>('flights.book')
    const participant = handle(book, ({ who }) => ({ flight: `LX-${who}` }))
    assert.equal(participant.target, 'flights.book')
    assert.deepEqual(await participant.handle({ who: 'ada' }, info), { flight: 'LX-ada' })
  })

  it('gives the function what is known of the request', async () => {
    const book = requestType<null, string>('flights.book')
    const participant = handle(book, (_, { executionId }) => executionId)
    const told = { executionId: 'trip-1' } as RequestInfo
    assert.equal(await participant.handle(null, told), 'trip-1')
  })

  it('lets a refusal through, returned or thrown', async () => {
    const book = requestType<null, string>('flights.book')
    const no = refuse('no seat')
    const thrower = handle(book, () => {
      throw no
    })
    assert.equal(await handle(book, () => no).handle(null, info), no)
    await assert.rejects(async () => thrower.handle(null, info), no)
  })
})

describe('a request type with schemas of a library', () => {
  const paidAt = v.pipe(
    v.string(),
    v.transform((text) => new Date(text)),
  )
  const pay = requestType('pay.charge', {
    content: v.object({ amount: v.number(), at: paidAt }),
    reply: v.object({ paymentId: v.string() }),
  })
  const at = '2026-01-01T00:00:00.000Z'

  it('gives the handler what the schema makes of the content', async () => {
    const seen: unknown[] = []
    const participant = handle(pay, (content) => {
      seen.push(content.at.getTime())
      return { paymentId: 'p-1' }
    })
    assert.deepEqual(await participant.handle({ amount: 3, at }, info), { paymentId: 'p-1' })
    assert.deepEqual(seen, [Date.parse(at)])
  })

  it('refuses a content that the schema does not let in, and says where', async () => {
    const participant = handle(pay, () => assert.fail('is not called'))
    const refused = async (): Promise<unknown> => participant.handle({ amount: 'three', at }, info)
    await assert.rejects(refused, (error: Error & { code: string; details: object }) => {
      assert.equal(error.code, 'REQUEST_CONTENT_INVALID')
      assert.match(JSON.stringify(error.details), /amount: /)
      return true
    })
  })

  it('refuses a reply that the schema does not let out', async () => {
    const participant = handle(pay, () => ({ paymentId: 7 as unknown as string }))
    const answer = async (): Promise<unknown> => participant.handle({ amount: 3, at }, info)
    await assert.rejects(answer, { code: 'REPLY_CONTENT_INVALID' })
  })

  it('checks with a schema that answers later', async () => {
    const later = requestType('pay.charge', {
      content: v.pipeAsync(
        v.number(),
        v.checkAsync(async (n) => Promise.resolve(n > 0), 'too few'),
      ),
    })
    const participant = handle(later, (amount) => amount)
    assert.equal(await participant.handle(3, info), 3)
    const refused = async (): Promise<unknown> => participant.handle(-3, info)
    await assert.rejects(refused, { code: 'REQUEST_CONTENT_INVALID' })
  })
})

describe('a request type with protobuf schemas', () => {
  const place = requestType('orders.place', {
    content: CreateOrderSchema,
    reply: CancelOrderSchema,
  })

  it('sends messages in their JSON form, and gives messages', async () => {
    const seen: CreateOrder[] = []
    const participant = handle(place, (message) => {
      seen.push(message)
      return create(CancelOrderSchema, { reason: 'gone' })
    })
    const reply = await participant.handle({ orderId: 'A-1', itemCount: 2 }, info)
    assert.deepEqual(seen, [create(CreateOrderSchema, { orderId: 'A-1', itemCount: 2 })])
    assert.deepEqual(reply, { reason: 'gone' })
  })

  it('refuses what is no such message', async () => {
    const participant = handle(place, () => assert.fail('is not called'))
    const refused = async (): Promise<unknown> => participant.handle({ nothingLike: 'this' }, info)
    await assert.rejects(refused, { code: 'REQUEST_CONTENT_INVALID' })
  })
})
