import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import type { Component } from '../../src/component/definition.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { WriteId } from '../../src/identity.ts'
import type { CommandResponse } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeCommitSchema,
  CascadeErrorMode,
  CascadeRollbackSchema,
  CommandBookSchema,
  CommandRequestSchema,
  CompensateSchema,
  EventStreamFilterSchema,
  MergeStrategy,
  NoOpSchema,
  RevocationSchema,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { packAny, unpackAny } from '../../src/wire/any.ts'
import { newCover } from '../../src/wire/cover.ts'
import { messageCodec } from '../../src/wire/message-codec.ts'
import { encodeEventPage } from '../../src/wire/page-codec.ts'
import { typeUrl } from '../../src/wire/type-url.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { cardShop } from './card-shop.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import {
  addItem,
  addNote,
  addStock,
  changeAddress,
  createOrder,
  sequencesOf,
} from './shop-commands.ts'
import { orderAggregate, orderSummary, reserveStock, stock } from './shop.ts'
import { eventsOf, rowsOf, shortName, streamKey, typesOf } from './stored-events.ts'
import { until } from './until.ts'

/** Sends a command in a cascade. */
async function within(
  shop: Pick<Shop, 'client'>,
  cascadeId: string,
  builder: CommandBuilder,
  syncMode: SyncMode = SyncMode.ASYNC,
): Promise<CommandResponse> {
  const request = create(CommandRequestSchema, { command: builder.build(), syncMode, cascadeId })
  return await shop.client('order').commandHandler.handleCommand(request)
}

/** Two committed events: an order of two items, and one more item. */
async function twoEvents(shop: Shop): Promise<void> {
  await createOrder(shop, 'order-1', 2)
  await addItem(shop).execute()
}

/** A command that claims the sequence it is decided at. */
function unclaimed(builder: CommandBuilder): CommandBuilder {
  return builder.withMergeStrategy(MergeStrategy.MERGE_AGGREGATE_HANDLES)
}

/** What a query reads of a stream: the type of each page, or why it is a NoOp. */
async function seen(
  shop: Pick<Shop, 'client'>,
  domain = 'order',
  root = 'order-1',
): Promise<string[]> {
  const pages = await shop.client(domain).query(root).getPages()
  return pages.map(({ payload }) => {
    assert.ok(payload.case === 'event')
    const name = shortName(payload.value.typeUrl)
    if (name !== 'NoOp') return name
    const { reason, cascadeId } = unpackAny(NoOpSchema, payload.value)
    return `${reason} ${cascadeId}`.trim()
  })
}

/** A command to the engine itself. */
async function meta<S extends DescMessage>(
  shop: Pick<Shop, 'client'>,
  schema: S,
  init: MessageInitShape<S>,
): Promise<unknown> {
  const payload = { case: 'command' as const, value: packAny(schema, create(schema, init)) }
  const book = create(CommandBookSchema, { cover: { domain: '_angzarr' }, pages: [{ payload }] })
  return await shop.client('order').execute(book)
}

