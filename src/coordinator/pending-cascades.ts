/**
 * Ending cascades: all pending pages of a cascade are confirmed, or revoked, in one write over every
 * stream they lie in. Before that they may be pinned.
 *
 * 1. The write holds only if none of the pages was resolved meanwhile, so a cascade ends one way.
 * 2. What is pinned, or has ended, takes no more pages.
 * 3. What is pinned is never due: it waits for whoever has pinned it.
 */
import { create } from '@bufbuild/protobuf'
import { type Clock, type Nanoseconds, NANOSECONDS_PER_MS } from '../clock.ts'
import { codedError, codeOf } from '../errors.ts'
import type { Append, Condition, Ledger, Row } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import {
  ConfirmationSchema,
  RevocationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { encodeEventPage } from '../wire/page-codec.ts'
import { allRows } from './all-rows.ts'
import { coverOf } from './cover-of.ts'
import type { CascadeOwner, Cascades } from './cascades.ts'
import type { Journal } from './journal.ts'
import {
  type CascadeEnd,
  pendingPagesOf,
  type PendingPages,
  putDueAgain,
  putStanding,
  resolvedAs,
} from './pending-rows.ts'
import { checkCascadeId } from './plan-names.ts'
import { PENDING_PAGES, RESOLVED_CASCADES } from './spaces.ts'

const confirmations = messageCodec(ConfirmationSchema)
const revocations = messageCodec(RevocationSchema)

/** What ending a cascade needs. */
export type CascadeOptions = {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly clock: Clock
  /** Milliseconds after which pages that nobody owns are rolled back. */
  readonly pendingTimeoutMs: number
}

type Ending = {
  readonly end: CascadeEnd
  readonly reason: string
  /** Whether it leaves alone what is pinned. */
  readonly sparesPinned?: true
}

/** The cascades of a ledger. */
export function pendingCascades(options: CascadeOptions): Cascades {
  const owners = new Set<CascadeOwner>()
  return {
    state: async (cascadeId) => {
      const known = await knownCascade(options.ledger, cascadeId)
      return known === undefined ? 'open' : resolvedAs(known)
    },
    reserve: (cascadeId) => reserve(options, cascadeId),
    commit: (cascadeId) => endCascade(options, cascadeId, { end: 'committed', reason: '' }),
    rollback: (cascadeId, reason) => endCascade(options, cascadeId, { end: 'rolled-back', reason }),
    reap: () => reap(options, owners),
    ownedBy: (owner) => {
      owners.add(owner)
      return { [Symbol.dispose]: () => void owners.delete(owner) }
    },
  }
}

async function reserve(options: CascadeOptions, cascadeId: string): Promise<number> {
  const { ledger, journal } = options
  for (let attempt = 1; ; attempt++) {
    const known = await knownCascade(ledger, cascadeId)
    if (known !== undefined) {
      if (resolvedAs(known) === 'rolled-back') throw resolved(cascadeId)
      return byStream(await rowsOf(ledger, cascadeId)).length
    }
    const rows = await rowsOf(ledger, cascadeId)
    const pinned = rows.map((row) => putDueAgain(row, undefined))
    const outcome = await journal.commit({
      rows: [putStanding(cascadeId, 'reserved', known), ...pinned],
    })
    if (outcome.kind === 'committed') return byStream(rows).length
    checkAttempts(attempt)
  }
}

async function endCascade(
  options: CascadeOptions,
  cascadeId: string,
  ending: Ending,
): Promise<number> {
  const { ledger, journal, clock } = options
  for (let attempt = 1; ; attempt++) {
    const known = await knownCascade(ledger, cascadeId)
    const standing = known === undefined ? undefined : resolvedAs(known)
    if (standing === ending.end) return 0
    const isPinned = standing === 'reserved'
    if (standing !== undefined && (!isPinned || ending.sparesPinned)) throw resolved(cascadeId)
    const rows = await rowsOf(ledger, cascadeId)
    const streams = byStream(rows)
    const now = clock.wall()
    const appends = await Promise.all(
      streams.map((pages) => resolution(ledger, pages, { ...ending, now })),
    )
    const still: Condition[] = rows.map(({ space, key, version }) => ({
      kind: 'row',
      space,
      key,
      version,
    }))
    const outcome = await journal.commit({
      conditions: still,
      appends,
      rows: [
        putStanding(cascadeId, ending.end, known),
        ...rows.map(({ space, key }) => ({ kind: 'remove', space, key, expected: 'any' }) as const),
      ],
    })
    if (outcome.kind === 'committed') return streams.length
    checkAttempts(attempt)
  }
}

async function reap(options: CascadeOptions, owners: ReadonlySet<CascadeOwner>): Promise<number> {
  const { ledger, clock } = options
  const query = { dueBy: clock.wall(), limit: limits.queryResultsMax }
  const due = await ledger.rows(PENDING_PAGES, query)
  const ids = new Set(due.flatMap(pendingPagesOf).map(({ cascadeId }) => cascadeId))
  let reaped = 0
  for (const id of ids) {
    if (await isOwned(id, owners)) {
      await postpone(
        options,
        due.filter((row) => pendingPagesOf(row).some(({ cascadeId }) => cascadeId === id)),
      )
    } else if (await rollBackUnlessEnded(options, id)) reaped++
  }
  return reaped
}

/** Whether anybody owns it; who cannot say may. */
async function isOwned(id: string, owners: ReadonlySet<CascadeOwner>): Promise<boolean> {
  for (const owner of owners) if (await owner(id).catch(() => true)) return true
  return false
}

/** What is owned is looked at again later. What has changed meanwhile is left as it is. */
async function postpone(
  { journal, clock, pendingTimeoutMs }: CascadeOptions,
  rows: readonly Row[],
): Promise<void> {
  const dueAt = clock.wall() + BigInt(pendingTimeoutMs) * NANOSECONDS_PER_MS
  await journal.commit({ rows: rows.map((row) => putDueAgain(row, dueAt)) })
}

/** False when somebody has pinned or ended it since. */
async function rollBackUnlessEnded(options: CascadeOptions, id: string): Promise<boolean> {
  try {
    await endCascade(options, id, { end: 'rolled-back', reason: 'timeout', sparesPinned: true })
    return true
  } catch (error) {
    if (codeOf(error) === 'CASCADE_RESOLVED') return false
    throw error
  }
}

async function knownCascade(ledger: Ledger, cascadeId: string): Promise<Row | undefined> {
  if (cascadeId === '') {
    throw codedError('REQUEST_INCOMPLETE', { details: { field: 'cascade_id' } })
  }
  checkCascadeId(cascadeId)
  return await ledger.row(RESOLVED_CASCADES, cascadeId)
}

async function rowsOf(ledger: Ledger, cascadeId: string): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const row of allRows(ledger, PENDING_PAGES, `${cascadeId}/`)) {
    // The id of another cascade may begin with this one's.
    if (pendingPagesOf(row)[0]?.cascadeId === cascadeId) rows.push(row)
  }
  return rows
}

