/**
 * Named editions: timelines that branch off the main one. A stream of an edition shows the events of
 * the main timeline before its branch, then its own (copy on write).
 *
 * 1. A stream branches with the first event that is written to it in the edition: at the sequence
 *    that the request names for its domain, else where the main timeline stands then.
 * 2. Where it branches is stored with that event and never moves; until then nothing is fixed, and
 *    what is decided rests on where the main timeline stands.
 */
import { create } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import type { Ledger, RowChange, StreamKey } from '../ledger/ledger.ts'
import {
  DomainDivergenceSchema,
  type Edition,
  EditionSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { BRANCHES, EDITIONS } from './spaces.ts'

const branches = messageCodec(DomainDivergenceSchema)
const editions = messageCodec(EditionSchema)

/** Where a stream of a named edition branches off. */
export type Branch = {
  readonly at: Sequence
  /** Version of its row; `undefined` before anything is written to the stream. */
  readonly version: number | undefined
  /** True when it does not move with the main timeline: a request has named it, or it is stored. */
  readonly named: boolean
  /** Where the ledger goes on counting in the stream. */
  readonly head: Sequence
}

/** The same stream on the main timeline. */
export function mainOf(key: StreamKey): StreamKey {
  return { ...key, edition: '' }
}

/** Where a stream branches off; `undefined` for the main timeline itself. */
export async function branchOf(
  ledger: Ledger,
  key: StreamKey,
  named: Sequence | undefined,
): Promise<Branch | undefined> {
  if (key.edition === '') return undefined
  const row = await ledger.row(BRANCHES, branchKey(key))
  const head = await ledger.head(key)
  if (row !== undefined) {
    const at = branches.decode(row.value).sequence
    return { at, version: row.version, named: true, head }
  }
  const main = await ledger.head(mainOf(key))
  // What the main timeline has not reached is no place yet.
  const isPlace = named !== undefined && named <= main
  return { at: isPlace ? named : main, version: undefined, named: isPlace, head }
}

/** The row that fixes where a stream branches off. */
export function putBranch(key: StreamKey, at: Sequence): RowChange {
  const { domain, edition } = key
  return {
    kind: 'put',
    space: BRANCHES,
    key: branchKey(key),
    value: branches.encode(create(DomainDivergenceSchema, { domain, sequence: at })),
    expected: 'absent',
    group: `${edition}/${domain}`,
  }
}

/** The row that remembers where an edition branches off in each domain that a request has named. */
export function putEdition(edition: Edition): RowChange {
  return {
    kind: 'put',
    space: EDITIONS,
    key: edition.name,
    value: editions.encode(edition),
    expected: 'any',
  }
}

/** An edition with its branch points, as far as they are known; `undefined` for the main timeline. */
export async function editionNamed(ledger: Ledger, name: string): Promise<Edition | undefined> {
  if (name === '') return undefined
  const row = await ledger.row(EDITIONS, name)
  return row === undefined ? create(EditionSchema, { name }) : editions.decode(row.value)
}

/** The key of a stream's branch row. */
export function branchKey({ domain, edition, root }: StreamKey): string {
  return `${edition}/${domain}/${root}`
}