describe('a command in a cascade', () => {
  test('stores its events as pending, with the id of the cascade [coordinator-C-0411]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    const response = await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    assert.deepEqual(sequencesOf(response), [2])
    const [, , event] = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(event?.visibility, { kind: 'pending', cascadeId: 'cascade-a' })
    const { EventPageSchema } =
      await import('../../src/proto/angzarr_client/proto/angzarr/types_pb.ts')
    const page = messageCodec(EventPageSchema).decode(event?.page ?? new Uint8Array(0))
    assert.deepEqual([page.noCommit, page.cascadeId], [true, 'cascade-a'])
  })

  test('stores them as ever without one [coordinator-C-0412]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    const response = await unclaimed(addItem(shop)).execute()
    assert.deepEqual(
      response.events?.pages.map(({ noCommit, cascadeId }) => [noCommit, cascadeId]),
      [[false, undefined]],
    )
  })

  test('is decided on what its cascade has pending, every other one without it [coordinator-C-0413, coordinator-C-0414]', async () => {
    const counts: number[] = []
    const order = orderAggregate({ adding: ({ itemCount }) => counts.push(itemCount) })
    await using shop = await openShop([order])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop, 'order-1', 10)))
    counts.length = 0
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    const { code } = await refusalOf(unclaimed(addItem(shop)).execute())
    assert.equal(code, 'CASCADE_CONFLICT')
    assert.deepEqual(counts, [13, 3])
  })

  test('that changes what is pending elsewhere is refused, and nothing is stored [coordinator-C-0423]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    for (const send of [
      () => within(shop, 'cascade-d', unclaimed(addItem(shop))),
      () => unclaimed(addItem(shop)).execute(),
    ]) {
      const refusal = await refusalOf(send())
      assert.deepEqual([refusal.code, refusal.grpcStatus], ['CASCADE_CONFLICT', 'ABORTED'])
      assert.equal(refusal.details['cascade_ids'], 'cascade-b')
      assert.equal(refusal.details['overlapping_fields'], 'item_count')
    }
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 3)
  })

  test('that changes something else is stored behind it [coordinator-C-0424]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    const response = await within(shop, 'cascade-d', unclaimed(changeAddress(shop)))
    assert.deepEqual(sequencesOf(response), [3])
    assert.equal(response.events?.pages[0]?.noCommit, true)
    assert.deepEqual(sequencesOf(await unclaimed(addNote(shop, 'open')).execute()), [4])
  })

  test('holds nothing with pages that are confirmed [weakness-17]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-b')
    assert.deepEqual(sequencesOf(await unclaimed(addItem(shop)).execute()), [4])
  })

  test('is refused once its cascade has ended', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.rollback('cascade-a', 'enough')
    const { code } = await refusalOf(within(shop, 'cascade-a', unclaimed(addItem(shop))))
    assert.equal(code, 'CASCADE_RESOLVED')
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 4)
    assert.equal((await refusalOf(shop.cascades.commit('cascade-a'))).code, 'CASCADE_RESOLVED')
    assert.equal(await shop.cascades.rollback('cascade-a', 'again'), 0)
  })
})

describe('a query of a stream with pending pages', () => {
  test('reads a NoOp with the cascade in their place [coordinator-C-0415, weakness-17]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    assert.deepEqual(await seen(shop), ['OrderCreated', 'ItemAdded', 'uncommitted cascade-a'])
  })

  test('reads them once they are confirmed, and a NoOp in the place of the confirmation [coordinator-C-0416]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-a')
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), [
      'OrderCreated',
      'ItemAdded',
      'ItemAdded',
      'Confirmation',
    ])
    assert.deepEqual(await seen(shop), [
      'OrderCreated',
      'ItemAdded',
      'ItemAdded',
      'framework_event',
    ])
  })

  test('reads a NoOp for good when they are revoked, and counts on behind the revocation [coordinator-C-0417]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.rollback('cascade-a', 'saga_failed')
    assert.deepEqual((await seen(shop)).slice(2), ['revoked cascade-a', 'framework_event'])
    const { nextSequence } = await shop.client('order').query('order-1').getEventBook()
    assert.equal(nextSequence, 4)
  })

  test('lets a revocation count more than a confirmation [coordinator-C-0418]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-a')
    // As another coordinator may have written it.
    const value = messageCodec(RevocationSchema).encode(
      create(RevocationSchema, { sequences: [2], cascadeId: 'cascade-a', reason: 'late' }),
    )
    const type = RevocationSchema.typeName
    const page = encodeEventPage({ sequence: 4, typeUrl: typeUrl(type), value })
    const key = streamKey('order', 'order-1')
    await shop.ledger.commit({
      id: 'late-revocation' as WriteId,
      appends: [{ key, at: 4, events: [{ type, page }], correlationId: '' }],
    })
    assert.equal((await seen(shop))[2], 'revoked cascade-a')
  })

  test('of a part reads what became of them behind it, but not as of a point before', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await shop.cascades.commit('cascade-a')
    const query = shop.client('order').query('order-1')
    const [page] = await query.rangeTo(2, 2).getPages()
    assert.ok(page?.payload.case === 'event')
    assert.equal(shortName(page.payload.value.typeUrl), 'ItemAdded')
    const asOf = await query.asOfSequence(2).getPages()
    const last = asOf.at(-1)?.payload
    assert.ok(last?.case === 'event')
    assert.equal(shortName(last.value.typeUrl), 'NoOp')
  })
})

