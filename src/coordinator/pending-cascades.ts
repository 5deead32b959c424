/**
 * Ending cascades: all pending pages of a cascade are confirmed, or revoked, in one write over every
 * stream they lie in.
 *
 * 1. The write holds only if none of the pages was resolved meanwhile, so a cascade ends one way.
 * 2. What has ended takes no more pages.
 */
import { create } from '@bufbuild/protobuf'
import { type Clock, type Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
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
import type { Cascades } from './cascades.ts'
import type { Journal } from './journal.ts'
import {
  type CascadeEnd,
  pendingPagesOf,
  type PendingPages,
  putResolved,
  resolvedAs,
  unresolved,
} from './pending-rows.ts'
import { PENDING_PAGES, RESOLVED_CASCADES } from './spaces.ts'

const confirmations = messageCodec(ConfirmationSchema)
const revocations = messageCodec(RevocationSchema)

/** What ending a cascade needs. */
export type CascadeOptions = {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly clock: Clock
}

type Ending = { readonly end: CascadeEnd; readonly reason: string }

/** The cascades of a ledger. */
export function pendingCascades(options: CascadeOptions): Cascades {
  const rollback = (cascadeId: string, reason: string): Promise<number> =>
    endCascade(options, cascadeId, { end: 'rolled-back', reason })
  return {
    commit: (cascadeId) => endCascade(options, cascadeId, { end: 'committed', reason: '' }),
    rollback,
    reap: async () => {
      const { ledger, clock } = options
      const query = { dueBy: clock.wall(), limit: limits.queryResultsMax }
      const due = await ledger.rows(PENDING_PAGES, query)
      const ids = new Set(due.flatMap(pendingPagesOf).map(({ cascadeId }) => cascadeId))
      // Somebody else may have ended one of them since.
      for (const id of ids) await rollback(id, 'timeout').catch(ignoreResolved)
      return ids.size
    },
  }
}

async function endCascade(
  options: CascadeOptions,
  cascadeId: string,
  ending: Ending,
): Promise<number> {
  if (cascadeId === '') {
    throw codedError('REQUEST_INCOMPLETE', { details: { field: 'cascade_id' } })
  }
  const { ledger, journal, clock } = options
  for (let attempt = 1; ; attempt++) {
    const known = await ledger.row(RESOLVED_CASCADES, cascadeId)
    if (known !== undefined) {
      if (resolvedAs(known) === ending.end) return 0
      throw codedError('CASCADE_RESOLVED', { details: { cascade_id: cascadeId } })
    }
    const rows: Row[] = []
    for await (const row of allRows(ledger, PENDING_PAGES, `${cascadeId}/`)) rows.push(row)
    const streams = byStream(rows.flatMap(pendingPagesOf))
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
      conditions: [unresolved(cascadeId), ...still],
      appends,
      rows: [
        putResolved(cascadeId, ending.end),
        ...rows.map(({ space, key }) => ({ kind: 'remove', space, key, expected: 'any' }) as const),
      ],
    })
    if (outcome.kind === 'committed') return streams.length
    // A stream has moved on, or one more page came.
    if (attempt >= limits.decisionAttemptsMax * 10) throw codedError('SEQUENCE_CONFLICT')
  }
}

/** The pages of each stream, together. */
function byStream(all: readonly PendingPages[]): readonly PendingPages[] {
  const found = new Map<string, PendingPages>()
  for (const pages of all) {
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

function ignoreResolved(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'CASCADE_RESOLVED') return
  throw error
}
