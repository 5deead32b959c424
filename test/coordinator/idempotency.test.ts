import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import type { CommandResponse } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  MergeStrategy,
  PageHeaderSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addItem, addStock, createOrder, sequencesOf } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { counting } from './small-aggregates.ts'
import { eventsOf, typesOf } from './stored-events.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'

type Counted = Shop & { readonly calls: readonly string[] }

/** A shop with a counter, and which of its handlers have run. */
async function countedShop(options: Parameters<typeof openShop>[1] = {}): Promise<Counted> {
  const calls: string[] = []
  const counter = counting((command) => calls.push(command))
  return { ...(await openShop([counter], options)), calls }
}

function add(shop: Shop, n = 1, root = 'c-1'): CommandBuilder {
  return shop.client('counter').command(root).withMessage(counters.AddSchema, { n })
}

function pagesOf(response: CommandResponse): unknown {
  return [response.events?.pages, response.events?.nextSequence, response.events?.cover]
}

describe('a command sent twice under one key', () => {
  test('takes effect once and is answered as the first time', async () => {
    await using shop = await countedShop()
    const command = add(shop, 5)
    const first = await command.execute()
    const second = await command.execute()
    assert.deepEqual(pagesOf(second), pagesOf(first))
    assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['Added'])
    assert.deepEqual(shop.calls, ['Add'])
  })

  test('is answered with the first events when others have come since', async () => {
    await using shop = await countedShop()
    const command = add(shop, 5)
    const first = await command.execute()
    await add(shop, 6).execute()
    assert.deepEqual(pagesOf(await command.execute()), pagesOf(first))
  })

  test('at the same time takes effect once', async () => {
    await using shop = await countedShop()
    const command = add(shop)
    const responses = await Promise.all([1, 2, 3, 4].map(() => command.execute()))
    assert.deepEqual(responses.map(sequencesOf), [[0], [0], [0], [0]])
    assert.deepEqual(shop.calls, ['Add'])
  })

  test('lets other commands of its aggregate through in between', async () => {
    await using shop = await countedShop()
    const command = add(shop)
    const all = [command, add(shop), command, add(shop), command]
    const responses = await Promise.all(all.map((one) => one.execute()))
    assert.deepEqual(responses.map(sequencesOf), [[0], [1], [0], [2], [0]])
    assert.equal(shop.calls.length, 3)
  })

  test('takes effect once although the ledger was opened again', async () => {
    await using folder = await ledgerFolder()
    const send = async (): Promise<[CommandResponse, readonly string[]]> => {
      await using shop = await countedShop({ folder })
      return [await add(shop, 5).withIdempotencyKey('key-1').execute(), shop.calls]
    }
    const [first] = await send()
    const [second, calls] = await send()
    assert.deepEqual(pagesOf(second), pagesOf(first))
    assert.deepEqual(calls, [])
  })

  test('takes effect once although the commands differ', async () => {
    await using shop = await countedShop()
    await add(shop, 5).withIdempotencyKey('key-1').execute()
    const other = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
    assert.deepEqual(sequencesOf(await other.withIdempotencyKey('key-1').execute()), [0])
    assert.deepEqual(shop.calls, ['Add'])
  })

  test('takes effect on each of two aggregates', async () => {
    await using shop = await countedShop()
    for (const root of ['c-1', 'c-2']) await add(shop, 1, root).withIdempotencyKey('k').execute()
    assert.equal((await eventsOf(shop.ledger, 'counter', 'c-1')).length, 1)
    assert.equal((await eventsOf(shop.ledger, 'counter', 'c-2')).length, 1)
  })

  test('runs its handler once when it has nothing to store', async () => {
    await using folder = await ledgerFolder()
    const touch = async (): Promise<readonly string[]> => {
      await using shop = await countedShop({ folder })
      const command = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
      const response = await command.withIdempotencyKey('k').execute()
      assert.deepEqual(response.events?.pages, [])
      await command.execute()
      return shop.calls
    }
    assert.deepEqual(await touch(), ['Touch'])
    assert.deepEqual(await touch(), [])
  })
})