describe('a cascade', () => {
  /** An order and a stock with pending pages of cascade-b. */
  async function overTwo(shop: Shop): Promise<void> {
    await twoEvents(shop)
    await addStock(shop, 5)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    const reserve = shop.client('inventory').command('sku-1')
    reserve.withMessage(inventory.ReserveStockSchema, { orderId: 'order-1', quantity: 1 })
    await within(shop, 'cascade-b', unclaimed(reserve))
  }

  test('that is committed has every page of it confirmed, stream by stream [coordinator-C-0420]', async () => {
    await using shop = await openFaultyShop([orderAggregate(), stock])
    await overTwo(shop)
    const { commits } = shop.faulty
    await meta(shop, CascadeCommitSchema, { cascadeId: 'cascade-b' })
    assert.equal(shop.faulty.commits, commits + 1)
    assert.deepEqual((await seen(shop)).slice(2), ['ItemAdded', 'framework_event'])
    assert.deepEqual((await seen(shop, 'inventory', 'sku-1')).slice(1), [
      'StockReserved',
      'framework_event',
    ])
    assert.deepEqual(await rowsOf(shop.ledger, 'pending-page'), [])
  })

  test('that is rolled back has every page of it revoked, with the reason [coordinator-C-0421]', async () => {
    await using shop = await openShop([orderAggregate(), stock])
    await overTwo(shop)
    await meta(shop, CascadeRollbackSchema, { cascadeId: 'cascade-b', reason: 'payment declined' })
    assert.deepEqual((await seen(shop)).slice(2), ['revoked cascade-b', 'framework_event'])
    assert.equal((await seen(shop, 'inventory', 'sku-1'))[1], 'revoked cascade-b')
    const [, , , event] = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.equal(shortName(event?.type ?? ''), 'Revocation')
  })

  test('ends alone: others stay pending [coordinator-C-0422]', async () => {
    await using shop = await openShop([orderAggregate()])
    await twoEvents(shop)
    await within(shop, 'cascade-b', unclaimed(addItem(shop)))
    await within(shop, 'cascade-c', unclaimed(addNote(shop, 'n')))
    await shop.cascades.commit('cascade-b')
    assert.deepEqual((await seen(shop)).slice(2), [
      'ItemAdded',
      'uncommitted cascade-c',
      'framework_event',
    ])
  })

  for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`is committed over all of its streams or over none when that commit fails: ${kind}`, async () => {
      await using shop = await openFaultyShop([orderAggregate(), stock])
      await overTwo(shop)
      shop.faulty.failAt(1, kind)
      await shop.cascades.commit('cascade-b').catch(() => shop.cascades.commit('cascade-b'))
      assert.equal((await seen(shop))[2], 'ItemAdded')
      assert.equal((await seen(shop, 'inventory', 'sku-1'))[1], 'StockReserved')
      const confirmations = (await typesOf(shop.ledger, 'order', 'order-1')).filter(
        (type) => type === 'Confirmation',
      )
      assert.equal(confirmations.length, 1)
    })
  }

  test('ends one way when it is committed and rolled back at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      await using shop = await openShop([orderAggregate(), stock])
      await overTwo(shop)
      const ends = await Promise.allSettled([
        shop.cascades.commit('cascade-b'),
        shop.cascades.rollback('cascade-b', 'no'),
      ])
      assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
      const [one, other] = [(await seen(shop))[2], (await seen(shop, 'inventory', 'sku-1'))[1]]
      assert.equal(one === 'ItemAdded', other === 'StockReserved')
    }
  })

  test('that nobody ends is rolled back when its time is up [weakness-17]', async () => {
    const clock = fakeClock()
    await using shop = await openShop([orderAggregate()], { clock })
    await twoEvents(shop)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    assert.equal(await shop.cascades.reap(), 0)
    await clock.advanceAsync(300_001)
    await until(async () => (await seen(shop))[2] === 'revoked cascade-a', clock)
    assert.deepEqual(await rowsOf(shop.ledger, 'pending-page'), [])
  })

  test('needs an id', async () => {
    await using shop = await openShop([orderAggregate()])
    assert.equal((await refusalOf(shop.cascades.commit(''))).code, 'REQUEST_INCOMPLETE')
    const { code } = await refusalOf(within(shop, '', unclaimed(addItem(shop))))
    assert.equal(code, 'CORRELATION_ID_INVALID')
  })
})

