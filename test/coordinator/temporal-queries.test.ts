import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { NANOSECONDS_PER_MS } from '../../src/clock.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import type { WriteId } from '../../src/identity.ts'
import type { EventBook } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  EventBookSchema,
  SnapshotRetention,
  SnapshotSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'
import { packAny, unpackAny } from '../../src/wire/any.ts'
import { messageCodec } from '../../src/wire/message-codec.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import { openShop, type Shop } from './open-shop.ts'
import { streamKey } from './stored-events.ts'
import { twice as test } from './twice.ts'

const MINUTE_MS = 60_000
const START = Date.UTC(2026, 0, 1, 10)

/** Ten events, a minute apart from 10:00, and a snapshot when a test makes one. */
const counter = defineAggregate({
  domain: 'counter',
  state: counters.CounterStateSchema,
  snapshotEvery: 0,
})
  .handles(counters.AddSchema, ({ n }) => create(counters.AddedSchema, { n }))
  .applies(counters.AddedSchema, (state, { n }) => {
    state.count += n
  })

async function tenEvents(shop: Shop, clock: FakeClock): Promise<void> {
  for (let n = 0; n < 10; n++) {
    clock.setWall(BigInt(START + n * MINUTE_MS) * NANOSECONDS_PER_MS)
    await shop.client('counter').command('c-1').withMessage(counters.AddSchema, { n }).execute()
  }
}

/** Writes the snapshot of the state after an event, made at a time. */
async function snapshotOf(shop: Shop, sequence: number, createdAt: bigint): Promise<void> {
  const count = (sequence * (sequence + 1)) / 2
  const state = packAny(counters.CounterStateSchema, create(counters.CounterStateSchema, { count }))
  await shop.ledger.commit({
    id: `snapshot-${sequence}` as WriteId,
    snapshots: [
      {
        key: streamKey('counter', 'c-1'),
        sequence,
        state: messageCodec(SnapshotSchema).encode(create(SnapshotSchema, { state })),
        retention: 'persist',
        createdAt,
      },
    ],
  })
}

async function openCounted(): Promise<{ readonly shop: Shop; readonly clock: FakeClock }> {
  const clock = fakeClock({ wall: BigInt(START) * NANOSECONDS_PER_MS })
  const shop = await openShop([counter], { clock })
  await tenEvents(shop, clock)
  return { shop, clock }
}

const at = (time: string): Date => new Date(`2026-01-01T${time}Z`)
const nanos = (time: string): bigint => BigInt(at(time).getTime()) * NANOSECONDS_PER_MS

function sequencesIn(book: EventBook): (number | undefined)[] {
  return book.pages.map(({ header }) =>
    header?.sequenceType.case === 'sequence' ? header.sequenceType.value : undefined,
  )
}

function folded(book: EventBook): number {
  const { state } = book.snapshot ?? {}
  const start = state === undefined ? 0 : unpackAny(counters.CounterStateSchema, state).count
  return book.pages.reduce((sum, { payload }) => {
    assert.ok(payload.case === 'event')
    return sum + unpackAny(counters.AddedSchema, payload.value).n
  }, start)
}

describe('a query as of a sequence', () => {
  for (const [what, snapshot, expected, id] of [
    ['begins with a snapshot before it', 4, [5, 6], 'coordinator-C-0402'],
    ['does not use a snapshot behind it', 8, [0, 1, 2, 3, 4, 5, 6], 'coordinator-C-0403'],
    ['is a snapshot at it', 6, [], 'coordinator-C-0404'],
  ] as const) {
    test(`${what} [${id}]`, async () => {
      const { shop, clock } = await openCounted()
      await using _ = shop
      await snapshotOf(shop, snapshot, clock.wall())
      const book = await shop.client('counter').query('c-1').asOfSequence(6).getEventBook()
      assert.deepEqual(sequencesIn(book), expected)
      assert.equal(book.snapshot?.sequence, snapshot > 6 ? undefined : snapshot)
      assert.equal(folded(book), 21)
    })
  }
})

describe('a query as of a time', () => {
  for (const [what, created, expected, id] of [
    ['begins with a snapshot made before it', '10:04:30', [5], 'coordinator-C-0405'],
    ['does not use a snapshot made after it', '10:07:00', [0, 1, 2, 3, 4, 5], 'coordinator-C-0406'],
    [
      'does not use a snapshot of which nobody knows when it was made',
      undefined,
      [0, 1, 2, 3, 4, 5],
      'coordinator-C-0407',
    ],
  ] as const) {
    test(`${what} [${id}]`, async () => {
      const { shop } = await openCounted()
      await using _ = shop
      await snapshotOf(shop, 4, created === undefined ? 0n : nanos(created))
      const query = shop.client('counter').query('c-1').asOfTime(at('10:05:30'))
      const book = await query.getEventBook()
      assert.deepEqual(sequencesIn(book), expected)
      assert.equal(book.snapshot?.sequence, created === '10:04:30' ? 4 : undefined)
    })
  }

  test('folds to the same as the whole history up to there [coordinator-C-0408]', async () => {
    const { shop } = await openCounted()
    await using _ = shop
    const query = shop.client('counter').query('c-1')
    const [bySequence, byTime] = [
      folded(await query.asOfSequence(6).getEventBook()),
      folded(await query.asOfTime(at('10:05:30')).getEventBook()),
    ]
    assert.deepEqual([bySequence, byTime], [21, 15])
    await snapshotOf(shop, 4, nanos('10:04:30'))
    assert.equal(folded(await query.asOfSequence(6).getEventBook()), bySequence)
    assert.equal(folded(await query.asOfTime(at('10:05:30')).getEventBook()), byTime)
  })
})

describe('a snapshot in the answer of a handler', () => {
  for (const [what, retention, stored, id] of [
    ['is kept as it says', SnapshotRetention.RETENTION_PERSIST, 'persist', 'coordinator-C-0454'],
    ['is kept by default', undefined, 'default', 'coordinator-C-0455'],
  ] as const) {
    test(`${what} [${id}]`, async () => {
      const writing = defineAggregate({
        domain: 'counter',
        state: counters.CounterStateSchema,
        snapshotEvery: 0,
      })
        .handles(counters.AddSchema, ({ n }, { count }) => {
          const event = create(counters.AddedSchema, { n })
          const next = create(counters.CounterStateSchema, { count: count + n })
          const snapshot = {
            sequence: 77,
            state: packAny(counters.CounterStateSchema, next),
            ...(retention === undefined ? {} : { retention }),
          }
          const payload = { case: 'event' as const, value: packAny(counters.AddedSchema, event) }
          return create(EventBookSchema, { pages: [{ payload }], snapshot })
        })
        .applies(counters.AddedSchema, (state, { n }) => {
          state.count += n
        })
      await using shop = await openShop([writing])
      const add = (n: number): Promise<unknown> =>
        shop.client('counter').command('c-1').withMessage(counters.AddSchema, { n }).execute()
      await add(2)
      await add(3)
      const snapshot = await shop.ledger.snapshot(streamKey('counter', 'c-1'))
      assert.equal(snapshot?.sequence, 1)
      assert.equal(snapshot?.retention, stored)
      const book = await shop.client('counter').query('c-1').asOfSequence(1).getEventBook()
      assert.deepEqual([sequencesIn(book), folded(book)], [[], 5])
    })
  }
})
