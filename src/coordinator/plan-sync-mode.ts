/** How long a command is waited for, when its own mode and that of its caller differ. Pure. */
import { SyncMode } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** From what waits for least to what waits for most. */
const ORDER: readonly SyncMode[] = [
  SyncMode.ASYNC,
  SyncMode.DECISION,
  SyncMode.SIMPLE,
  SyncMode.CASCADE,
]

/**
 * The mode of a command: the caller's is a floor, so the stronger of both counts; a command that
 * wants to stay ISOLATED does. An unknown number counts as ASYNC.
 */
export function effectiveMode(caller: SyncMode, own: SyncMode | undefined): SyncMode {
  if (own === SyncMode.ISOLATED) return SyncMode.ISOLATED
  if (caller === SyncMode.ISOLATED) return SyncMode.ISOLATED
  const strength = Math.max(ORDER.indexOf(caller), ORDER.indexOf(own ?? SyncMode.ASYNC), 0)
  return ORDER[strength] ?? SyncMode.ASYNC
}