/** A stream has moved on, or one more page came, or somebody else was first. */
function checkAttempts(attempt: number): void {
  if (attempt >= limits.decisionAttemptsMax * 10) throw codedError('SEQUENCE_CONFLICT')
}

function resolved(cascadeId: string): Error {
  return codedError('CASCADE_RESOLVED', { details: { cascade_id: cascadeId } })
}

/** The pages of each stream, together. */
function byStream(rows: readonly Row[]): readonly PendingPages[] {
  const found = new Map<string, PendingPages>()
  for (const pages of rows.flatMap(pendingPagesOf)) {
    const { domain, edition, root } = pages.key
    const text = `${domain}/${edition}/${root}`
    const before = found.get(text)
    const sequences = [...(before?.sequences ?? []), ...pages.sequences].sort((a, b) => a - b)
    found.set(text, { ...pages, sequences })
  }
  return [...found.values()]
}

async function resolution(
  ledger: Ledger,
  { key, correlationId, sequences, cascadeId }: PendingPages,
  { end, reason, now }: Ending & { readonly now: Nanoseconds },
): Promise<Append> {
  const at = await ledger.head(key)
  const target = coverOf(key, correlationId)
  const parts = { target, sequences: [...sequences], cascadeId }
  const schema = end === 'committed' ? ConfirmationSchema : RevocationSchema
  const value =
    end === 'committed'
      ? confirmations.encode(create(ConfirmationSchema, parts))
      : revocations.encode(create(RevocationSchema, { ...parts, reason }))
  const type = schema.typeName
  const typeUrl = TYPE_URL_PREFIX + type
  const page = encodeEventPage({ sequence: at, createdAt: now, typeUrl, value })
  return { key, at, events: [{ type, page }], correlationId }
}
