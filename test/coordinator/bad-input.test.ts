import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { Component } from '../../src/component/definition.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { CoordinatorOptions } from '../../src/coordinator/coordinator.ts'
import { QuerySchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { refusedWithoutTrace } from './nothing-stored.ts'
import { openShop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { createOrder } from './shop-commands.ts'
import { fulfillment, orderAggregate, orderSummary, reserveStock, stock } from './shop.ts'

const root = { value: new Uint8Array(16) }
const cover = { domain: 'order', root }

type Init = MessageInitShape<typeof QuerySchema>

function asOf(seconds: bigint, nanos: number): Init {
  const pointInTime = { case: 'asOfTime', value: { seconds, nanos } } as const
  return { cover, selection: { case: 'temporal', value: { pointInTime } } }
}

describe('a query is refused', () => {
  const many = Array.from({ length: 200_000 }, (_, n) => n)
  const rows: readonly (readonly [what: string, query: Init, code: string])[] = [
    ['without a cover', {}, 'REQUEST_INCOMPLETE'],
    ['without root and correlation id', { cover: { domain: 'order' } }, 'REQUEST_INCOMPLETE'],
    ['of half a root', { cover: { ...cover, root: { value: new Uint8Array(3) } } }, 'ROOT_INVALID'],
    ['of a domain of no valid name', { cover: { ...cover, domain: 'Or der' } }, 'DOMAIN_INVALID'],
    ['of no domain', { cover: { root } }, 'DOMAIN_INVALID'],
    [
      'of a timeline of no valid name',
      { cover: { ...cover, edition: { name: '?' } } },
      'EDITION_INVALID',
    ],
    ['of a bad correlation id', { cover: { correlationId: 'a b' } }, 'CORRELATION_ID_INVALID'],
    [
      'as of no point in time',
      { cover, selection: { case: 'temporal', value: {} } },
      'QUERY_INVALID',
    ],
    ['as of a time that is none', asOf(1n, 2_000_000_000), 'INVALID_TIMESTAMP'],
    ['as of a time too far away', asOf(2n ** 62n, 0), 'INVALID_TIMESTAMP'],
    [
      'of a range that ends before it begins',
      { cover, selection: { case: 'range', value: { lower: 3, upper: 1 } } },
      'QUERY_INVALID',
    ],
    [
      'of more sequences than it may name',
      { cover, selection: { case: 'sequences', value: { values: many } } },
      'QUERY_INVALID',
    ],
  ]
  test('row by row', async () => {
    await using shop = await openShop([orderAggregate()])
    await createOrder(shop, 'order-1')
    const client = shop.client('order')
    for (const [what, query, code] of rows) {
      for (const ask of ['getEventBook', 'getEvents'] as const) {
        const send = (): unknown => client[ask](create(QuerySchema, query))
        assert.equal(await refusedWithoutTrace(shop.ledger, send), code, `${ask} ${what}`)
      }
    }
  })

  test('of an aggregate nobody knows is answered with nothing', async () => {
    await using shop = await openShop([orderAggregate()])
    const book = await shop.client('order').query('order-9').getEventBook()
    assert.deepEqual([book.pages, book.nextSequence], [[], 0])
  })
})

describe('a coordinator is not opened', () => {
  const { OrderStateSchema: state } = orders
  const anywhere = (domain: string): Component => defineAggregate({ domain, state })
  const saga = (name: string, source: string, target: string): Component =>
    defineSaga({ name, source, target })
  const manager = (pmDomain: string, sources: string[], targets: string[]): Component =>
    defineProcessManager({ name: 'manager', pmDomain, sources, targets, state })
  const both = [orderAggregate(), stock]
  const rejecting = orderAggregate().rejected('nowhere', 'x.Y', () => undefined)
  const rows: readonly (readonly [what: string, components: readonly Component[], code: string])[] =
    [
      ['two aggregates of a domain', [orderAggregate(), anywhere('order')], 'WIRING_INVALID'],
      [
        'a manager in an aggregate',
        [...both, manager('order', ['order'], ['inventory'])],
        'WIRING_INVALID',
      ],
      ['two components of a name', [...both, reserveStock, reserveStock], 'COMPONENT_DUPLICATE'],
      [
        'a source nobody serves',
        [stock, saga('s', 'order', 'inventory')],
        'WIRING_UNSERVED_DOMAIN',
      ],
      [
        'a target nobody serves',
        [stock, saga('s', 'inventory', 'order')],
        'WIRING_UNSERVED_DOMAIN',
      ],
      [
        'a source of a manager nobody serves',
        [stock, manager('m', ['nowhere'], ['inventory'])],
        'WIRING_UNSERVED_DOMAIN',
      ],
      [
        'a target of a manager nobody serves',
        [stock, manager('m', ['inventory'], ['nowhere'])],
        'WIRING_UNSERVED_DOMAIN',
      ],
      [
        'a projected domain nobody serves',
        [defineProjector({ name: 'p', domains: ['nowhere'] })],
        'WIRING_UNSERVED_DOMAIN',
      ],
      ['a rejected domain nobody serves', [rejecting], 'WIRING_UNSERVED_DOMAIN'],
      ['a domain in capitals', [anywhere('Order')], 'DOMAIN_INVALID'],
      ['a domain too long', [anywhere('x'.repeat(65))], 'DOMAIN_INVALID'],
      [
        'a name in capitals',
        [...both, saga('Saga', 'order', 'inventory')],
        'COMPONENT_NAME_INVALID',
      ],
      [
        'a name with a slash',
        [...both, saga('a/b', 'order', 'inventory')],
        'COMPONENT_NAME_INVALID',
      ],
      [
        'a name too long',
        [...both, saga('x'.repeat(129), 'order', 'inventory')],
        'COMPONENT_NAME_INVALID',
      ],
    ]
  for (const [what, components, code] of rows) {
    test(`with ${what}`, async () => {
      assert.equal((await refusalOf(openShop(components))).code, code)
    })
  }
})

describe('a setting is refused', () => {
  type Settings = Omit<Partial<CoordinatorOptions>, 'ledger' | 'components'>
  const own = (settings: object): Settings => ({ settings: { 'order-fulfillment': settings } })
  const rows: readonly (readonly [what: string, settings: Settings, code: string])[] = [
    ['of a component nobody knows', { settings: { nobody: {} } }, 'COMPONENT_UNKNOWN'],
    ['of no attempts', own({ attempts: 0 }), 'CONFIGURATION_INVALID'],
    ['of half an attempt', own({ attempts: 1.5 }), 'CONFIGURATION_INVALID'],
    ['of a start that is none', own({ from: 'middle' }), 'CONFIGURATION_INVALID'],
    ['of a start before the first event', own({ from: { after: -1 } }), 'CONFIGURATION_INVALID'],
    ['of a start between two events', own({ from: { after: 0.5 } }), 'CONFIGURATION_INVALID'],
    ['of an end that is none', own({ onExhausted: 'explode' }), 'CONFIGURATION_INVALID'],
    ['of a bound nobody knows', { limits: { nonsenseMax: 1 } as object }, 'CONFIGURATION_INVALID'],
    ['of a bound of nothing', { limits: { lanesPerComponentMax: 0 } }, 'CONFIGURATION_INVALID'],
    [
      'of a bound that is no number',
      { limits: { lanesPerComponentMax: NaN } },
      'CONFIGURATION_INVALID',
    ],
    ['of a lease shorter than its renewal', { limits: { leaseMs: 100 } }, 'CONFIGURATION_INVALID'],
    ['of a negative cadence', { snapshotEvery: -1 }, 'CONFIGURATION_INVALID'],
    ['of half a cadence', { snapshotEvery: 0.5 }, 'CONFIGURATION_INVALID'],
    ['of a fallback domain of no valid name', { fallbackDomain: 'a.b' }, 'DOMAIN_INVALID'],
    ['of a fallback domain that an aggregate has', { fallbackDomain: 'order' }, 'WIRING_INVALID'],
  ]
  for (const [what, settings, code] of rows) {
    test(what, async () => {
      await using folder = await ledgerFolder()
      const components = [orderAggregate(), stock, reserveStock]
      assert.equal((await refusalOf(openShop(components, { ...settings, folder }))).code, code)
      await using shop = await openShop(components, { folder })
      assert.equal(shop.status()[0]?.state, 'running')
    })
  }
})

describe('the desk refuses', () => {
  test('what it does not have', async () => {
    await using shop = await openShop([orderAggregate(), stock, fulfillment, orderSummary])
    const { deadLetters, ledger } = shop
    assert.equal(await deadLetters.get('nothing'), undefined)
    for (const ask of [() => deadLetters.replay('nothing'), () => deadLetters.discard('nothing')]) {
      assert.equal(await refusedWithoutTrace(ledger, ask), 'DEAD_LETTER_NOT_FOUND')
    }
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      const ask = (): unknown => deadLetters.list({ limit })
      assert.equal(await refusedWithoutTrace(ledger, ask), 'QUERY_INVALID')
    }
  })
})

describe('a closed coordinator', () => {
  test('refuses commands and queries', async () => {
    const shop = await openShop([orderAggregate()])
    const client = shop.client('order')
    await shop[Symbol.asyncDispose]()
    await shop[Symbol.asyncDispose]()
    const query = create(QuerySchema, { cover })
    for (const ask of [
      () => createOrder(shop, 'order-1'),
      () => client.getEventBook(query),
      () => client.getEvents(query),
    ]) {
      assert.equal((await refusalOf(ask)).code, 'COORDINATOR_CLOSED')
    }
  })
})
