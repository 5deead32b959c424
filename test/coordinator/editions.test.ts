import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { command, fact } from '../../src/component/outgoing-books.ts'
import type { StreamKey } from '../../src/ledger/ledger.ts'
import { DeleteEditionEventsSchema } from '../../src/proto/angzarr_client/proto/angzarr/meta_pb.ts'
import {
  CommandBookSchema,
  type Edition,
  EditionSchema,
  MergeStrategy,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addItem, createOrder, orderWithHistory, sequencesOf } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { rowsOf, shortName, storedEvents, streamKey } from './stored-events.ts'
import { twice as test } from './twice.ts'

const WHAT_IF = 'what-if'

/** An edition that branches off at these sequences. */
function branching(name: string, divergences: Readonly<Record<string, number>>): Edition {
  const points = Object.entries(divergences).map(([domain, sequence]) => ({ domain, sequence }))
  return create(EditionSchema, { name, divergences: points })
}

function noteIn(
  shop: Pick<Shop, 'client'>,
  note: string,
  edition: string | Edition,
): CommandBuilder {
  const builder = shop.client('order').command('order-1')
  return builder.withMessage(orders.AddOrderNoteSchema, { note }).withEdition(edition)
}

/** The sequences and types that a query reads in an edition. */
async function historyIn(shop: Shop, edition: string | Edition): Promise<string[]> {
  const pages = await shop.client('order').query('order-1').withEdition(edition).getPages()
  return pages.map(({ header, payload }) => {
    const type = payload.case === 'event' ? shortName(payload.value.typeUrl) : ''
    return `${header?.sequenceType.value as number} ${type}`
  })
}

const key = (edition: string): StreamKey => ({ ...streamKey('order', 'order-1'), edition })

