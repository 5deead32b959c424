/** Which pages are pending, and which cascades are resolved, as rows of the ledger. */
import { create } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../clock.ts'
import type { Sequence } from '../identity.ts'
import type { Condition, Ledger, Row, RowChange, StreamKey } from '../ledger/ledger.ts'
import { PendingCascadeSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { timestampFromNanoseconds } from '../wire/timestamp.ts'
import type { CascadeState } from './cascades.ts'
import { coverOf, streamOf } from './cover-of.ts'
import { PENDING_PAGES, RESOLVED_CASCADES } from './spaces.ts'

const codec = messageCodec(PendingCascadeSchema)

/** Pending pages of one commit. */
export type PendingPages = {
  readonly cascadeId: string
  readonly key: StreamKey
  readonly correlationId: string
  readonly sequences: readonly Sequence[]
}

/** The row of the pending pages of one commit; due when they are pending for too long. */
export function putPendingPages(
  pages: PendingPages & { readonly since: Nanoseconds; readonly dueAt: Nanoseconds },
): RowChange {
  const { cascadeId, key, correlationId, sequences, since, dueAt } = pages
  const value = codec.encode(
    create(PendingCascadeSchema, {
      cascadeId,
      pages: [{ cover: coverOf(key, correlationId), sequences: [...sequences] }],
      since: timestampFromNanoseconds(since),
    }),
  )
  return {
    kind: 'put',
    space: PENDING_PAGES,
    key: `${cascadeId}/${key.domain}/${key.edition}/${key.root}/${sequences[0] ?? 0}`,
    value,
    expected: 'absent',
    group: cascadeId,
    dueAt,
  }
}

/** The pages of a row. */
export function pendingPagesOf(row: Row): readonly PendingPages[] {
  const { cascadeId, pages } = codec.decode(row.value)
  return pages.map(({ cover, sequences }) => ({
    cascadeId,
    key: streamOf(cover),
    correlationId: cover?.correlationId ?? '',
    sequences,
  }))
}

/** Holds while a cascade takes pages: it is neither reserved nor resolved. */
export function unresolved(cascadeId: string): Condition {
  return { kind: 'row', space: RESOLVED_CASCADES, key: cascadeId, version: 'absent' }
}

/** The row of pending pages put anew: due then, or never while they are pinned. */
export function putDueAgain(row: Row, dueAt: Nanoseconds | undefined): RowChange {
  const { space, key, value, version } = row
  const [group] = pendingPagesOf(row)
  return { kind: 'put', space, key, value, expected: version, group: group?.cascadeId, dueAt }
}

/** How a cascade ended. */
export type CascadeEnd = Exclude<CascadeStanding, 'reserved'>

/** What is said of a cascade that takes no more pages: its pages are pinned, or it has ended. */
export type CascadeStanding = Exclude<CascadeState, 'open'>

/** The row that says how a cascade stands; `before` is that row as it was. */
export function putStanding(
  cascadeId: string,
  standing: CascadeStanding,
  before: Row | undefined,
): RowChange {
  return {
    kind: 'put',
    space: RESOLVED_CASCADES,
    key: cascadeId,
    value: new TextEncoder().encode(standing),
    expected: before?.version ?? 'absent',
  }
}

/** True for a cascade that was committed. */
export async function isCommitted(ledger: Ledger, cascadeId: string): Promise<boolean> {
  const row = await ledger.row(RESOLVED_CASCADES, cascadeId)
  return row !== undefined && resolvedAs(row) === 'committed'
}

/** What it says. */
export function resolvedAs(row: Row): CascadeStanding {
  const text = new TextDecoder().decode(row.value)
  return text === 'reserved' || text === 'committed' ? text : 'rolled-back'
}
