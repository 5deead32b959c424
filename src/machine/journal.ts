/**
 * The journal of an execution: what happened, entry by entry. An execution's state is the fold of
 * its entries and of nothing else.
 *
 * 1. An entry says one thing that happened, and what began because of it. What begins is journalled
 *    before it is performed: an intent without an outcome tells that it may have happened.
 * 2. An entry holds only what changed of the value.
 * 3. Values are the author's: in memory any value at all, in a ledger whatever its codec takes.
 */
import type { Nanoseconds } from '../clock.ts'
import type { Path } from './definition.ts'

/** One entry: what happened at a time, and what followed from it at once. */
export type Entry = Happened & {
  readonly at: Nanoseconds
  /** Intents: each of these is about to be performed. */
  readonly begins: readonly Begin[]
  /** How the execution stands from now on, when that changed. */
  readonly turns?: Turn | undefined
}

/** Something that is about to be performed. */
export type Begin = {
  readonly path: Path
  readonly direction: Direction
  /** Counts from 1 within the direction. */
  readonly attempt: number
  /** What is sent: of a request step, and of the undo of one. */
  readonly request?: Request | undefined
}

/** Forward is the step, backward its undo. */
export type Direction = 'forward' | 'backward'

/** A request to a service. */
export type Request = { readonly target: string; readonly content: unknown }

/** A change of the two outcomes. */
export type Turn = {
  readonly forward: Forward
  readonly backward: Backward
  /** Why it is unwound; set when it turns. */
  readonly failure?: Failure | undefined
}

/** How the way forward stands. */
export type Forward = 'running' | 'completed' | 'failed' | 'cancelled'

/** How the way back stands. `waived`: ended, but the operator let something go. */
export type Backward = 'not-needed' | 'running' | 'done' | 'stuck' | 'waived'

/** Why something failed. `code` is ours or the author's. */
export type Failure = {
  readonly path: Path
  readonly outcome: 'refused' | 'failed' | 'unknown'
  readonly code: string
  readonly message: string
  /** The error itself, where it was thrown in this process; not journalled. */
  readonly error?: unknown
}

/** What became of a value. `patch` is of a record: keys that are new or other, keys that are gone. */
export type Change =
  | { readonly kind: 'same' }
  | { readonly kind: 'replace'; readonly value: unknown }
  | {
      readonly kind: 'patch'
      readonly set: Readonly<Record<string, unknown>>
      readonly unset: readonly string[]
    }

/** What one entry says. */
export type Happened =
  | {
      readonly kind: 'started'
      readonly id: string
      readonly definition: string
      readonly fingerprint: string
      readonly input: unknown
      readonly parent?: ParentLink | undefined
      readonly correlationId: string
    }
  /** A request was built, or the undo of a request; `undefined`: there is nothing to send. */
  | { readonly kind: 'prepared'; readonly path: Path; readonly direction: Direction }
  /** A condition held: the index of its branch; the number of branches for the other one; -1: none. */
  | { readonly kind: 'chosen'; readonly path: Path; readonly branch: number }
  | {
      readonly kind: 'succeeded'
      readonly path: Path
      readonly attempt: number
      readonly change: Change
      /** Services that took part, as their reply says. */
      readonly services?: readonly string[] | undefined
    }
  /** An attempt did not succeed. `again`: it is tried once more then. */
  | {
      readonly kind: 'failed'
      readonly path: Path
      readonly attempt: number
      readonly failure: Failure
      /** The operation happened, and what handled its result threw: its own undo runs first. */
      readonly happened: boolean
      readonly again?: Nanoseconds | undefined
      readonly services?: readonly string[] | undefined
    }
  | {
      readonly kind: 'probed'
      readonly path: Path
      readonly attempt: number
      readonly found: Found
      readonly again?: Nanoseconds | undefined
    }
  /** The time of a step with all its attempts was up. A running operation is told to stop. */
  | { readonly kind: 'timed-out'; readonly path: Path; readonly failure: Failure }
  /** The execution of a step ended, or its end changed. */
  | {
      readonly kind: 'child'
      readonly path: Path
      readonly forward: Forward
      readonly backward: Backward
      readonly change: Change
      readonly failure?: Failure | undefined
    }
  /** What the branches of a group left was put together, or could not be. */
  | { readonly kind: 'joined'; readonly path: Path; readonly failure?: Failure | undefined }
  | {
      readonly kind: 'undone'
      readonly path: Path
      readonly attempt: number
      readonly change: Change
    }
  | {
      readonly kind: 'undo-failed'
      readonly path: Path
      readonly attempt: number
      readonly failure: Failure
      readonly again?: Nanoseconds | undefined
    }
  /** An operation registered another undo while it ran. They run before its own, last one first. */
  | {
      readonly kind: 'undo-added'
      readonly path: Path
      readonly name: string
      readonly data: unknown
    }
  | { readonly kind: 'signalled'; readonly signal: string; readonly data: unknown }
  /** A pause is over. */
  | { readonly kind: 'resumed'; readonly path: Path; readonly direction: Direction }
  | { readonly kind: 'deadline-passed' }
  | { readonly kind: 'cancelled'; readonly reason: string }
  /** A completed execution is to be undone after all. */
  | { readonly kind: 'compensation-requested'; readonly reason: string }
  | {
      readonly kind: 'resolved'
      readonly path: Path
      readonly verb: Verb
      readonly by: string
      readonly reason: string
      /** Of `edit`: what the next attempt gets; of `replace`: what the other undo gets. */
      readonly data?: unknown
      /** Of `replace`: the name of the other undo. */
      readonly undo?: string | undefined
      /** Which of the undos that were added; without it the node itself. */
      readonly added?: number | undefined
    }

/** What a probe found out about an attempt of unknown outcome. */
export type Found =
  | { readonly kind: 'happened'; readonly change: Change }
  | { readonly kind: 'did-not-happen' }
  | { readonly kind: 'unknown' }

/** What an operator can do about an item: retry, edit and retry, run another undo, waive. */
export type Verb = 'retry' | 'edit' | 'replace' | 'waive'

/** The execution that runs this one as a step. */
export type ParentLink = { readonly id: string; readonly path: Path }
