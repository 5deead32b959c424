/** The state of an execution: the fold of its journal. */
import type { Nanoseconds } from '../clock.ts'
import type { Path } from './definition.ts'
import type { Backward, Failure, Forward, Found, ParentLink, Request } from './journal.ts'

/** Where an execution stands. A decision makes a new one; nobody writes into it. */
export type ExecutionState = {
  readonly id: string
  readonly definition: string
  readonly fingerprint: string
  readonly correlationId: string
  readonly parent: ParentLink | undefined
  readonly startedAt: Nanoseconds
  /** When the last entry was made. */
  readonly changedAt: Nanoseconds
  readonly entries: number
  readonly input: unknown
  readonly forward: Forward
  readonly backward: Backward
  readonly failure: Failure | undefined
  /** The current value of each line of work: '' is the main one, a branch of a group its path. */
  readonly values: ReadonlyMap<Path, unknown>
  readonly nodes: ReadonlyMap<Path, NodeState>
  /** Signals that nobody has waited for yet, in the order of their arrival. */
  readonly signals: readonly BufferedSignal[]
  /** Nodes at which something is going on, forward or backward. */
  readonly open: readonly Path[]
  /** Nodes at which something waits for an operator. */
  readonly stuck: readonly Path[]
  /** Whether it goes back: what runs settles, nothing more begins forward. */
  readonly unwinding: boolean
  /** Whether all that ran has settled, so that undos run. */
  readonly undoing: boolean
  /** Whether there was anything to undo. */
  readonly undoes: boolean
  /** Whether an operator let something go. */
  readonly waived: boolean
}

/** A signal that came before anybody waited for it. */
export type BufferedSignal = { readonly signal: string; readonly data: unknown }

/** How one node stands. Nodes that have not been reached have no state. */
export type NodeState = {
  readonly status: NodeStatus
  /** Attempts begun so far. */
  readonly attempt: number
  /** Attempts that count for the retry policy: since it was reached, or retried by an operator. */
  readonly tries: number
  /** An attempt so far had an unknown outcome. */
  readonly mayHaveHappened: boolean
  /** The time of the step was up while its operation ran. */
  readonly timedOut: boolean
  /** When it was reached, or its latest attempt began. */
  readonly begunAt: Nanoseconds
  /** When the first attempt began. */
  readonly firstBegunAt: Nanoseconds
  readonly input?: unknown
  /** What it left; of a step. */
  readonly output?: unknown
  readonly request?: Request | undefined
  readonly branch?: number | undefined
  readonly failure?: Failure | undefined
  readonly found?: Found['kind'] | undefined
  readonly retryAt?: Nanoseconds | undefined
  readonly services?: readonly string[] | undefined
  /** The signal that a `signal` step got. */
  readonly received?: BufferedSignal | undefined
  /** How the execution of an `execution` step ended. */
  readonly child?: { readonly forward: Forward; readonly backward: Backward } | undefined
  /** Branches of a group that have not come to their end, in the present direction. */
  readonly remaining?: number | undefined
  /** Since when it waits for an operator. */
  readonly stuckAt?: Nanoseconds | undefined
  /** Whether the way back has gone past it; what waits for an operator may be left behind. */
  readonly passed: boolean
  /** Attempts of all its undos together. */
  readonly undoAttempt: number
  /** Which undo is going on: an index of `added`, -1 for its own. */
  readonly undoing?: number | undefined
  readonly undo: UndoState | undefined
  /** Undos registered while it ran, in order; they run before its own, the last first. */
  readonly added: readonly AddedUndo[]
}

/**
 * `ready`: reached, nothing has begun; or a pause is over. `joining`: all branches have ended.
 * `happened`: the operation did happen, but what handled its result threw. `unknown`: it may have.
 * `exhausted`: a step behind the pivot that cannot go on without an operator.
 */
export type NodeStatus =
  | 'ready'
  | 'begun'
  | 'pausing'
  | 'probing'
  | 'chosen'
  | 'joining'
  | 'joined'
  | 'succeeded'
  | 'refused'
  | 'failed'
  | 'happened'
  | 'unknown'
  | 'exhausted'
  | 'skipped'

/** How the undo of a node stands. */
export type UndoState = {
  readonly status: UndoStatus
  /** The number of its latest attempt; counted together with the other undos of the node. */
  readonly attempt: number
  /** Attempts that count for the retry policy. */
  readonly tries: number
  /** The value it was given when its latest attempt began. */
  readonly given?: unknown
  /** When its latest attempt began. */
  readonly begunAt?: Nanoseconds | undefined
  /** Whether it does without an output, as it was when it first began. */
  readonly by?: 'own' | 'unknown' | undefined
  readonly request?: Request | undefined
  readonly retryAt?: Nanoseconds | undefined
  readonly failure?: Failure | undefined
  /** What an operator put in place of the value, and of the undo. */
  readonly edited?: { readonly data: unknown } | undefined
  readonly replacedBy?: { readonly name: string; readonly data: unknown } | undefined
}

/** See {@link UndoState}. */
export type UndoStatus = 'ready' | 'begun' | 'pausing' | 'done' | 'stuck' | 'waived' | 'not-needed'

/** The name under which a step's own undo is added, see {@link AddedUndo}. */
export const OWN_UNDO = ''

/**
 * An undo registered while its operation ran. The name `''` stands for the step's own undo: it is
 * added when an operation that was given up turns out to have happened after it was undone.
 */
export type AddedUndo = {
  readonly name: string
  readonly data: unknown
  readonly undo?: UndoState | undefined
}
