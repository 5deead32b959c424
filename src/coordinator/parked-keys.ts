/** Keys that wait behind a dead letter: their rows, and reading again what passed by meanwhile. */
import { create } from '@bufbuild/protobuf'
import type { Position } from '../identity.ts'
import type { Ledger, Row, RowChange, StoredEvent } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import {
  type DeadLetterEntry,
  type ParkedKey,
  ParkedKeySchema,
} from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { allRows } from './all-rows.ts'
import { removeDeadLetter } from './dead-letter-rows.ts'
import { PARKED, laneGroup } from './spaces.ts'

const codec = messageCodec(ParkedKeySchema)

/** The change that parks the key of a dead letter; its events are read again from a position. */
export function parkedKeyRow(entry: DeadLetterEntry, firstPosition: Position): RowChange {
  const { component, lane, id } = entry
  const parked = create(ParkedKeySchema, {
    lane,
    firstPosition: BigInt(firstPosition),
    deadLetter: id,
    ...(entry.parkedAt === undefined ? {} : { since: entry.parkedAt }),
  })
  return {
    kind: 'put',
    space: PARKED,
    key: laneGroup(component, lane),
    value: codec.encode(parked),
    expected: 'any',
    group: component,
  }
}

/** The changes that end it. */
export function removeParkedKey(
  component: string,
  lane: string,
  deadLetter: string,
): readonly RowChange[] {
  return [unpark(component, lane), removeDeadLetter(deadLetter)]
}

/** The change that ends the parking alone. */
export function unpark(component: string, lane: string): RowChange {
  return { kind: 'remove', space: PARKED, key: laneGroup(component, lane), expected: 'any' }
}

/** The parked keys of a component. */
export async function parkedKeysOf(
  ledger: Ledger,
  component: string,
): Promise<readonly ParkedKey[]> {
  const found: ParkedKey[] = []
  for await (const row of allRows(ledger, PARKED, `${component}/`)) {
    found.push(codec.decode(row.value))
  }
  return found
}

/** One parked key. */
export async function parkedKeyOf(
  ledger: Ledger,
  component: string,
  lane: string,
): Promise<ParkedKey | undefined> {
  const row = await ledger.row(PARKED, laneGroup(component, lane))
  return row === undefined ? undefined : codec.decode(row.value)
}

/** Where the key of a row is to be read again. */
export function firstPositionOf(row: Row): Position {
  return Number(codec.decode(row.value).firstPosition)
}

/** The events of the log between two positions, both included, that concern somebody. */
export async function eventsBetween(
  ledger: Ledger,
  options: {
    readonly from: Position
    readonly upTo: Position
    readonly concerns: (event: StoredEvent) => boolean
  },
): Promise<readonly StoredEvent[]> {
  const { from, upTo, concerns } = options
  const found: StoredEvent[] = []
  for await (const chunk of ledger.log(from - 1, { limit: limits.eventsPerReadMax })) {
    for (const event of chunk) {
      if (event.position > upTo) return found
      if (concerns(event)) found.push(event)
    }
  }
  return found
}
