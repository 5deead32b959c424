/**
 * Requests that wait for what their command brings about: SIMPLE for the projectors that follow its
 * events, CASCADE for everything. They run nothing; they are told.
 */
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { CascadeErrorMode, SyncMode } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Cascade, type CascadeOutcome, type CascadePart } from './cascade.ts'
import type { OpenPart, StopRequest } from './cascade-parts.ts'
import { reactionError } from './failed-reaction.ts'
import type { Bounds } from './scheduled-component.ts'

/** What waiting needs. */
export type SyncOptions = {
  readonly clock: Clock
  readonly bounds: Bounds
  readonly stop: StopRequest
}

/** A request that waits. */
export type SyncRequest = {
  /** Goes with the command. */
  readonly place: CascadePart
  /**
   * The command is stored: waits for the rest, `limits.syncWaitMs` at most.
   *
   * @throws CodedError `SYNC_WAIT_EXCEEDED`, `KEY_PARKED`, `CASCADE_TOO_DEEP`; the failure of a
   * reaction
   */
  stored(): Promise<CascadeOutcome>
}

/** A request of a mode; `undefined` for the modes that wait for nothing but the command. */
export function syncRequest(
  options: SyncOptions,
  asked: {
    readonly mode: SyncMode
    readonly errorMode: CascadeErrorMode
    /** The cascade whose pages are pending until it ends; its reactions run at once. */
    readonly cascadeId?: string | undefined
  },
): SyncRequest | undefined {
  const { mode, errorMode, cascadeId } = asked
  if (mode !== SyncMode.SIMPLE && mode !== SyncMode.CASCADE) return undefined
  const simple = mode === SyncMode.SIMPLE
  const cascade = new Cascade({
    scope: simple ? 'projectors' : 'everything',
    errorMode: simple ? CascadeErrorMode.CASCADE_ERROR_FAIL_FAST : errorMode,
    cascadeId,
    stop: options.stop,
  })
  const command: OpenPart = {}
  cascade.begin(command)
  return {
    place: { cascade, depth: 0 },
    stored: async () => {
      const { syncWaitMs } = options.bounds
      const timer = options.clock.after(syncWaitMs, () => {
        const details = { timeout_ms: syncWaitMs, stored: 'true' }
        const hint = 'The rest goes on by itself. Raise limits.syncWaitMs to wait longer.'
        cascade.abandon(codedError('SYNC_WAIT_EXCEEDED', { details, hint }))
      })
      cascade.end(command)
      try {
        return await cascade.settled
      } finally {
        timer.cancel()
      }
    },
  }
}

/** The response of a command, with what was waited for. */
export function withOutcome(response: CommandResponse, outcome: CascadeOutcome): CommandResponse {
  response.projections = [...outcome.projections]
  response.reactionErrors = outcome.failures.map(reactionError)
  return response
}