describe('a Compensate', () => {
  const undoing: Component = defineAggregate({ domain: 'order', state: orders.OrderStateSchema })
    .handles(orders.AddItemSchema, ({ quantity }) => create(orders.ItemAddedSchema, { quantity }))
    .undoes(orders.AddItemSchema, (_n, _s, { sequences, reason }) =>
      create(orders.OrderNoteAddedSchema, { note: `${reason} ${sequences.join()}` }),
    )

  test('runs the undo for the listed events, which stay, and reads as a NoOp [coordinator-C-0419]', async () => {
    await using shop = await openShop([undoing])
    await unclaimed(addItem(shop)).execute()
    await unclaimed(addItem(shop)).execute()
    const target = newCover({ domain: 'order', root: 'order-1' })
    const commandType = orders.AddItemSchema.typeName
    const init = { target, sequences: [1], reason: 'payment refunded', commandType }
    await meta(shop, CompensateSchema, init)
    assert.deepEqual(await seen(shop), [
      'ItemAdded',
      'ItemAdded',
      'framework_event',
      'OrderNoteAdded',
    ])
    const [note] = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
    assert.equal(note?.message.note, 'payment refunded 1')
  })

  test('that nobody can carry out is refused, and nothing is stored', async () => {
    await using shop = await openShop([undoing])
    const target = newCover({ domain: 'order', root: 'order-1' })
    const { code } = await refusalOf(meta(shop, CompensateSchema, { target, commandType: 'x.Y' }))
    assert.equal(code, 'NO_UNDO_HANDLER')
    assert.equal(await shop.ledger.tip(), 0)
  })
})

