/** The parts that a stream is read from, in order: one, or two for a stream that branches off. */
import type { Sequence } from '../identity.ts'
import type { Ledger, StoredSnapshot, StreamKey, StreamRange } from '../ledger/ledger.ts'
import type { Nanoseconds } from '../clock.ts'
import { type Branch, mainOf } from './branches.ts'

/** A part of a timeline: the events of one stream up to, and not including, a sequence. */
export type TimelinePart = { readonly key: StreamKey; readonly end: Sequence }

/** A point in a history: after an event, or after all that was recorded by a time. */
export type HistoryPoint = {
  /** The last event; none for -1. */
  readonly last?: Sequence | undefined
  readonly upTo?: Nanoseconds | undefined
}

/** The parts, oldest first. */
export function timelineParts(key: StreamKey, branch: Branch | undefined): readonly TimelinePart[] {
  const own = { key, end: Infinity }
  return branch === undefined ? [own] : [{ key: mainOf(key), end: branch.at }, own]
}

/** What to read of a part, given a range of the whole; `undefined` when nothing of it lies there. */
export function rangeIn({ end }: TimelinePart, range: StreamRange): StreamRange | undefined {
  const to = end === Infinity ? range.to : Math.min(end - 1, range.to ?? Infinity)
  if (to !== undefined && to < range.from) return undefined
  return { ...range, to }
}

/**
 * The newest snapshot that holds nothing behind a point; `undefined` when every one may, or when it
 * is not known when it was made.
 */
export async function snapshotAt(
  ledger: Ledger,
  parts: readonly TimelinePart[],
  point: HistoryPoint,
): Promise<StoredSnapshot | undefined> {
  for (const { key, end } of parts.toReversed()) {
    let last = Math.min(end - 1, point.last ?? Infinity)
    while (last >= 0) {
      const snapshot = await ledger.snapshot(key, last === Infinity ? undefined : last)
      if (snapshot === undefined) break
      if (await liesBefore(ledger, snapshot, point.upTo)) return snapshot
      last = snapshot.sequence - 1
    }
  }
  return undefined
}

async function liesBefore(
  ledger: Ledger,
  { key, sequence, createdAt }: StoredSnapshot,
  upTo: Nanoseconds | undefined,
): Promise<boolean> {
  if (upTo === undefined) return true
  if (createdAt <= 0n || createdAt > upTo) return false
  // Its events count by when they were recorded, which is a little later.
  for await (const chunk of ledger.stream(key, { from: sequence, to: sequence, upTo })) {
    if (chunk.length > 0) return true
  }
  return false
}
