import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { StreamedEvent } from '../../src/coordinator/coordinator-services.ts'
import {
  type EventStreamFilter,
  EventStreamFilterSchema,
  type Query,
  QuerySchema,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { orderIn } from './card-shop.ts'
import { noteOf, orderOf } from './failing-components.ts'
import { openShop } from './open-shop.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { twice as test } from './twice.ts'

function of(correlationId: string): EventStreamFilter {
  return create(EventStreamFilterSchema, { correlationId })
}

/** Takes so many events of a stream. */
async function taken(
  stream: AsyncIterable<StreamedEvent>,
  count: number,
): Promise<StreamedEvent[]> {
  const found: StreamedEvent[] = []
  for await (const event of stream) {
    found.push(event)
    if (found.length === count) break
  }
  return found
}

const sequencesIn = (events: readonly StreamedEvent[]): unknown[] =>
  events.map(({ book }) => book.pages[0]?.header?.sequenceType.value)

describe('a stream of events', () => {
  test('begins with what is stored from now on, of one workflow only', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderOf(shop, 'order-1')
    const stream = shop.services.subscribe(of('order-1'))
    await noteOf(shop, 'order-1', 'a')
    await orderOf(shop, 'order-2')
    await noteOf(shop, 'order-1', 'b')
    const events = await taken(stream, 2)
    assert.deepEqual(sequencesIn(events), [1, 2])
    assert.equal(events[0]?.book.cover?.correlationId, 'order-1')
  })

  it('is replayed from a position, and goes on live [weakness-29]', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderOf(shop, 'order-1')
    await noteOf(shop, 'order-1', 'a')
    const all = await taken(shop.services.subscribe(of('order-1'), { after: 0 }), 2)
    assert.deepEqual(sequencesIn(all), [0, 1])
    const rest = shop.services.subscribe(of('order-1'), { after: all[0]?.position })
    await noteOf(shop, 'order-1', 'b')
    assert.deepEqual(sequencesIn(await taken(rest, 2)), [1, 2])
  })

  test('loses nothing to a reader that is slower than the memory of the log [weakness-29]', async () => {
    await using shop = await openShop([orderAggregate()], {
      limits: { recentEventsMax: 2, triggersPerComponentMax: 1 },
    })
    await orderOf(shop, 'order-1')
    const stream = shop.services.subscribe(of('order-1'))
    const found: StreamedEvent[] = []
    const reading = (async (): Promise<void> => {
      for await (const event of stream) {
        found.push(event)
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (found.length === 60) break
      }
    })()
    await Promise.all(Array.from({ length: 60 }, (_, n) => noteOf(shop, 'order-1', `n-${n}`)))
    await reading
    assert.deepEqual(
      sequencesIn(found),
      Array.from({ length: 60 }, (_, n) => n + 1),
    )
  })

  test('leaves out what is isolated', async () => {
    await using shop = await openShop([orderAggregate()])
    const stream = shop.services.subscribe(of('order-1'))
    const builder = shop.client('order').command('order-1').withCorrelationId('order-1')
    await builder
      .withMessage(orders.AddOrderNoteSchema, { note: 'hidden' })
      .execute({ syncMode: SyncMode.ISOLATED })
    await noteOf(shop, 'order-1', 'seen')
    assert.deepEqual(sequencesIn(await taken(stream, 1)), [1])
  })

  it('ends when it is aborted, and when the coordinator closes', async () => {
    const abort = new AbortController()
    const shop = await openShop([orderAggregate()])
    const aborted = taken(shop.services.subscribe(of('a'), { signal: abort.signal }), 1)
    const closed = taken(shop.services.subscribe(of('a')), 1)
    abort.abort()
    assert.deepEqual(await aborted, [])
    await shop[Symbol.asyncDispose]()
    assert.deepEqual(await closed, [])
    assert.throws(() => shop.services.subscribe(of('a')), { code: 'COORDINATOR_CLOSED' })
  })

  it('needs a correlation id', async () => {
    await using shop = await openShop([orderAggregate()])
    assert.throws(() => shop.services.subscribe(of('')), { code: 'REQUEST_INCOMPLETE' })
    assert.throws(() => shop.services.subscribe(of('no spaces')), {
      code: 'CORRELATION_ID_INVALID',
    })
  })
})

describe('queries', () => {
  it('of a stream of them are answered in their order, failures included', async () => {
    await using shop = await openShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    const good = (): Query => shop.client('order').query('order-1').build()
    async function* asked(): AsyncGenerator<Query> {
      await Promise.resolve()
      yield good()
      yield create(QuerySchema)
      yield good()
    }
    const answers: string[] = []
    for await (const answer of shop.services.synchronize(asked())) {
      answers.push(answer.kind === 'book' ? `${answer.book.pages.length}` : 'failed')
    }
    assert.deepEqual(answers, ['1', 'failed', '1'])
  })

  test('name every aggregate of the main timeline', async () => {
    await using shop = await openShop([orderAggregate(), stock])
    await createOrder(shop, 'order-1')
    await createOrder(shop, 'order-2')
    await orderIn(shop, SyncMode.ISOLATED, undefined, 'order-3')
    const found: string[] = []
    for await (const { domain, root } of shop.services.getAggregateRoots()) {
      assert.equal(root?.value.length, 16)
      found.push(domain)
    }
    assert.deepEqual(found, ['order', 'order', 'order'])
  })
})