describe('a named edition', () => {
  test('shows the main timeline until something is written in it', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    assert.deepEqual(await historyIn(shop, WHAT_IF), [
      '0 OrderCreated',
      '1 ItemAdded',
      '2 OrderNoteAdded',
    ])
    await addItem(shop).execute()
    assert.equal((await historyIn(shop, WHAT_IF)).length, 4)
  })

  test('branches off with its first event, and each timeline goes on by itself', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    assert.deepEqual(sequencesOf(await noteIn(shop, 'one', WHAT_IF).execute()), [3])
    await addItem(shop).execute()
    assert.deepEqual(sequencesOf(await noteIn(shop, 'two', WHAT_IF).execute()), [4])
    assert.deepEqual((await historyIn(shop, WHAT_IF)).slice(3), [
      '3 OrderNoteAdded',
      '4 OrderNoteAdded',
    ])
    assert.deepEqual((await historyIn(shop, '')).slice(3), ['3 ItemAdded'])
  })

  test('branches off where the request says, and remembers it [weakness-28]', async () => {
    const seen: number[] = []
    const order = orderAggregate({ adding: ({ itemCount }) => seen.push(itemCount) })
    await using folder = await ledgerFolder()
    {
      await using shop = await openShop([order], { folder })
      await orderWithHistory(shop)
      const edition = branching(WHAT_IF, { order: 1 })
      assert.equal((await historyIn(shop, edition)).length, 1)
      const response = await noteIn(shop, 'one', edition).withSequence(77).execute()
      assert.deepEqual(sequencesOf(response), [1])
    }
    await using shop = await openShop([order], { folder })
    assert.deepEqual(await historyIn(shop, WHAT_IF), ['0 OrderCreated', '1 OrderNoteAdded'])
    seen.length = 0
    await addItem(shop).withEdition(WHAT_IF).execute()
    assert.deepEqual(seen, [2])
  })

  test('branches off where the main timeline stands when the request names a place behind that', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    const far = branching(WHAT_IF, { order: 77 })
    assert.deepEqual(sequencesOf(await noteIn(shop, 'one', far).execute()), [3])
    await addItem(shop).execute()
    assert.equal((await historyIn(shop, far)).length, 4)
  })

  test('is decided on its own state, by its own sequences', async () => {
    const seen: number[] = []
    const order = orderAggregate({ adding: ({ itemCount }) => seen.push(itemCount) })
    await using shop = await openShop([order])
    await orderWithHistory(shop)
    await addItem(shop, 'order-1', 10).withEdition(WHAT_IF).execute()
    await addItem(shop).execute()
    await addItem(shop).withEdition(WHAT_IF).execute()
    assert.deepEqual(seen, [2, 3, 3, 13])
    const stale = noteIn(shop, 'n', WHAT_IF).withSequence(4)
    const { code } = await refusalOf(stale.withMergeStrategy(MergeStrategy.MERGE_STRICT).execute())
    assert.equal(code, 'SEQUENCE_MISMATCH')
  })

  test('is decided anew when the main timeline moves on before it branches off', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    const [mine, theirs] = await Promise.all([
      noteIn(shop, 'n', WHAT_IF).execute(),
      addItem(shop).execute(),
    ])
    const at = sequencesOf(mine)[0] ?? 0
    assert.deepEqual(sequencesOf(theirs), [3])
    assert.ok(at === 3 || at === 4)
    const history = await historyIn(shop, WHAT_IF)
    assert.deepEqual(history.length, at + 1)
  })

  for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`has branched off once or not at all when its first commit fails: ${kind}`, async () => {
      await using shop = await openFaultyShop([orderAggregate()])
      await orderWithHistory(shop)
      shop.faulty.failAt(1, kind)
      const first = noteIn(shop, 'one', WHAT_IF)
      await first.execute().catch(() => first.execute())
      await noteIn(shop, 'two', WHAT_IF).execute()
      assert.deepEqual((await historyIn(shop, WHAT_IF)).slice(3), [
        '3 OrderNoteAdded',
        '4 OrderNoteAdded',
      ])
      assert.equal((await rowsOf(shop.ledger, 'edition-branch')).length, 1)
    })
  }

  test('is read as of a sequence and as of a time across its branch [weakness-28]', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    await noteIn(shop, 'one', branching(WHAT_IF, { order: 2 })).execute()
    const query = shop.client('order').query('order-1').withEdition(WHAT_IF)
    assert.equal((await query.asOfSequence(1).getPages()).length, 2)
    assert.equal((await query.asOfSequence(2).getPages()).length, 3)
    assert.equal((await query.rangeTo(1, 2).getPages()).length, 2)
    const events = await storedEvents(shop.ledger, 'order')
    const at = new Date(Number((events[0]?.recordedAt ?? 0n) / 1_000_000n) - 1)
    assert.deepEqual(await query.asOfTime(at).getPages(), [])
  })
})

describe('the main timeline', () => {
  for (const [written, loaded] of [
    ['', 'angzarr'],
    ['angzarr', ''],
    [undefined, 'angzarr'],
    ['angzarr', undefined],
  ] as const) {
    test(`written as ${String(written)} is read as ${String(loaded)} [coordinator-C-0409]`, async () => {
      await using shop = await openShop([orderAggregate()])
      for (const note of ['a', 'b']) {
        const builder = shop.client('order').command('order-1')
        builder.withMessage(orders.AddOrderNoteSchema, { note })
        if (written !== undefined) builder.withEdition(written)
        await builder.execute()
      }
      const query = shop.client('order').query('order-1')
      const book = await (loaded === undefined ? query : query.withEdition(loaded)).getEventBook()
      assert.equal(book.pages.length, 2)
      assert.equal(book.nextSequence, 2)
    })
  }

  for (const alias of ['', 'angzarr']) {
    test(`is protected as ${JSON.stringify(alias)} [coordinator-C-0410]`, async () => {
      await using shop = await openShop([orderAggregate()])
      await createOrder(shop, 'order-1')
      await addItem(shop).execute()
      const { code, message } = await refusalOf(deleting(shop, alias))
      assert.equal(code, 'MAIN_TIMELINE_PROTECTED')
      assert.match(message, /^Main timeline is protected:/)
      assert.equal((await historyIn(shop, alias)).length, 2)
    })
  }
})