describe('a refused command', () => {
  test('leaves no claim and is decided anew', async () => {
    await using shop = await countedShop()
    const nothing = shop.client('counter').command('c-1')
    nothing.withMessage(counters.IncreaseBySchema, { n: 0 })
    assert.equal((await refusalOf(nothing.execute())).code, 'NOTHING')
    assert.equal((await refusalOf(nothing.execute())).code, 'NOTHING')
    assert.equal(shop.calls.length, 2)
  })

  test('may be accepted later under the same key', async () => {
    await using shop = await openShop([orderAggregate(), stock])
    const init = { orderId: 'order-1', sku: 'sku-1', quantity: 2 }
    const reserve = shop.client('inventory').command('sku-1')
    reserve.withMessage(inventory.ReserveStockSchema, init)
    assert.equal((await refusalOf(reserve.execute())).code, 'OUT_OF_STOCK')
    await addStock(shop, 5)
    assert.deepEqual(sequencesOf(await reserve.execute()), [1])
    assert.deepEqual(sequencesOf(await reserve.execute()), [1])
  })

  test('sent twice at the same time is refused twice', async () => {
    await using shop = await countedShop()
    const nothing = shop.client('counter').command('c-1')
    nothing.withMessage(counters.IncreaseBySchema, { n: 0 })
    const results = await Promise.all([1, 2, 3].map(() => refusalOf(nothing.execute())))
    assert.deepEqual(
      results.map(({ code }) => code),
      ['NOTHING', 'NOTHING', 'NOTHING'],
    )
    assert.equal(shop.calls.length, 3)
  })
})

describe('a key', () => {
  test('belongs to a command: changed, it is another one', async () => {
    await using shop = await openShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    const command = addItem(shop)
    await command.execute()
    await command.withCorrelationId('corr-2').execute()
    assert.equal((await eventsOf(shop.ledger, 'order', 'order-1')).length, 3)
  })

  test('is not made for a book: sent twice, it is carried out twice', async () => {
    await using shop = await countedShop()
    const book = add(shop).build()
    const client = shop.client('counter')
    await client.execute(book)
    await client.execute(book)
    assert.deepEqual(shop.calls, ['Add', 'Add'])
  })

  test('may be given with a book', async () => {
    await using shop = await countedShop()
    const command = add(shop)
    const client = shop.client('counter')
    const idempotencyKey = command.idempotencyKey()
    const first = await client.execute(command.build(), { idempotencyKey })
    const second = await client.execute(command.build(), { idempotencyKey })
    assert.deepEqual(pagesOf(second), pagesOf(first))
    assert.deepEqual(shop.calls, ['Add'])
  })

  test('may be the external id in the header of a book', async () => {
    await using shop = await countedShop()
    const book = add(shop).build()
    const [page] = book.pages
    assert.ok(page !== undefined)
    page.header = create(PageHeaderSchema, {
      sequenceType: { case: 'externalDeferred', value: { externalId: 'payment-7' } },
    })
    const first = await shop.client('counter').execute(book)
    const second = await shop.client('counter').execute(book)
    assert.deepEqual(pagesOf(second), pagesOf(first))
    assert.deepEqual(shop.calls, ['Add'])
  })

  test('that is an external id makes the command claim no sequence', async () => {
    await using shop = await countedShop()
    await add(shop).execute()
    const book = add(shop).withMergeStrategy(MergeStrategy.MERGE_STRICT).build()
    const [page] = book.pages
    assert.ok(page !== undefined)
    page.header = create(PageHeaderSchema, {
      sequenceType: { case: 'externalDeferred', value: { externalId: 'payment-7' } },
    })
    assert.deepEqual(sequencesOf(await shop.client('counter').execute(book)), [1])
  })
})
