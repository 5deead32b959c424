/**
 * Commands on streams of 100, 10,000 and 1,000,000 events that have a snapshot near their end: what a
 * command costs must not grow with its stream.
 *
 * - `snapshots.<length>-by-hundred`: the first command that a coordinator is sent for the stream, so
 *   that the state comes from the snapshot and from the 50 events behind it (a few more each turn).
 * - `snapshots.warm-<length>-by-hundred`: commands one after the other on a state that is at hand.
 *
 * Both sides do the same on streams of different lengths; what opening costs is not counted.
 *
 * Not measured: snapshots of large states, and a disk whose pages the system has not read yet.
 */
import { create } from '@bufbuild/protobuf'
import { systemClock } from '../src/clock.ts'
import { localAggregate } from '../src/coordinator/local-aggregate.ts'
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import { computeRoot } from '../src/identity/compute-root.ts'
import { systemRandom, writeIds } from '../src/identity.ts'
import type { Ledger, NewEvent } from '../src/ledger/ledger.ts'
import { openLedger } from '../src/ledger/open-ledger.ts'
import { EventPageSchema } from '../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../src/wire/any.ts'
import { messageCodec } from '../src/wire/message-codec.ts'
import { CounterStateSchema } from '../test/fixtures/gen/counter_pb.ts'
import { bestOfTurns } from './best-of-turns.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'
import { AddedSchema, AddSchema, tally } from './tally.ts'

const HUNDRED = 100
const LONGER = [
  { name: 'ten-thousand', events: 10_000 },
  { name: 'million', events: 1_000_000 },
]
/** Events behind the snapshot. */
const BEHIND = 50
const EVENTS_PER_COMMIT = 10_000
/** First commands are short, so many of them are taken. */
const FIRST_TURNS = 40
const WARM_TURNS = 12
const WARM_COMMANDS = 200

/** See the top of this file. */
export async function measureSnapshots(): Promise<readonly Measurement[]> {
  return await withScratch(async (path) => {
    await using ledger = await openLedger(path)
    const measured: Measurement[] = []
    for (const { name, events } of LONGER) {
      await fill(ledger, `first-${name}`, events)
      await fill(ledger, `first-${name}-hundred`, HUNDRED)
      measured.push({
        name: `snapshots.${name}-by-hundred`,
        ...(await bestOfTurns({
          ours: () => firstCommand(ledger, `first-${name}`),
          baseline: () => firstCommand(ledger, `first-${name}-hundred`),
          turns: FIRST_TURNS,
        })),
        unit: 'commands/s',
        against: 'the first command on a stream of 100 events, 50 of them behind its snapshot',
      })
      measured.push(await warm(ledger, name))
    }
    return measured
  })
}

/** What the first command on a stream would make in a second, by a coordinator that does not know it. */
async function firstCommand(ledger: Ledger, key: string): Promise<number> {
  await using shop = await openCoordinator({ ledger, components: [tally] })
  const client = shop.client('tally')
  const add = (root: string): Promise<unknown> =>
    client.command(root).withMessage(AddSchema, { n: 1 }).execute()
  // What the first command of all loads is not this stream's.
  await add('another')
  const started = performance.now()
  await add(key)
  return 1_000 / (performance.now() - started)
}

/** Commands on a known state; a stream of a hundred is used for one turn, for it would grow. */
async function warm(ledger: Ledger, name: string): Promise<Measurement> {
  await using shop = await openCoordinator({ ledger, components: [tally] })
  const client = shop.client('tally')
  const add = (root: string): Promise<unknown> =>
    client.command(root).withMessage(AddSchema, { n: 1 }).execute()
  const rate = async (root: string): Promise<number> => {
    await add(root)
    const started = performance.now()
    for (let sent = 0; sent < WARM_COMMANDS; sent++) await add(root)
    return (WARM_COMMANDS * 1_000) / (performance.now() - started)
  }
  let turn = 0
  const hundred = async (): Promise<number> => {
    const key = `warm-${name}-${turn++}`
    await fill(ledger, key, HUNDRED)
    return await rate(key)
  }
  const rates = await bestOfTurns({
    ours: () => rate(`first-${name}`),
    baseline: hundred,
    turns: WARM_TURNS,
  })
  const against = 'a command on a stream of 100 events, its state at hand'
  return { name: `snapshots.warm-${name}-by-hundred`, ...rates, unit: 'commands/s', against }
}

const newId = writeIds(systemClock(), systemRandom())
const pages = messageCodec(EventPageSchema)
const added = packAny(AddedSchema, create(AddedSchema, { n: 1 }))

/** Stores so many events as the aggregate would have, and the snapshot that it would have taken. */
async function fill(ledger: Ledger, name: string, events: number): Promise<void> {
  const key = { domain: 'tally', edition: '', root: computeRoot('tally', name) }
  for (let at = 0; at < events; at += EVENTS_PER_COMMIT) {
    const count = Math.min(EVENTS_PER_COMMIT, events - at)
    const append = { key, at, events: eventsFrom(at, count), correlationId: 'filled' }
    await ledger.commit({ id: newId(), appends: [append] })
  }
  const last = events - 1 - BEHIND
  const state = localAggregate(tally.definition).capture(
    create(CounterStateSchema, { count: last + 1 }),
  )
  if (state === undefined) throw new Error('the state of the tally has no bytes')
  const createdAt = systemClock().wall()
  const snapshot = { key, sequence: last, state, retention: 'default', createdAt } as const
  await ledger.commit({ id: newId(), snapshots: [snapshot] })
}

function eventsFrom(at: number, count: number): readonly NewEvent[] {
  const seconds = systemClock().wall() / 1_000_000_000n
  return Array.from({ length: count }, (_, i) => ({
    type: AddedSchema.typeName,
    page: pages.encode(
      create(EventPageSchema, {
        header: { sequenceType: { case: 'sequence', value: at + i } },
        createdAt: { seconds },
        payload: { case: 'event', value: added },
      }),
    ),
  }))
}