describe('components', () => {
  const created = (shop: Pick<Shop, 'client'>): CommandBuilder =>
    unclaimed(
      shop.client('order').command('order-1').withMessage(orders.CreateOrderSchema, {
        orderId: 'order-1',
        itemCount: 1,
      }),
    )
  const summary = async (shop: Shop): Promise<unknown> =>
    await shop.projection('order-summary').get(orders.OrderStateSchema, 'order-1')
  const reserved = async (shop: Shop): Promise<number> =>
    (await eventsOf(shop.ledger, 'inventory', 'sku-1')).length

  test('see a pending page when it is confirmed', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await addStock(shop, 5)
    await within(shop, 'cascade-a', created(shop))
    await shop.settled()
    assert.equal(await summary(shop), undefined)
    assert.equal(await reserved(shop), 1)
    await shop.cascades.commit('cascade-a')
    await shop.settled()
    assert.ok(await summary(shop))
    assert.equal(await reserved(shop), 2)
  })

  test('never see one that is revoked', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await within(shop, 'cascade-a', created(shop))
    await shop.cascades.rollback('cascade-a', 'no')
    await shop.settled()
    assert.equal(await summary(shop), undefined)
    assert.equal(await reserved(shop), 0)
    assert.ok(shop.status().every(({ lag }) => lag === 0))
  })

  for (const kind of ['saga', 'process_manager', 'projector'] as const) {
    test(`keep the order of a stream around a page that is held: ${kind}`, async () => {
      const watched: string[] = []
      const { watcher, noteOf } = await import('./failing-components.ts')
      await using shop = await openShop([
        orderAggregate(),
        watcher(kind, (label) => void watched.push(label)),
      ])
      await noteOf(shop, 'order-1', 'a')
      const held = unclaimed(addItem(shop)).withCorrelationId('order-1')
      held.withMessage(orders.AddOrderNoteSchema, { note: 'b' })
      await within(shop, 'cascade-a', held)
      await createOrderFor(shop, 'order-1')
      await noteOf(shop, 'order-2', 'elsewhere')
      await shop.settled()
      assert.deepEqual([...watched].sort(), ['a', 'elsewhere'])
      await shop.cascades.commit('cascade-a')
      await shop.settled()
      assert.deepEqual(
        watched.filter((label) => label !== 'elsewhere'),
        ['a', 'b', 'order-1'],
      )
    })

    test(`go on with a held page after a restart: ${kind}`, async () => {
      const watched: string[] = []
      const { watcher } = await import('./failing-components.ts')
      await using folder = await ledgerFolder()
      const components = [orderAggregate(), watcher(kind, (label) => void watched.push(label))]
      {
        await using shop = await openShop(components, { folder })
        const held = shop.client('order').command('order-1').withCorrelationId('order-1')
        await within(
          shop,
          'cascade-a',
          unclaimed(held.withMessage(orders.AddOrderNoteSchema, { note: 'b' })),
        )
        await createOrderFor(shop, 'order-1')
        await shop.settled()
      }
      await using shop = await openShop(components, { folder })
      await shop.settled()
      assert.deepEqual(watched, [])
      await shop.cascades.commit('cascade-a')
      await shop.settled()
      assert.deepEqual(watched, ['b', 'order-1'])
    })
  }

  test('react at once within a CASCADE request of the same cascade, and all of it ends together', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await addStock(shop, 5)
    await within(shop, 'cascade-a', created(shop), SyncMode.CASCADE)
    assert.deepEqual(await seen(shop, 'inventory', 'sku-1'), [
      'StockAdded',
      'uncommitted cascade-a',
    ])
    await shop.cascades.rollback('cascade-a', 'payment declined')
    assert.equal((await seen(shop))[0], 'revoked cascade-a')
    assert.equal((await seen(shop, 'inventory', 'sku-1'))[1], 'revoked cascade-a')
    await shop.settled()
    assert.equal(await summary(shop), undefined)
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('leave nothing to be seen when their request compensates [coordinator-C-0440]', async () => {
    await using shop = await openShop(cardShop())
    const builder = shop.client('order').command('order-1')
    builder.withMessage(orders.CreateOrderSchema, { orderId: 'order-1' })
    const request = create(CommandRequestSchema, {
      command: unclaimed(builder).build(),
      syncMode: SyncMode.CASCADE,
      cascadeErrorMode: CascadeErrorMode.CASCADE_ERROR_COMPENSATE,
      cascadeId: 'cascade-e',
    })
    const { code } = await refusalOf(shop.client('order').commandHandler.handleCommand(request))
    assert.equal(code, 'CARD_DECLINED')
    await shop.settled()
    assert.equal((await seen(shop))[0], 'revoked cascade-e')
    const reserved = await seen(shop, 'inventory', 'sku-1')
    assert.ok(reserved.every((page) => page === 'revoked cascade-e' || page === 'framework_event'))
    assert.deepEqual(await rowsOf(shop.ledger, 'pending-page'), [])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('see its pages once when it is committed', async () => {
    await using shop = await openShop([orderAggregate(), stock, orderSummary, reserveStock])
    await addStock(shop, 5)
    await within(shop, 'cascade-a', created(shop), SyncMode.CASCADE)
    await shop.cascades.commit('cascade-a')
    await shop.settled()
    assert.deepEqual(await seen(shop, 'inventory', 'sku-1'), [
      'StockAdded',
      'StockReserved',
      'framework_event',
    ])
    assert.ok(await summary(shop))
  })
})

async function createOrderFor(shop: Pick<Shop, 'client'>, orderId: string): Promise<void> {
  const { orderOf } = await import('./failing-components.ts')
  await orderOf(shop, orderId)
}

describe('a stream of events', () => {
  test('brings pending pages when they are confirmed, and no page of the engine', async () => {
    await using shop = await openShop([orderAggregate()])
    const stream = shop.services.subscribe(
      create(EventStreamFilterSchema, { correlationId: 'corr-1' }),
    )
    const note = (text: string): CommandBuilder =>
      unclaimed(addNote(shop, text)).withCorrelationId('corr-1')
    await within(shop, 'cascade-a', note('a'))
    await within(shop, 'cascade-b', note('b')).catch(() => undefined)
    await shop.cascades.rollback('cascade-b', 'no')
    await shop.cascades.commit('cascade-a')
    await note('c').execute()
    const found: unknown[] = []
    for await (const { book } of stream) {
      found.push(book.pages[0]?.header?.sequenceType.value)
      if (found.length === 2) break
    }
    assert.equal(found[0], 0)
    assert.equal(found.length, 2)
  })
})

describe('a snapshot', () => {
  test('is not taken of a state that not everybody sees, and taken again afterwards', async () => {
    await using shop = await openShop([orderAggregate({ snapshotEvery: 1 })])
    await twoEvents(shop)
    const key = streamKey('order', 'order-1')
    assert.equal((await shop.ledger.snapshot(key))?.sequence, 1)
    await within(shop, 'cascade-a', unclaimed(addItem(shop)))
    await unclaimed(addNote(shop, 'n')).execute()
    assert.equal((await shop.ledger.snapshot(key))?.sequence, 1)
    await shop.cascades.commit('cascade-a')
    await unclaimed(addNote(shop, 'm')).execute()
    assert.equal((await shop.ledger.snapshot(key))?.sequence, 5)
  })
})
