import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { defineProjector } from '../../src/component/define-projector.ts'
import {
  type CommandResponse,
  SpeculateCommandHandlerRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { SpeculatePmRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { SpeculateProjectorRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { SpeculateSagaRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type {
  CommandBook,
  EventBook,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackAny } from '../../src/wire/any.ts'
import { command } from '../../src/component/outgoing-books.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { createOrder, orderWithHistory, sequencesOf } from './shop-commands.ts'
import { fulfillment, orderAggregate, orderSummary, reserveStock, stock } from './shop.ts'

/** A command to try, at a point. */
function tried(
  book: CommandBook | undefined,
  point?: { readonly sequence?: number; readonly time?: Date },
): ReturnType<typeof create<typeof SpeculateCommandHandlerRequestSchema>> {
  const pointInTime =
    point?.sequence !== undefined
      ? { case: 'asOfSequence' as const, value: point.sequence }
      : {
          case: 'asOfTime' as const,
          value: { seconds: BigInt(Math.floor((point?.time?.getTime() ?? 0) / 1000)), nanos: 0 },
        }
  return create(SpeculateCommandHandlerRequestSchema, {
    ...(book === undefined ? {} : { command: book }),
    ...(point === undefined ? {} : { pointInTime: { pointInTime } }),
  })
}

const adding = command('order', 'order-1', orders.AddItemSchema, { quantity: 1 })

async function bookOf(shop: Pick<Shop, 'client'>): Promise<EventBook> {
  return await shop.client('order').query('order-1').getEventBook()
}

describe('a command that is tried', () => {
  test('is decided on the state as of its point, and nothing is stored [client-C-0266, client-C-0267, client-C-0270]', async () => {
    const seen: number[] = []
    const order = orderAggregate({ adding: ({ itemCount }) => seen.push(itemCount) })
    await using shop = await openFaultyShop([order, orderSummary])
    await orderWithHistory(shop)
    await shop.settled()
    const { commits } = shop.faulty
    seen.length = 0
    const { speculative } = shop.client('order')
    const early = await speculative.commandHandler(tried(adding, { sequence: 0 }))
    assert.deepEqual(sequencesOf(early), [1])
    const late = await speculative.commandHandler(tried(adding, { time: new Date('2100-01-01') }))
    assert.deepEqual(sequencesOf(late), [3])
    const before = await speculative.commandHandler(tried(adding, { time: new Date(0) }))
    assert.deepEqual(sequencesOf(before), [0])
    assert.deepEqual(seen, [2, 3, 0])
    assert.equal(shop.faulty.commits, commits)
    assert.equal((await bookOf(shop)).pages.length, 3)
  })

  test('sees nothing of another one, before it or beside it [client-C-0277, client-C-0278]', async () => {
    const seen: number[] = []
    const order = orderAggregate({ adding: ({ itemCount }) => seen.push(itemCount) })
    await using shop = await openShop([order])
    await createOrder(shop, 'order-1', 2)
    const attempt = (): Promise<CommandResponse> =>
      shop.client('order').speculative.commandHandler(tried(adding, { sequence: 0 }))
    const responses = [
      await attempt(),
      await attempt(),
      ...(await Promise.all([attempt(), attempt()])),
    ]
    assert.deepEqual(seen, [2, 2, 2, 2])
    assert.deepEqual(
      responses.map((response) => sequencesOf(response)),
      [[1], [1], [1], [1]],
    )
  })

  test('is refused as it would be', async () => {
    await using shop = await openShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    const complete = command('order', 'order-1', orders.CompleteOrderSchema, {})
    await shop.client('order').execute(complete)
    const { speculative } = shop.client('order')
    const refusal = await refusalOf(speculative.commandHandler(tried(adding, { sequence: 1 })))
    assert.equal(refusal.code, 'ORDER_CLOSED')
    assert.equal(
      (await speculative.commandHandler(tried(adding, { sequence: 0 }))).events?.pages.length,
      1,
    )
  })

  for (const [what, request, code] of [
    ['without a command', tried(undefined, { sequence: 1 }), 'MISSING_COMMAND_BOOK'],
    ['without a point', tried(adding), 'SPECULATION_POINT_MISSING'],
    [
      'for a domain nobody serves',
      tried(command('nowhere', 'x', orders.AddItemSchema, {}), { sequence: 1 }),
      'UNKNOWN_DOMAIN',
    ],
  ] as const) {
    test(`${what} is refused`, async () => {
      await using shop = await openShop([orderAggregate()])
      const { speculative } = shop.client('order')
      assert.equal((await refusalOf(speculative.commandHandler(request))).code, code)
    })
  }
})

describe('a reaction that is tried', () => {
  test('by a saga is answered with what it would emit, and nothing is sent [client-C-0273]', async () => {
    await using source = await openShop([orderAggregate()])
    await createOrder(source, 'order-1', 2)
    const events = await bookOf(source)
    await using shop = await openFaultyShop([orderAggregate(), stock, reserveStock])
    const { commits } = shop.faulty
    const request = create(SpeculateSagaRequestSchema, { request: { source: events } })
    const response = await shop.client('order').speculative.saga(request)
    assert.deepEqual(
      response.commands.map(({ cover }) => cover?.domain),
      ['inventory'],
    )
    await shop.settled()
    assert.equal(shop.faulty.commits, commits)
  })

  test('by a process manager is answered on its stored state, and nothing is stored [client-C-0275]', async () => {
    await using source = await openShop([orderAggregate()])
    await createOrder(source, 'order-1', 2)
    const trigger = await bookOf(source)
    await using shop = await openFaultyShop([orderAggregate(), stock, fulfillment])
    const { commits } = shop.faulty
    const request = create(SpeculatePmRequestSchema, { request: { trigger } })
    const response = await shop.client('order').speculative.processManager(request)
    assert.equal(response.commands.length, 1)
    assert.equal(response.processEvents.length, 1)
    await shop.settled()
    assert.equal(shop.faulty.commits, commits)
  })

  test('by a process manager needs a correlation id [client-C-0276]', async () => {
    await using shop = await openShop([orderAggregate(), stock, fulfillment])
    const request = create(SpeculatePmRequestSchema, { request: { trigger: {} } })
    const refusal = refusalOf(shop.client('order').speculative.processManager(request))
    assert.equal((await refusal).code, 'REQUEST_INCOMPLETE')
  })

  test('by a projector changes a copy of its rows', async () => {
    const told: boolean[] = []
    const summary = defineProjector({ name: 'summary', domains: ['order'] }).handles(
      orders.OrderCreatedSchema,
      async (_, { projection, speculative }) => {
        told.push(speculative)
        await projection.rows(orders.OrderStateSchema).update('total', (row) => {
          row.itemCount += 1
        })
      },
    )
    await using shop = await openShop([orderAggregate(), summary])
    await createOrder(shop, 'order-1')
    await shop.settled()
    const request = create(SpeculateProjectorRequestSchema, { events: await bookOf(shop) })
    const made = await shop.client('order').speculative.projector(request)
    assert.equal(made.projector, 'summary')
    assert.ok(made.projection !== undefined)
    assert.equal(unpackAny(orders.OrderStateSchema, made.projection).itemCount, 2)
    const total = await shop.projection('summary').get(orders.OrderStateSchema, 'total')
    assert.equal(total?.itemCount, 1)
    assert.deepEqual(told, [false, true])
  })

  test('without its message is refused', async () => {
    await using shop = await openShop([orderAggregate(), orderSummary])
    const { speculative } = shop.client('order')
    for (const asked of [
      speculative.saga(create(SpeculateSagaRequestSchema)),
      speculative.processManager(create(SpeculatePmRequestSchema)),
      speculative.projector(create(SpeculateProjectorRequestSchema)),
    ]) {
      assert.equal((await refusalOf(asked)).code, 'REQUEST_INCOMPLETE')
    }
  })
})
