/** Snapshots of executions with long journals. */
import { limits } from '../../limits.ts'
import type { StoredSnapshot, StreamKey } from '../../ledger/ledger.ts'
import { encodeState } from '../journal/state-codec.ts'
import type { ExecutionDraft } from './live-execution.ts'
import type { Bounds } from './executions.ts'

/**
 * The snapshot that goes with a write, once in a while; `undefined` mostly. Undone executions get
 * none: see `load-execution.ts`.
 */
export function snapshotsFor(
  { at, events, state }: ExecutionDraft,
  key: StreamKey,
  bounds: Bounds,
): readonly StoredSnapshot[] | undefined {
  const every = bounds.executionSnapshotEvery
  const next = at + events.length
  if (Math.floor(at / every) === Math.floor(next / every) || state.unwinding) return undefined
  const bytes = encodeState(state)
  if (bytes.length > limits.payloadBytesMax) return undefined
  return [
    { key, sequence: next - 1, state: bytes, retention: 'default', createdAt: state.changedAt },
  ]
}
