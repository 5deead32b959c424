/**
 * Remembers answers in memory, so many and so long. Those of the oldest requests are forgotten first;
 * requests that are being answered are not. It sets no timers: what is too old goes when something new comes.
 */
import type { Clock, Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { RecordChange, ReplyStore, RequestRecord } from './reply-store.ts'

/** How much a store in memory remembers. */
export type MemoryReplyStoreOptions = {
  readonly clock: Clock
  /** Requests remembered at most. Default: 100,000. */
  readonly repliesKeptMax?: number | undefined
  /** How long they are remembered, in milliseconds. Default: a day. */
  readonly repliesKeptMs?: number | undefined
}

/** A record, and when it was put; in the order in which the requests were first seen. */
type Kept = { record: RequestRecord; at: Nanoseconds; atMs: number }

/** Makes an empty store. @throws CodedError `CONFIGURATION_INVALID` */
export function memoryReplyStore(options: MemoryReplyStoreOptions): ReplyStore {
  const { clock } = options
  const keptMax = options.repliesKeptMax ?? limits.repliesKeptMax
  const keptMs = options.repliesKeptMs ?? limits.repliesKeptMs
  if (!(keptMax >= 1 && keptMs >= 0)) {
    const details = { repliesKeptMax: keptMax, repliesKeptMs: keptMs }
    throw codedError('CONFIGURATION_INVALID', { details })
  }
  const records = new Map<string, Kept>()
  let since = clock.wall()

  const forget = (requestId: string, { at }: Kept): void => {
    records.delete(requestId)
    // What was put at that very time may be gone too, so it counts as forgotten.
    if (at > since) since = at
  }
  const prune = (nowMs: number): void => {
    for (const [requestId, kept] of records) {
      const isTooOld = nowMs - kept.atMs > keptMs
      if (!isTooOld && records.size <= keptMax) return
      if (kept.record.kind !== 'begun') forget(requestId, kept)
    }
  }
  const kindOf = (requestId: string): RecordChange['expected'] =>
    records.get(requestId)?.record.kind ?? 'absent'

  return {
    find: (requestId) => records.get(requestId)?.record,
    put: (changes) => {
      if (changes.some(({ requestId, expected }) => kindOf(requestId) !== expected)) return false
      const at = clock.wall()
      const atMs = clock.monotonicMs()
      for (const { requestId, record } of changes) {
        const kept = records.get(requestId)
        if (kept === undefined) records.set(requestId, { record, at, atMs })
        else Object.assign(kept, { record, at, atMs })
      }
      prune(atMs)
      return true
    },
    rememberedSince: () => since,
  }
}