/** Sends `DeleteEditionEvents` to the engine. */
function deleting(shop: Shop, edition: string, domain = 'order'): Promise<unknown> {
  const payload = packAny(
    DeleteEditionEventsSchema,
    create(DeleteEditionEventsSchema, { edition, domain }),
  )
  const pages = [{ payload: { case: 'command' as const, value: payload } }]
  const book = create(CommandBookSchema, { cover: { domain: '_angzarr' }, pages })
  return shop.client('order').execute(book)
}

describe('an edition that is deleted', () => {
  test('is gone with its events, snapshots, claims and branches; the others stay [weakness-28]', async () => {
    await using shop = await openShop([orderAggregate({ snapshotEvery: 1 })])
    await orderWithHistory(shop)
    const builder = noteIn(shop, 'one', branching(WHAT_IF, { order: 2 })).withIdempotencyKey('k-1')
    await builder.execute()
    await noteIn(shop, 'other', 'other').execute()
    assert.ok(await shop.ledger.snapshot(key(WHAT_IF)))
    await deleting(shop, WHAT_IF)
    assert.equal(await shop.ledger.snapshot(key(WHAT_IF)), undefined)
    assert.equal((await storedEvents(shop.ledger, 'order')).length, 4)
    assert.equal((await rowsOf(shop.ledger, 'edition-branch')).length, 1)
    assert.deepEqual(await historyIn(shop, WHAT_IF), await historyIn(shop, ''))
    assert.equal((await historyIn(shop, 'other')).length, 4)
  })

  for (const kind of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`is gone whole or not at all when its commit fails: ${kind}`, async () => {
      await using shop = await openFaultyShop([orderAggregate()])
      await orderWithHistory(shop)
      await noteIn(shop, 'one', WHAT_IF).execute()
      shop.faulty.failAt(1, kind)
      const gone = await shop.deleteEdition({ edition: WHAT_IF }).then(
        () => true,
        () => false,
      )
      assert.equal(gone, kind !== 'before')
      assert.equal((await storedEvents(shop.ledger, 'order')).length, gone ? 3 : 4)
      assert.equal((await rowsOf(shop.ledger, 'edition-branch')).length, gone ? 0 : 1)
      await shop.deleteEdition({ edition: WHAT_IF })
      assert.equal((await storedEvents(shop.ledger, 'order')).length, 3)
    })
  }

  test('may be written to again, and gives no sequence twice', async () => {
    await using shop = await openShop([orderAggregate()])
    await orderWithHistory(shop)
    await noteIn(shop, 'one', WHAT_IF).execute()
    await shop.deleteEdition({ edition: WHAT_IF })
    assert.deepEqual(sequencesOf(await noteIn(shop, 'two', WHAT_IF).execute()), [4])
    assert.deepEqual((await historyIn(shop, WHAT_IF)).slice(2), [
      '2 OrderNoteAdded',
      '4 OrderNoteAdded',
    ])
    assert.deepEqual(sequencesOf(await noteIn(shop, 'three', WHAT_IF).execute()), [5])
  })

  test('is refused by a name that none can have', async () => {
    await using shop = await openShop([orderAggregate()])
    assert.equal((await refusalOf(shop.deleteEdition({ edition: 'What' }))).code, 'EDITION_INVALID')
    const wrong = shop.deleteEdition({ edition: WHAT_IF, domain: '_saga' })
    assert.equal((await refusalOf(wrong)).code, 'DOMAIN_RESERVED')
  })
})

/** A command for the inventory under a cover that names an edition. */
function reservation(edition?: string): ReturnType<typeof command> {
  const book = command('inventory', 'sku-1', inventory.AddStockSchema, { quantity: 1 })
  if (edition !== undefined && book.cover !== undefined) {
    book.cover.edition = create(EditionSchema, { name: edition })
  }
  return book
}

