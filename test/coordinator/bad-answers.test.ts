import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { delegateToFramework } from '../../src/component/compensation.ts'
import type { Component } from '../../src/component/definition.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { CommandResult } from '../../src/component/handler-results.ts'
import { packEvents } from '../../src/component/pack-events.ts'
import { rootFor } from '../../src/identity/compute-root.ts'
import { bytesOfRoot } from '../../src/identity.ts'
import {
  type EventBook,
  EventBookSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { refusedWithoutTrace } from './nothing-stored.ts'
import { openShop } from './open-shop.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

const added = (n = 1): counters.Added => create(counters.AddedSchema, { n })

/** A book of as many events as it is given sequences, addressed as it is told. */
function book(
  sequences: readonly (number | undefined)[],
  address: { readonly domain?: string; readonly key?: string } = {},
): EventBook {
  const { domain = 'counter', key = 'c-1' } = address
  const pages = packEvents(sequences.map(() => added()))
  for (const [index, page] of pages.entries()) {
    const value = sequences[index]
    if (value === undefined) delete page.header
    else page.header = { ...headerOf(value) }
  }
  const root = { value: bytesOfRoot(rootFor(domain, key)) }
  return create(EventBookSchema, { cover: { domain, root }, pages })
}

function headerOf(value: number): NonNullable<EventBook['pages'][number]['header']> {
  const [page] = create(EventBookSchema, {
    pages: [{ header: { sequenceType: { case: 'sequence', value } } }],
  }).pages
  assert.ok(page?.header !== undefined)
  return page.header
}

/** Answers of a handler, and what they are refused with. */
const rows: readonly (readonly [what: string, answer: () => unknown, code: string])[] = [
  ['another domain', () => book([0], { domain: 'order' }), 'RESPONSE_FOREIGN_TARGET'],
  ['another root', () => book([0], { key: 'c-2' }), 'RESPONSE_FOREIGN_TARGET'],
  ['a sequence that is taken', () => book([0, 0]), 'RESPONSE_BAD_SEQUENCE'],
  ['a gap', () => book([0, 2]), 'RESPONSE_BAD_SEQUENCE'],
  ['a sequence ahead', () => book([5]), 'RESPONSE_BAD_SEQUENCE'],
  ['too many events', () => Array.from({ length: 101 }, () => added()), 'BOOK_TOO_LONG'],
  [
    'an event too large',
    () => create(counters.IncreasedSchema, { note: 'x'.repeat(262_145) }),
    'PAYLOAD_TOO_LARGE',
  ],
  ['a number', () => 7, 'HANDLER_WRONG_RESPONSE_KIND'],
  ['events and something else', () => [added(), 'x'], 'HANDLER_WRONG_RESPONSE_KIND'],
  ['a revocation', () => delegateToFramework('not now'), 'COMMAND_REVOKED'],
]

function answering(answer: () => unknown): Component {
  return defineAggregate({ domain: 'counter', state: counters.CounterStateSchema }).handles(
    counters.TouchSchema,
    // Handlers without types answer what they like.
    () => answer() as CommandResult,
  )
}

describe('an answer of a handler', () => {
  for (const [what, answer, code] of rows) {
    test(`that holds ${what} is refused, and nothing is stored${code === 'RESPONSE_FOREIGN_TARGET' ? ' [weakness-4]' : ''}`, async () => {
      const counter = answering(answer)
      await using shop = await openShop([orderAggregate(), counter])
      await createOrder(shop, 'order-1')
      const touch = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
      assert.equal(await refusedWithoutTrace(shop.ledger, () => touch.execute()), code)
    })
  }

  test('may be a book of its own stream, numbered or not', async () => {
    for (const sequences of [
      [0, 1],
      [undefined, undefined],
      [0, undefined],
    ]) {
      const counter = answering(() => book(sequences))
      await using shop = await openShop([counter])
      const touch = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
      await touch.execute()
      assert.deepEqual(await typesOf(shop.ledger, 'counter', 'c-1'), ['Added', 'Added'])
    }
  })

  test('of many events is stored whole, up to its bound', async () => {
    const counter = answering(() => Array.from({ length: 100 }, () => added()))
    await using shop = await openShop([counter])
    const touch = shop.client('counter').command('c-1').withMessage(counters.TouchSchema, {})
    assert.equal((await touch.execute()).events?.pages.length, 100)
  })

  test('of an aggregate whose events nobody applies is stored', async () => {
    await using shop = await openShop([orderAggregate()])
    const cancel = shop.client('order').command('order-1')
    await cancel.withMessage(orders.CompleteOrderSchema, {}).execute()
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), ['OrderCompleted'])
  })
})
