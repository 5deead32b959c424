import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { CommandHandlerRouter } from '../../src/component/command-handler-router.ts'
import { delegateToFramework } from '../../src/component/compensation.ts'
import { commandHandler } from '../../src/component/decorate-class.ts'
import { handles } from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { CommandContext } from '../../src/component/handler-context.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { Router } from '../../src/component/router.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import {
  type BusinessResponse,
  BusinessResponseSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CoverSchema,
  type EventBook,
  EventBookSchema,
  PageHeaderSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { ReserveStockSchema } from '../fixtures/gen/inventory_pb.ts'
import {
  CompleteOrderSchema,
  CreateOrderSchema,
  OrderCompletedSchema,
  OrderCreatedSchema,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { bookOf, commandRequest, coverOf, make, outline } from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'
import { orderAsClass, orderAsFunctions, orderWithFactory, type Seen } from './order.ts'
import { aggregates, requireRouter } from './routers.ts'

const createOrder = make(CreateOrderSchema, { orderId: 'o-1' })
const created = make(OrderCreatedSchema, { orderId: 'o-1' })
const order = () => defineAggregate({ domain: 'order', state: OrderStateSchema })

function events({ result }: BusinessResponse): EventBook {
  assert.equal(result.case, 'events')
  return result.value as EventBook // told by its case
}

for (const [spelling, define] of [
  ['as a class', orderAsClass],
  ['as functions', orderAsFunctions],
] as const) {
  describe(`an order ${spelling}`, () => {
    test('yields one event at sequence 0 without a history [client-C-0001]', async () => {
      const response = await aggregates(define()).dispatch(commandRequest('order', createOrder))
      assert.deepEqual(outline(events(response).pages), [['orders.OrderCreated', 0]])
      assert.equal(events(response).cover, undefined)
    })

    test('is decided on the state after its history [client-C-0002]', async () => {
      const seen: Seen = []
      const request = commandRequest('order', createOrder, bookOf('order', [created]))
      await aggregates(define(seen)).dispatch(request)
      assert.deepEqual(
        seen.map((state) => state.created),
        [true],
      )
    })

    test('refuses a command type that nobody handles [client-C-0003]', async () => {
      const request = commandRequest('order', make(CompleteOrderSchema))
      const extras = { domain: 'order', type_url: 'type.googleapis.com/orders.CompleteOrder' }
      await assert.rejects(
        aggregates(define()).dispatch(request),
        dispatch('NO_HANDLER_REGISTERED', 'INVALID_ARGUMENT', extras),
      )
    })

    test('begins with an empty state when there is no state factory [client-C-0006]', async () => {
      const seen: Seen = []
      await aggregates(define(seen)).dispatch(
        commandRequest('order', createOrder, bookOf('order', [])),
      )
      assert.equal(seen[0]?.created, false)
    })

    test('begins with the constructed default without a book [client-C-0085]', async () => {
      const seen: Seen = []
      await aggregates(define(seen)).dispatch(commandRequest('order', createOrder))
      assert.deepEqual(seen, [create(OrderStateSchema)])
    })
  })
}

describe('command dispatch', () => {
  test('answers without pages when the handler returns nothing [client-C-0004]', async () => {
    for (const nothing of [() => undefined, () => {}, async () => Promise.resolve()]) {
      const router = aggregates(order().handles(CreateOrderSchema, nothing))
      const response = await router.dispatch(commandRequest('order', createOrder))
      assert.deepEqual(events(response).pages, [])
    }
  })

  test('begins with what a state factory makes, inherited or not [client-C-0005]', async () => {
    const seen: Seen = []
    await aggregates(orderWithFactory(seen)).dispatch(commandRequest('order', createOrder))
    assert.equal(seen[0]?.created, true)
  })

  test('fills the client slot of the events only where the handler did not [client-C-0146] [client-C-0147] [client-C-0148]', async () => {
    const slot = (orderId: string) => packAny(OrderCreatedSchema, { ...created, orderId })
    const own = create(EventBookSchema, { cover: create(CoverSchema, { ext: slot('own') }) })
    const run = async (withExt: boolean, answer: () => EventBook | undefined) => {
      const request = commandRequest('order', createOrder)
      if (withExt && request.command?.cover !== undefined) request.command.cover.ext = slot('sent')
      const router = aggregates(order().handles(CreateOrderSchema, answer))
      return events(await router.dispatch(request)).cover?.ext
    }
    assert.deepEqual(await run(true, () => undefined), slot('sent'))
    assert.deepEqual(await run(true, () => own), slot('own'))
    assert.equal(await run(false, () => undefined), undefined)
  })

  test('numbers several events in the order they were returned', async () => {
    const router = aggregates(
      order().handles(CreateOrderSchema, async () =>
        Promise.resolve([created, make(OrderCompletedSchema)]),
      ),
    )
    const history = bookOf('order', [created, created])
    const response = await router.dispatch(commandRequest('order', createOrder, history))
    assert.deepEqual(outline(events(response).pages), [
      ['orders.OrderCreated', 2],
      ['orders.OrderCompleted', 3],
    ])
  })

  test('passes an event book and a response through as they are', async () => {
    const book = bookOf('order', [created], 7)
    const withBook = aggregates(order().handles(CreateOrderSchema, () => book))
    assert.equal(events(await withBook.dispatch(commandRequest('order', createOrder))), book)
    const revocation = delegateToFramework('no')
    const delegating = aggregates(order().handles(CreateOrderSchema, () => revocation))
    assert.equal(await delegating.dispatch(commandRequest('order', createOrder)), revocation)
  })

  test('answers with an event book even for an empty response', async () => {
    const router = aggregates(
      order().handles(CreateOrderSchema, () => create(BusinessResponseSchema)),
    )
    const response = await router.dispatch(commandRequest('order', createOrder))
    assert.deepEqual(events(response).pages, [])
  })

  test('refuses an answer that is none', async () => {
    const wrong: readonly [unknown, string][] = [
      [{ orderId: 'o-1' }, 'Object'],
      ['created', 'string'],
      [[created, 7], 'number'],
      [
        command('inventory', 'tea', ReserveStockSchema, {}),
        'angzarr_client.proto.angzarr.CommandBook',
      ],
    ]
    for (const [answer, actual] of wrong) {
      // The types refuse such a handler; a program without types has none.
      const router = aggregates(order().handles(CreateOrderSchema, () => answer as undefined))
      await assert.rejects(
        router.dispatch(commandRequest('order', createOrder)),
        dispatch('HANDLER_WRONG_RESPONSE_KIND', 'INTERNAL', { expected_kind: 'events', actual }),
      )
    }
  })

  test('looks at the first page only', async () => {
    const request = commandRequest('order', createOrder)
    request.command?.pages.push(
      ...(commandRequest('order', make(CompleteOrderSchema)).command?.pages ?? []),
    )
    const response = await aggregates(orderAsClass()).dispatch(request)
    assert.equal(events(response).pages.length, 1)
  })

  test('decides with the class of the domain', async () => {
    const named = (domain: string) =>
      defineAggregate({ domain, state: OrderStateSchema }).handles(CreateOrderSchema, () =>
        make(OrderCreatedSchema, { orderId: domain }),
      )
    const router = aggregates(named('order'), named('archive'))
    const response = await router.dispatch(commandRequest('archive', createOrder))
    const [page] = events(response).pages
    assert.equal(page?.payload.case, 'event')
    assert.deepEqual(
      page.payload.value,
      packAny(OrderCreatedSchema, make(OrderCreatedSchema, { orderId: 'archive' })),
    )
  })

  test('matches the type URL exactly', async () => {
    const request = commandRequest('order', createOrder)
    const payload = request.command?.pages[0]?.payload
    assert.equal(payload?.case, 'command')
    for (const typeUrl of [
      'orders.CreateOrder',
      '/orders.CreateOrder',
      'type.googleapis.com/CreateOrder',
    ]) {
      payload.value.typeUrl = typeUrl
      await assert.rejects(
        aggregates(orderAsClass()).dispatch(request),
        coded('NO_HANDLER_REGISTERED', { domain: 'order', type_url: typeUrl }),
      )
    }
  })

  test('tells the handler who is asked, when, and under which key', async () => {
    const told: CommandContext[] = []
    const clock = { wall: () => 42n, monotonicMs: () => 0, after: () => ({ cancel: () => {} }) }
    const router = new Router('test', { clock }).withHandler(
      order().handles(CreateOrderSchema, (_command, _state, _sequence, context) => {
        told.push(context)
      }),
    )
    const request = commandRequest('order', createOrder)
    const [page] = request.command?.pages ?? []
    if (page !== undefined) {
      page.header = create(PageHeaderSchema, {
        sequenceType: { case: 'externalDeferred', value: { externalId: 'key-1' } },
      })
    }
    await requireRouter(CommandHandlerRouter, router.build()).dispatch(request)
    assert.deepEqual(told, [
      {
        cover: coverOf('order', 'corr-1'),
        correlationId: 'corr-1',
        time: 42n,
        idempotencyKey: 'key-1',
      },
    ])
  })

  test('makes one instance for a command that is handled, and none for any other', async () => {
    let made = 0
    @commandHandler({ domain: 'order', state: OrderStateSchema })
    class Order {
      constructor() {
        made++
      }
      @handles(CreateOrderSchema) place() {}
    }
    const router = aggregates(Order)
    assert.equal(made, 1) // at build, to see that it can be made
    await router.dispatch(commandRequest('order', createOrder))
    assert.equal(made, 2)
    await assert.rejects(router.dispatch(commandRequest('order', make(CompleteOrderSchema))))
    await assert.rejects(router.dispatch(commandRequest('elsewhere', createOrder)))
    assert.equal(made, 2)
  })

  test('keeps the cover that a refusal brings', async () => {
    const cover = { domain: 'mine', correlationId: '' }
    const router = aggregates(
      order().handles(CreateOrderSchema, async () => {
        await Promise.resolve()
        throw new CommandRejectedError('no', 'NOT_FOUND', { cover })
      }),
    )
    await assert.rejects(router.dispatch(commandRequest('order', createOrder)), (error) => {
      assert.ok(error instanceof CommandRejectedError)
      assert.deepEqual([error.cover, error.grpcStatus], [cover, 'NOT_FOUND'])
      return true
    })
  })

  test('decides several commands at once without mixing them', async () => {
    const router = aggregates(
      order().handles(CreateOrderSchema, async ({ orderId }) => {
        await Promise.resolve()
        return make(OrderCreatedSchema, { orderId })
      }),
    )
    const ids = ['a', 'b', 'c']
    const responses = await Promise.all(
      ids.map((orderId) =>
        router.dispatch(commandRequest('order', make(CreateOrderSchema, { orderId }))),
      ),
    )
    assert.deepEqual(
      responses.map((response) => events(response).pages[0]?.payload.value),
      ids.map((orderId) => packAny(OrderCreatedSchema, make(OrderCreatedSchema, { orderId }))),
    )
  })
})
