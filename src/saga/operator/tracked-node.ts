/** One node of an execution, as its journal tells it to somebody who does not have the definition. */
import type { Nanoseconds } from '../../clock.ts'
import type { Backward, Failure } from '../../machine/journal.ts'
import type { NodeStatus } from '../../machine/state.ts'

/** An undo of a node; undefined: it has not been reached. */
export type TrackedUndo = {
  status: 'ready' | 'begun' | 'pausing' | 'done' | 'stuck' | 'waived' | 'not-needed' | undefined
  /** Whether an attempt of it has begun, or failed before it could. */
  wasTried: boolean
  name: string
  failure: Failure | undefined
  since: Nanoseconds
}

/** What is known of a node. Written into while the journal is read. */
export type TrackedNode = {
  readonly path: string
  status: NodeStatus
  attempts: number
  mayHaveHappened: boolean
  failure: Failure | undefined
  /** What it was sent, when it is a request. */
  target: string | undefined
  /** Whether it runs another execution, and how that one stands. */
  child: { backward: Backward } | undefined
  /** Whether it is a group whose branches could not be joined. */
  isGroup: boolean
  /** When it came to stand as it does. */
  since: Nanoseconds
  /** Whether it waits for an operator on the way forward. */
  waits: boolean
  /** Its own undo, and those that were added while it ran, in order. */
  own: TrackedUndo
  readonly added: TrackedUndo[]
  /** Which undo is going on: an index of `added`, -1: its own. */
  undoing: number | undefined
}

/** A node that has just been heard of. */
export function newNode(path: string, at: Nanoseconds): TrackedNode {
  return {
    path,
    status: 'ready',
    attempts: 0,
    mayHaveHappened: false,
    failure: undefined,
    target: undefined,
    child: undefined,
    isGroup: false,
    since: at,
    waits: false,
    own: newUndo('', at),
    added: [],
    undoing: undefined,
  }
}

/** An undo that has not been reached. */
export function newUndo(name: string, at: Nanoseconds): TrackedUndo {
  return { status: undefined, wasTried: false, name, failure: undefined, since: at }
}

/** One of the undos of a node: -1 is its own. */
export function undoAt(node: TrackedNode, which: number): TrackedUndo {
  return which < 0 ? node.own : (node.added[which] ?? node.own)
}

/** The undo that is next: what was added last comes first, its own one at the end. */
export function nextUndoOf(node: TrackedNode): number {
  for (let which = node.added.length - 1; which >= 0; which--) {
    const status = node.added[which]?.status
    if (status === undefined || status === 'ready') return which
  }
  return -1
}
