import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { create, fromBinary } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { defineUpcaster } from '../../src/component/define-upcaster.ts'
import { ProcessManagerResponse } from '../../src/component/handler-responses.ts'
import { command } from '../../src/component/outgoing-books.ts'
import { referenceIn } from '../../src/coordinator/payloads/payload-reference.ts'
import {
  EventPageSchema,
  EventStreamFilterSchema,
  PayloadStorageType,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../../src/wire/message-codec.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { unclaimed, within } from './pending.ts'
import { besideLedger, fileOf, largeNote, payloadFiles, payloadFolder } from './payload-shop.ts'
import { refusalOf } from './refusals.ts'
import { addNote, createOrder } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { eventsOf, messagesIn, storedEvents } from './stored-events.ts'
import { twice as test } from './twice.ts'

const pages = messageCodec(EventPageSchema)

async function notesIn(shop: Shop): Promise<string[]> {
  const events = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
  return events.map(({ message }) => message.note)
}

describe('a large event', () => {
  it('is a file named after its hash, and its page refers to it', async () => {
    await using folder = await ledgerFolder()
    await using shop = await openShop([orderAggregate()], {
      folder,
      payloads: besideLedger(folder),
    })
    await createOrder(shop, 'order-1')
    await addNote(shop, largeNote('a')).execute()
    const [small, large] = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.equal(referenceIn(small?.page ?? new Uint8Array(0)), undefined)
    const reference = referenceIn(large?.page ?? new Uint8Array(0))
    assert.ok(reference !== undefined && large !== undefined && large.page.length < 400)
    const file = await readFile(fileOf(folder, large))
    assert.equal(reference.storageType, PayloadStorageType.FILESYSTEM)
    assert.equal(reference.uri, `file://${fileOf(folder, large)}`)
    assert.deepEqual(Buffer.from(reference.contentHash), createHash('sha256').update(file).digest())
    assert.equal(reference.originalSize, BigInt(file.length))
    const any = fromBinary(AnySchema, file)
    assert.equal(any.typeUrl, `type.googleapis.com/${orders.OrderNoteAddedSchema.typeName}`)
    const { note } = fromBinary(orders.OrderNoteAddedSchema, any.value)
    assert.equal(note, largeNote('a'))
  })

  it('shares its file with its equals, and one at the threshold stays in its page', async () => {
    await using folder = await ledgerFolder()
    await using shop = await openShop([orderAggregate()], {
      folder,
      payloads: { folder: payloadFolder(folder), thresholdBytes: 103 },
    })
    // Two bytes of field and length before the text.
    await addNote(shop, 'n'.repeat(101)).execute()
    assert.deepEqual(await payloadFiles(folder), [])
    await addNote(shop, 'n'.repeat(102)).execute()
    await addNote(shop, 'n'.repeat(102)).execute()
    assert.equal((await payloadFiles(folder)).length, 1)
    assert.deepEqual(
      (await notesIn(shop)).map((note) => note.length),
      [101, 102, 102],
    )
  })

  test('is whole for whoever reads it: queries, states, streams, reactions, answers', async () => {
    await using folder = await ledgerFolder()
    const seen: string[] = []
    const relay = defineSaga({ name: 'relay', source: 'order', target: 'inventory' }).handles(
      orders.OrderNoteAddedSchema,
      ({ note }, _, { sourceEvents }) => {
        const [page] = sourceEvents.pages
        seen.push(`saga ${note.length} ${page?.payload.case}`)
        return command('inventory', 'sku-1', inventory.AddStockSchema, {
          sku: 'sku-1',
          quantity: 1,
        })
      },
    )
    const keeper = defineProcessManager({
      name: 'keeper',
      pmDomain: 'keeper-process',
      sources: ['order'],
      targets: ['inventory'],
      state: orders.OrderStateSchema,
    })
      .handles(orders.OrderNoteAddedSchema, ({ note }, state) => {
        seen.push(`process ${note.length} after ${state.notes.map(({ length }) => length).join()}`)
        return new ProcessManagerResponse({
          processEvents: [create(orders.OrderNoteAddedSchema, { note })],
        })
      })
      .applies(orders.OrderNoteAddedSchema, (state, { note }) => {
        state.notes.push(note)
      })
    const lengths = defineProjector({ name: 'lengths', domains: ['order'] }).handles(
      orders.OrderNoteAddedSchema,
      async ({ note }, { projection }) => {
        await projection.rows(orders.OrderStateSchema).update('all', (row) => {
          row.itemCount += note.length
        })
      },
    )
    const states: number[] = []
    const order = orderAggregate({ adding: ({ notes }) => states.push(notes.join('').length) })
    const components = [order, stock, relay, keeper, lengths]
    const options = {
      folder,
      payloads: besideLedger(folder),
      settings: { relay: { from: 'beginning' }, keeper: { from: 'beginning' } },
    } as const
    const length = largeNote('a').length
    {
      await using shop = await openShop(components, options)
      const adding = addNote(shop, largeNote('a')).withCorrelationId('flow')
      const first = await adding.execute()
      assert.equal(first.events?.pages[0]?.payload.case, 'event')
      // Sent again: the first outcome, read from the ledger.
      const again = await adding.execute()
      assert.deepEqual(again.events?.pages[0]?.payload, first.events?.pages[0]?.payload)
      await shop.settled()
    }
    await using shop = await openShop(components, options)
    await shop
      .client('order')
      .command('order-1')
      .withMessage(orders.AddItemSchema, { sku: 's', quantity: 1 })
      .execute()
    assert.deepEqual(states, [length])
    assert.deepEqual(await notesIn(shop), [largeNote('a')])
    const stream = shop.services.subscribe(
      create(EventStreamFilterSchema, { correlationId: 'flow' }),
      { after: 0 },
    )
    for await (const { book } of stream) {
      const payload = book.pages[0]?.payload
      assert.ok(payload?.case === 'event' && payload.value.value.length > length)
      break
    }
    await addNote(shop, largeNote('b')).withCorrelationId('flow').execute()
    await shop.settled()
    assert.deepEqual(
      seen.filter((line) => line.startsWith('saga')),
      [`saga ${length} event`, `saga ${length} event`],
    )
    assert.deepEqual(
      seen.filter((line) => line.startsWith('process')),
      [`process ${length} after `, `process ${length} after ${length}`],
    )
    const row = await shop.projection('lengths').get(orders.OrderStateSchema, 'all')
    assert.equal(row?.itemCount, length * 2)
    assert.equal((await messagesIn(shop.ledger, 'inventory', inventory.StockAddedSchema)).length, 2)
  })

  it('is upcast like any other', async () => {
    await using folder = await ledgerFolder()
    const payloads = besideLedger(folder)
    {
      await using shop = await openShop([orderAggregate()], { folder, payloads })
      await addNote(shop, largeNote('a')).execute()
    }
    const shorten = defineUpcaster({ name: 'shorten', domain: 'order' }).upcasts(
      orders.OrderNoteAddedSchema,
      orders.ShippingAddressChangedSchema,
      ({ note }) => create(orders.ShippingAddressChangedSchema, { address: note.slice(0, 3) }),
    )
    await using shop = await openShop([orderAggregate(), shorten], { folder, payloads })
    const [event] = await shop
      .client('order')
      .query('order-1')
      .events(orders.ShippingAddressChangedSchema)
    assert.equal(event?.message.address, 'aaa')
  })

  it('is folded behind a snapshot, and snapshots are read back beside it', async () => {
    await using folder = await ledgerFolder()
    const payloads = besideLedger(folder)
    const states: number[] = []
    const order = orderAggregate({
      snapshotEvery: 2,
      adding: ({ notes }) => states.push(notes.length),
    })
    {
      await using shop = await openShop([order], { folder, payloads })
      for (const letter of 'abc') await addNote(shop, largeNote(letter)).execute()
    }
    await using shop = await openShop([order], { folder, payloads })
    await shop
      .client('order')
      .command('order-1')
      .withMessage(orders.AddItemSchema, { sku: 's', quantity: 1 })
      .execute()
    assert.deepEqual(states, [3])
  })

  it('leaves the order of commands as it is, whatever their sizes', async () => {
    await using folder = await ledgerFolder()
    await using shop = await openShop([orderAggregate()], {
      folder,
      payloads: besideLedger(folder),
    })
    const notes = Array.from({ length: 40 }, (_, at) =>
      at % 3 === 0 ? largeNote(`${at % 10}`) : `${at}`,
    )
    await Promise.all(notes.map((note) => addNote(shop, note).execute()))
    assert.deepEqual(await notesIn(shop), notes)
  })
})

describe('a large event that is pending', () => {
  test('is seen by its cascade only, and by everybody once that is confirmed', async () => {
    await using folder = await ledgerFolder()
    await using shop = await openShop([orderAggregate()], {
      folder,
      payloads: besideLedger(folder),
    })
    await addNote(shop, 'open').execute()
    await within(shop, 'cascade-1', unclaimed(addNote(shop, largeNote('a'))))
    assert.deepEqual(await notesIn(shop), ['open'])
    await shop.cascades.commit('cascade-1')
    assert.deepEqual(await notesIn(shop), ['open', largeNote('a')])
    await within(shop, 'cascade-2', unclaimed(addNote(shop, largeNote('b'))))
    await shop.cascades.rollback('cascade-2', 'no')
    assert.deepEqual(await notesIn(shop), ['open', largeNote('a')])
  })
})

describe('a payload that cannot be had', () => {
  const copySaga = (done: string[]): ReturnType<typeof defineSaga> =>
    defineSaga({ name: 'copy', source: 'order', target: 'inventory' }).handles(
      orders.OrderNoteAddedSchema,
      ({ note }) => {
        done.push(note.slice(0, 1))
        return undefined
      },
    )

  for (const [damage, ruin, reason] of [
    ['missing', (file: string) => rm(file), /no such file/],
    [
      'torn',
      async (file: string) => writeFile(file, (await readFile(file)).subarray(0, 9)),
      /9 bytes/,
    ],
    [
      'another of the same length',
      async (file: string) => writeFile(file, (await readFile(file)).fill(7)),
      /another hash/,
    ],
  ] as const) {
    it(`is an error of its readers and parks its reactions: ${damage}`, async () => {
      await using folder = await ledgerFolder()
      const payloads = besideLedger(folder)
      {
        await using shop = await openShop([orderAggregate()], { folder, payloads })
        await addNote(shop, largeNote('a')).execute()
        await addNote(shop, 'b').execute()
      }
      const done: string[] = []
      const own = { from: 'beginning', attempts: 2 } as const
      const [event] = await (async () => {
        await using shop = await openShop([orderAggregate()], { folder, payloads })
        return await eventsOf(shop.ledger, 'order', 'order-1')
      })()
      const file = fileOf(folder, event)
      const whole = await readFile(file)
      await ruin(file)
      await using shop = await openShop([orderAggregate(), stock, copySaga(done)], {
        folder,
        payloads,
        settings: { copy: own },
      })
      const { code, grpcStatus, details } = await refusalOf(notesIn(shop))
      assert.deepEqual([code, grpcStatus], ['PAYLOAD_RETRIEVAL_FAILED', 'DATA_LOSS'])
      assert.match(details['reason'] ?? '', reason)
      await shop.settled()
      const [letter] = await shop.deadLetters.list()
      assert.equal(letter?.rejectionType, 'payload_retrieval_failed')
      assert.equal(letter.domain, 'order')
      assert.match(letter.reason, /^Payload retrieval failed from FILESYSTEM \(file:/)
      assert.deepEqual(done, [])
      await writeFile(file, whole)
      await shop.deadLetters.replay(letter.id)
      assert.deepEqual(done, ['a', 'b'])
    })
  }

  it('is the dead letter of a saga: a store that nobody has [coordinator-C-0447]', async () => {
    await using folder = await ledgerFolder()
    {
      await using shop = await openShop([orderAggregate()], { folder })
      await addNote(shop, 'small').execute()
      const [event] = await storedEvents(shop.ledger)
      assert.ok(event !== undefined)
      const page = pages.decode(event.page)
      page.header = undefined
      page.payload = {
        case: 'external',
        value: {
          $typeName: 'angzarr_client.proto.angzarr.PayloadReference',
          storageType: PayloadStorageType.S3,
          uri: 's3://payloads/abc.bin',
          contentHash: new Uint8Array(32),
          originalSize: 12n,
        },
      }
      const { type, key } = event
      const events = [{ type, page: pages.encode(page) }]
      const id = new Uint8Array(16).fill(9)
      await shop.ledger.commit({
        id: Buffer.from(id).toString('hex') as never,
        appends: [{ key, at: 1, events, correlationId: 'c' }],
      })
    }
    const done: string[] = []
    await using shop = await openShop([orderAggregate(), stock, copySaga(done)], {
      folder,
      settings: { copy: { from: 'beginning', attempts: 2 } },
    })
    await shop.settled()
    const [letter] = await shop.deadLetters.list()
    const details = letter?.letter.rejectionDetails
    assert.equal(details?.case, 'payloadRetrievalFailed')
    assert.equal(details.value.storageType, PayloadStorageType.S3)
    assert.equal(details.value.uri, 's3://payloads/abc.bin')
    assert.equal(details.value.originalSize, 12n)
    assert.equal(letter?.domain, 'order')
    assert.equal(letter.letter.sourceComponent, 'copy')
    assert.deepEqual(done, ['s'])
  })
})
