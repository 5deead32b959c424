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
  readonly signals: readonly { readonly signal: string; readonly data: unknown }[]
}

/** How one node stands. Nodes that have not been reached have no state. */
export type NodeState = {
  readonly status: NodeStatus
  /** Attempts begun so far. */
  readonly attempt: number
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
  readonly undo: UndoState | undefined
  /** Undos registered while it ran, in order; they run before its own, the last first. */
  readonly added: readonly AddedUndo[]
}

/**
 * `happened`: the operation did happen, but what handled its result threw. `unknown`: it may have.
 * `exhausted`: a step behind the pivot that cannot go on without an operator.
 */
export type NodeStatus =
  | 'prepared'
  | 'begun'
  | 'pausing'
  | 'probing'
  | 'chosen'
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
  readonly status: 'begun' | 'pausing' | 'done' | 'stuck' | 'waived' | 'not-needed'
  readonly attempt: number
  readonly request?: Request | undefined
  readonly retryAt?: Nanoseconds | undefined
  readonly failure?: Failure | undefined
  /** What an operator put in place of the value, and of the undo. */
  readonly edited?: { readonly data: unknown } | undefined
  readonly replacedBy?: { readonly name: string; readonly data: unknown } | undefined
}

/** An undo registered while its operation ran. */
export type AddedUndo = { readonly name: string; readonly data: unknown; readonly undo?: UndoState }