describe('what a reaction emits', () => {
  /** The editions of the events in a domain. */
  async function editionsOf(shop: Shop, domain: string): Promise<string[]> {
    return (await storedEvents(shop.ledger, domain)).map((event) => event.key.edition)
  }

  const saga = (edition?: string): ReturnType<typeof sagaOf> => sagaOf(() => reservation(edition))
  const sagaOf = (
    emit: () => ReturnType<typeof command> | ReturnType<typeof fact>,
  ): ReturnType<ReturnType<typeof defineSaga>['handles']> =>
    defineSaga({ name: 'fulfilling', source: 'order', target: 'inventory' }).handles(
      orders.OrderCreatedSchema,
      emit,
    )
  const created = (shop: Shop, edition: string | Edition): Promise<unknown> => {
    const builder = shop.client('order').command('order-1')
    return builder.withMessage(orders.CreateOrderSchema, {}).withEdition(edition).execute()
  }

  for (const [what, set, id] of [
    ['has the edition of its source', undefined, 'coordinator-C-0138'],
    ['has it whatever the handler says', 'beta', 'coordinator-C-0140'],
  ] as const) {
    test(`as a saga's command ${what} [${id}]`, async () => {
      await using shop = await openShop([orderAggregate(), stock, saga(set)])
      await created(shop, 'alpha')
      await shop.settled()
      assert.deepEqual(await editionsOf(shop, 'inventory'), ['alpha'])
    })
  }

  test("as a saga's fact has the edition of its source [coordinator-C-0139]", async () => {
    const emitting = sagaOf(() =>
      fact(
        'inventory',
        'sku-1',
        inventory.StockAddedSchema,
        { quantity: 1 },
        { externalId: 'x-1' },
      ),
    )
    await using shop = await openShop([orderAggregate(), stock, emitting])
    await created(shop, 'alpha')
    await shop.settled()
    assert.deepEqual(await editionsOf(shop, 'inventory'), ['alpha'])
  })

  test('has none when its source has none [coordinator-C-0141]', async () => {
    await using shop = await openShop([orderAggregate(), stock, saga('beta')])
    await created(shop, '')
    await shop.settled()
    assert.deepEqual(await editionsOf(shop, 'inventory'), [''])
  })

  test('has the branch points of its source, too [coordinator-C-0142]', async () => {
    const refusing = sagaOf(() => command('inventory', 'sku-1', orders.AddItemSchema, {}))
    await using shop = await openShop([orderAggregate(), stock, refusing])
    await orderWithHistory(shop)
    await shop.settled()
    await created(shop, branching('alpha', { order: 1 }))
    await shop.settled()
    const letters = await shop.deadLetters.list()
    const payload = letters
      .map(({ letter }) => letter.payload)
      .find((one) => one.case === 'rejectedCommand' && one.value.cover?.edition !== undefined)
    assert.ok(payload?.case === 'rejectedCommand')
    const edition = payload.value.cover?.edition
    assert.equal(edition?.name, 'alpha')
    assert.deepEqual(
      edition?.divergences.map(({ domain, sequence }) => [domain, sequence]),
      [['order', 1]],
    )
  })

  for (const [what, set, id] of [
    ['has the edition of its trigger', undefined, 'coordinator-C-0143'],
    ['has it whatever the handler says', 'beta', 'coordinator-C-0145'],
  ] as const) {
    test(`as a command and an event of a process manager ${what} [${id}, coordinator-C-0144]`, async () => {
      const manager = defineProcessManager({
        name: 'tracking',
        pmDomain: 'tracking-process',
        sources: ['order'],
        targets: ['inventory'],
        state: orders.OrderStateSchema,
      }).handles(
        orders.OrderCreatedSchema,
        () =>
          new ProcessManagerResponse({
            processEvents: [create(orders.OrderNoteAddedSchema, { note: 'tracked' })],
            commands: [reservation(set)],
          }),
      )
      await using shop = await openShop([orderAggregate(), stock, manager])
      await created(shop, 'alpha')
      await shop.settled()
      assert.deepEqual(await editionsOf(shop, 'inventory'), ['alpha'])
      assert.deepEqual(await editionsOf(shop, 'tracking-process'), ['alpha'])
    })
  }
})
