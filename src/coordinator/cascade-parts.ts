/** What a waiting request keeps in mind of each thing that it waits for. */
import type { Sequence } from '../identity.ts'
import type { Condition, StreamKey } from '../ledger/ledger.ts'
import type { CommandBook, Cover } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Settlement } from './settlement.ts'
import type { TriggerOrigin } from './trigger.ts'

/** Something that is waited for: an event that a component has to deal with, or a message. */
export type OpenPart = {
  /** What marks it as skipped for good; `undefined` when it is never skipped. */
  readonly skip?: (() => Settlement) | undefined
  /** The command it carried, when that was carried out although nobody could tell. */
  readonly happened?: (() => Promise<RunningCommand | undefined>) | undefined
}

/** Where undos can be queued: a key of a component that is not parked. */
export type ReactionPlace = {
  readonly component: string
  readonly componentKind: 'saga' | 'process_manager'
  readonly lane: string
  readonly origin: TriggerOrigin
  readonly term: () => readonly Condition[]
}

/** A reaction that failed, as the caller is told of it. */
export type ReactionFailure = {
  readonly component: string
  /** Whom its command was for; `undefined` when the reaction itself failed. */
  readonly target: Cover | undefined
  /** Full name of the command's type; '' when the reaction itself failed. */
  readonly commandType: string
  readonly error: Error
  /** Where it stood; `undefined` when nothing can be queued there. */
  readonly place: ReactionPlace | undefined
}

/** A command of a reaction that was carried out. */
export type RunningCommand = {
  readonly place: ReactionPlace
  readonly key: StreamKey
  readonly command: CommandBook
  readonly commandType: string
  /** Of the events it stored. */
  readonly sequences: readonly Sequence[]
}

/**
 * Writes down the undos of a request, and that its open parts are skipped, in one commit. False when
 * nothing was written down.
 */
export type StopRequest = (request: {
  readonly failure: ReactionFailure
  readonly open: readonly OpenPart[]
  readonly executed: readonly RunningCommand[]
  /** Its cascade, whose pages are all pending: they are revoked instead of undone. */
  readonly cascadeId: string | undefined
}) => Promise<boolean>
