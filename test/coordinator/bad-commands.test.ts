import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import {
  CommandRequestSchema,
  MergeStrategy,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { refusedWithoutTrace } from './nothing-stored.ts'
import { openShop } from './open-shop.ts'
import { createOrder } from './shop-commands.ts'
import { compensatingOrder, orderSummary, reserveStock, stock } from './shop.ts'

const { MERGE_STRICT } = MergeStrategy
const LONG = 'x'.repeat(65)
const HUGE = 262_145

type Shop = Pick<Coordinator, 'client'>
type Row = readonly [what: string, send: (shop: Shop) => unknown, code: string]

async function refuse(rows: readonly Row[]): Promise<void> {
  await using shop = await openShop([compensatingOrder(), stock, reserveStock, orderSummary])
  await createOrder(shop, 'order-1')
  await shop.settled()
  const codes: [string, string][] = []
  for (const [what, send] of rows) {
    codes.push([what, await refusedWithoutTrace(shop.ledger, () => send(shop))])
  }
  assert.deepEqual(
    codes,
    rows.map(([what, , code]) => [what, code]),
  )
}

function typed(shop: Shop, domain = 'order'): CommandBuilder {
  const command = shop.client(domain).command('order-1')
  return command.withMessage(orders.AddItemSchema, { sku: 'sku-1' })
}

/** A command without effect, whatever its size. */
function release(shop: Shop, orderId: string): Promise<unknown> {
  const command = shop.client('inventory').command('sku-1')
  return command.withMessage(inventory.ReleaseStockSchema, { orderId }).execute()
}

function encoded(shop: Shop, typeUrl: string, bytes: Uint8Array): CommandBuilder {
  return shop.client('order').command('order-1').withCommand(typeUrl, bytes)
}

describe('a typed command is refused, and nothing is stored', () => {
  test('row by row', async () => {
    await refuse([
      ['for a domain nobody serves', (shop) => typed(shop, 'nowhere').execute(), 'UNKNOWN_DOMAIN'],
      ['for no domain', (shop) => typed(shop, '').execute(), 'DOMAIN_INVALID'],
      ['for a domain in capitals', (shop) => typed(shop, 'Order').execute(), 'DOMAIN_INVALID'],
      ['for a domain with a dot', (shop) => typed(shop, 'or.der').execute(), 'DOMAIN_INVALID'],
      ['for a domain too long', (shop) => typed(shop, LONG).execute(), 'DOMAIN_INVALID'],
      ['for a domain of the engine', (shop) => typed(shop, '_saga').execute(), 'DOMAIN_RESERVED'],
      [
        'of a type nobody handles',
        (shop) =>
          shop.client('order').command('o').withMessage(inventory.AddStockSchema, {}).execute(),
        'NO_HANDLER_REGISTERED',
      ],
      [
        'of a correlation id with a space',
        (shop) => typed(shop).withCorrelationId('a b').execute(),
        'CORRELATION_ID_INVALID',
      ],
      [
        'of a correlation id too long',
        (shop) => typed(shop).withCorrelationId('x'.repeat(129)).execute(),
        'CORRELATION_ID_INVALID',
      ],
      [
        'of a key with a line break',
        (shop) => typed(shop).withIdempotencyKey('a\nb').execute(),
        'IDEMPOTENCY_KEY_INVALID',
      ],
      [
        'of a key too long',
        (shop) => typed(shop).withIdempotencyKey('x'.repeat(257)).execute(),
        'IDEMPOTENCY_KEY_INVALID',
      ],
      ['of an empty key', (shop) => typed(shop).withIdempotencyKey(''), 'IDEMPOTENCY_KEY_INVALID'],
      ['of a negative sequence', (shop) => typed(shop).withSequence(-1), 'INVALID_ARGUMENT'],
      ['of half a sequence', (shop) => typed(shop).withSequence(0.5), 'INVALID_ARGUMENT'],
      [
        'of the wrong sequence',
        (shop) => typed(shop).withSequence(7).withMergeStrategy(MERGE_STRICT).execute(),
        'SEQUENCE_MISMATCH',
      ],
      [
        'on a timeline of no valid name',
        (shop) => typed(shop).withEdition('What If').execute(),
        'EDITION_INVALID',
      ],
      ['too large', (shop) => release(shop, 'x'.repeat(HUGE)), 'PAYLOAD_TOO_LARGE'],
      [
        'too large by its bytes, not by its characters',
        (shop) => release(shop, '€'.repeat(HUGE / 3)),
        'PAYLOAD_TOO_LARGE',
      ],
    ])
  })

  test('and one that is just not too large is carried out', async () => {
    await using shop = await openShop([stock])
    for (const orderId of ['x'.repeat(262_144 - 4), '€'.repeat(87_380)]) {
      await assert.doesNotReject(release(shop, orderId))
    }
  })
})

describe('an encoded command is refused, and nothing is stored', () => {
  const url = 'type.googleapis.com/orders.CreateOrder'
  test('row by row', async () => {
    await refuse([
      [
        'of malformed bytes',
        (shop) => encoded(shop, url, new Uint8Array([0xff, 0xff])).execute(),
        'ANY_DECODE_FAILED',
      ],
      [
        'of a truncated field',
        (shop) => encoded(shop, url, new Uint8Array([0x0a, 0x05, 0x61])).execute(),
        'ANY_DECODE_FAILED',
      ],
      [
        'of a type nobody handles',
        (shop) => encoded(shop, 'type.googleapis.com/x.Y', new Uint8Array()).execute(),
        'NO_HANDLER_REGISTERED',
      ],
      [
        'of no type',
        (shop) => encoded(shop, '', new Uint8Array()).execute(),
        'COMMAND_TYPE_URL_MISSING',
      ],
      [
        'of a type too long',
        (shop) => encoded(shop, 'x'.repeat(5_000), new Uint8Array()).execute(),
        'TYPE_URL_INVALID',
      ],
      [
        'without bytes',
        (shop) => shop.client('order').command('order-1').withTypeUrl(url).execute(),
        'COMMAND_PAYLOAD_MISSING',
      ],
      [
        'too large',
        (shop) => encoded(shop, url, new Uint8Array(HUGE)).execute(),
        'PAYLOAD_TOO_LARGE',
      ],
      [
        'for a domain nobody serves',
        (shop) => shop.client('nowhere').command('x').withCommand(url, new Uint8Array()).execute(),
        'UNKNOWN_DOMAIN',
      ],
    ])
  })
})

describe('a command request is refused, and nothing is stored', () => {
  type Init = MessageInitShape<typeof CommandRequestSchema>
  const root = { value: new Uint8Array(16) }
  const any = { typeUrl: `type.googleapis.com/${counters.AddSchema.typeName}` }
  const item: Partial<Any> = { typeUrl: 'type.googleapis.com/orders.AddItem' }
  const page = (value: Partial<Any> = item): object => ({ payload: { case: 'command', value } })
  const book = (cover: object | undefined, ...pages: readonly object[]): Init =>
    ({ command: { ...(cover === undefined ? {} : { cover }), pages } }) as Init
  const cover = { domain: 'order', root }
  const rows: readonly (readonly [string, Init, string])[] = [
    ['without a command', {}, 'MISSING_COMMAND_BOOK'],
    ['without pages', book(cover), 'MISSING_COMMAND_PAGE'],
    ['without a payload', book(cover, {}), 'MISSING_COMMAND_PAYLOAD'],
    ['without a type', book(cover, page({ typeUrl: '' })), 'MISSING_COMMAND_PAYLOAD'],
    [
      'of too many pages',
      book(cover, ...Array.from({ length: 101 }, () => page())),
      'BOOK_TOO_LONG',
    ],
    ['of a type URL too long', book(cover, page({ typeUrl: 'x'.repeat(257) })), 'TYPE_URL_INVALID'],
    ['of a type nobody handles', book(cover, page(any)), 'NO_HANDLER_REGISTERED'],
    ['too large', book(cover, page({ ...item, value: new Uint8Array(HUGE) })), 'PAYLOAD_TOO_LARGE'],
    [
      'of malformed bytes',
      book(cover, page({ ...item, value: new Uint8Array([0xff]) })),
      'ANY_DECODE_FAILED',
    ],
    ['without a cover', book(undefined, page()), 'REQUEST_INCOMPLETE'],
    ['without a root', book({ domain: 'order' }, page()), 'REQUEST_INCOMPLETE'],
    [
      'of half a root',
      book({ ...cover, root: { value: new Uint8Array(8) } }, page()),
      'ROOT_INVALID',
    ],
    ['for a domain nobody serves', book({ ...cover, domain: 'nowhere' }, page()), 'UNKNOWN_DOMAIN'],
    ['for a domain of the engine', book({ ...cover, domain: '_x' }, page()), 'DOMAIN_RESERVED'],
    ['for no domain', book({ root }, page()), 'DOMAIN_INVALID'],
    [
      'of a bad correlation id',
      book({ ...cover, correlationId: 'ä' }, page()),
      'CORRELATION_ID_INVALID',
    ],
    [
      'on a timeline of no valid name',
      book({ ...cover, edition: { name: '1' } }, page()),
      'EDITION_INVALID',
    ],
    [
      'on a timeline that branches off in no valid domain',
      book(
        { ...cover, edition: { name: 'a', divergences: [{ domain: '?', sequence: 1 }] } },
        page(),
      ),
      'DOMAIN_INVALID',
    ],
    [
      'within a cascade of no valid id',
      { ...book(cover, page()), cascadeId: 'no spaces' },
      'CORRELATION_ID_INVALID',
    ],
    [
      'whose payload is elsewhere',
      book(cover, { payload: { case: 'external', value: { uri: 's3://x' } } }),
      'MISSING_COMMAND_PAYLOAD',
    ],
    [
      'of a sequence that is ahead',
      book(cover, {
        ...page(),
        header: { sequenceType: { case: 'sequence', value: 9 } },
        mergeStrategy: MERGE_STRICT,
      }),
      'SEQUENCE_MISMATCH',
    ],
  ]
  test('row by row', async () => {
    await refuse(
      rows.map(([what, request, code]) => [
        what,
        (shop) =>
          shop.client('order').commandHandler.handleCommand(create(CommandRequestSchema, request)),
        code,
      ]),
    )
  })
})
