/**
 * What a journal tells without the definition it was written under: how each node stands, the
 * context, and what waits for an operator. For tools that look at a ledger from outside.
 *
 * 1. Follows entries and decides nothing. The machine has the last word: what an operator asks for is
 *    decided by the process that has the definition.
 * 2. Of a node that may have happened, a journal does not say whether an undo could do without its
 *    output. Such an item is certain only when the number of items says so.
 */
import type { Nanoseconds } from '../../clock.ts'
import { applyChange } from '../../machine/change.ts'
import type {
  Backward,
  Begin,
  Change,
  Entry,
  Failure,
  Forward,
  ParentLink,
  Verb,
} from '../../machine/journal.ts'
import {
  newNode,
  newUndo,
  nextUndoOf,
  type TrackedNode,
  type TrackedUndo,
  undoAt,
} from './tracked-node.ts'

type EntryOf<K extends Entry['kind']> = Extract<Entry, { readonly kind: K }>

/** See the top of this file. */
export class JournalView {
  id = ''
  definition = ''
  fingerprint = ''
  correlationId = ''
  parent: ParentLink | undefined
  input: unknown
  /** The value of the main line of work, as far as the changes of its steps tell. */
  context: unknown
  forward: Forward = 'running'
  backward: Backward = 'not-needed'
  failure: Failure | undefined
  startedAt: Nanoseconds = 0n
  changedAt: Nanoseconds = 0n
  entries = 0
  /** Whether it goes back. */
  isUnwinding = false
  /** Nodes in the order in which they were heard of. */
  readonly nodes: Map<string, TrackedNode> = new Map()

  /** Follows one more entry. */
  take(entry: Entry): void {
    this.entries++
    this.changedAt = entry.at
    this.#takeKind(entry)
    for (const begin of entry.begins) this.#begin(begin, entry.at)
    const { turns } = entry
    if (turns === undefined) return
    if (turns.forward === 'failed' || turns.forward === 'cancelled') this.#unwind()
    this.forward = turns.forward
    this.backward = turns.backward
    this.failure ??= turns.failure
    if (turns.forward !== 'running' && turns.backward !== 'running') this.#end()
  }

  /** Nothing runs any more: what began and said nothing was waiting for a signal. */
  #end(): void {
    for (const node of this.nodes.values()) if (node.status === 'begun') node.status = 'failed'
  }

  #takeKind(entry: Entry): void {
    switch (entry.kind) {
      case 'started':
        return this.#start(entry)
      case 'signalled':
        return
      case 'deadline-passed':
      case 'cancelled':
      case 'compensation-requested':
        return this.#unwind()
      default:
        return this.#takeAt(this.#node(entry.path, entry.at), entry)
    }
  }

  #takeAt(node: TrackedNode, entry: Extract<Entry, { readonly path: string }>): void {
    const { at } = entry
    switch (entry.kind) {
      case 'prepared':
        return this.#prepared(node, entry)
      case 'chosen':
        return settle(node, 'chosen', at)
      case 'succeeded':
        return this.#succeeded(node, entry.change, at)
      case 'failed':
        return this.#failed(node, entry)
      case 'probed':
        return this.#probed(node, entry)
      case 'timed-out':
        return this.#timedOut(node, entry)
      case 'child':
        return this.#child(node, entry)
      case 'joined':
        if (entry.failure === undefined) return settle(node, 'joined', at)
        node.isGroup = true
        return this.#give(node, entry.failure, at)
      case 'undone':
        this.#change(entry.change)
        return endUndo(node, 'done', at)
      case 'undo-failed':
        return undoFailed(node, entry)
      case 'undo-added':
        node.added.push(newUndo(entry.name, at))
        return
      case 'resumed':
        if (entry.direction === 'forward') node.status = 'ready'
        else undoAt(node, currentUndo(node)).status = 'ready'
        return
      case 'resolved':
        return this.#resolved(node, entry)
    }
  }

  #start(entry: EntryOf<'started'>): void {
    this.id = entry.id
    this.definition = entry.definition
    this.fingerprint = entry.fingerprint
    this.correlationId = entry.correlationId
    this.parent = entry.parent
    this.input = entry.input
    this.context = entry.input
    this.startedAt = entry.at
  }

  #node(path: string, at: Nanoseconds): TrackedNode {
    let node = this.nodes.get(path)
    if (node === undefined) {
      node = newNode(path, at)
      this.nodes.set(path, node)
    }
    return node
  }

  #begin({ path, direction, attempt, request }: Begin, at: Nanoseconds): void {
    const node = this.#node(path, at)
    if (direction === 'forward') {
      node.status = 'begun'
      node.attempts = attempt
      node.since = at
      if (request !== undefined) node.target = request.target
      return
    }
    const which = currentUndo(node)
    node.undoing = which
    const undo = undoAt(node, which)
    undo.status = 'begun'
    undo.wasTried = true
    undo.since = at
  }

  #prepared(node: TrackedNode, { begins, direction, path, at }: EntryOf<'prepared'>): void {
    const isSent = begins.some((begin) => begin.path === path && begin.direction === direction)
    if (isSent) return
    if (direction === 'forward') settle(node, 'skipped', at)
    else endUndo(node, 'not-needed', at)
  }

  #succeeded(node: TrackedNode, change: Change, at: Nanoseconds): void {
    this.#change(change)
    const { own } = node
    const wasUndone = own.status !== undefined && own.status !== 'not-needed'
    settle(node, 'succeeded', at)
    // It was given up and undone, and happened after that: it is undone again.
    if (wasUndone && !(own.status === 'stuck' && !own.wasTried)) node.added.push(newUndo('', at))
    else if (own.status === 'stuck') node.own = newUndo('', at)
  }

  #failed(node: TrackedNode, entry: EntryOf<'failed'>): void {
    const { failure, again, happened, at } = entry
    node.attempts = Math.max(node.attempts, entry.attempt)
    node.failure = failure
    if (failure.outcome === 'unknown') node.mayHaveHappened = true
    if (again !== undefined) node.status = 'pausing'
    else this.#give(node, failure, at, happened)
  }

  #probed(node: TrackedNode, { found, again, at }: EntryOf<'probed'>): void {
    node.mayHaveHappened = found.kind !== 'did-not-happen'
    if (found.kind === 'happened') return this.#succeeded(node, found.change, at)
    if (again !== undefined) node.status = 'pausing'
    else if (node.failure !== undefined) {
      const outcome = node.mayHaveHappened ? 'unknown' : 'failed'
      this.#give(node, { ...node.failure, outcome }, at)
    }
  }

  /** What runs is only told to stop; what waits for a reply or a signal is given up at once. */
  #timedOut(node: TrackedNode, { failure, at, turns }: EntryOf<'timed-out'>): void {
    const runs = node.status === 'begun' && node.target === undefined && turns === undefined
    if (runs || node.status === 'probing') node.failure = failure
    else this.#give(node, failure, at)
  }

  #child(node: TrackedNode, entry: EntryOf<'child'>): void {
    const { forward, backward, change, failure, at } = entry
    const wasBegun = node.status === 'begun'
    node.child = { backward }
    if (!wasBegun) {
      const status = backward === 'stuck' || backward === 'waived' ? backward : 'done'
      node.own.status = status
      node.own.since = at
      node.undoing = undefined
      return
    }
    const isWhole = backward === 'not-needed' || backward === 'waived'
    if (forward === 'completed' && isWhole) return this.#succeeded(node, change, at)
    if (failure !== undefined) this.#give(node, failure, at)
  }

  /** It did not succeed and is not tried again. */
  #give(node: TrackedNode, failure: Failure, at: Nanoseconds, happened = false): void {
    settle(node, statusOf(node, failure, happened), at)
    node.failure = failure
    // If it turned back because of this, the turn of the same entry takes that away again.
    node.waits = !this.isUnwinding
    const { own } = node
    if (own.status === 'stuck' && !own.wasTried) node.own = newUndo('', at)
  }

  /** Turns back: what waited on the way forward waits no more. */
  #unwind(): void {
    if (this.isUnwinding) return
    this.isUnwinding = true
    for (const node of this.nodes.values()) {
      node.waits = false
      if (node.status === 'pausing' || node.status === 'ready') {
        node.status = node.mayHaveHappened ? 'unknown' : node.attempts === 0 ? 'skipped' : 'failed'
      } else if (node.status === 'begun' && node.target !== undefined) {
        // Its reply may not be waited for any more: nothing but its undo tells.
        node.status = 'unknown'
      }
    }
  }

  #resolved(node: TrackedNode, entry: EntryOf<'resolved'>): void {
    const { verb, at, data, added, undo: name } = entry
    if (node.waits) return this.#resolvedForward(node, verb, data)
    const undo = undoAt(node, added ?? -1)
    const isNobodys = added === undefined && undo.status !== 'stuck'
    if (isNobodys && verb === 'retry') node.status = 'ready'
    else if (verb === 'waive') undo.status = 'waived'
    else {
      undo.status = 'ready'
      if (isNobodys && verb === 'edit') node.status = 'succeeded'
      if (verb === 'replace') undo.name = name ?? ''
    }
    undo.since = at
  }

  #resolvedForward(node: TrackedNode, verb: Verb, data: unknown): void {
    const isUnknown = node.status === 'unknown'
    node.waits = false
    if (verb === 'edit') this.#change({ kind: 'replace', value: data })
    if (node.isGroup) node.status = 'joined'
    else if (verb === 'retry') node.status = 'ready'
    else if (verb === 'edit') node.status = isUnknown ? 'succeeded' : 'ready'
    else if (!isUnknown) node.status = 'skipped'
    else {
      // Taken as not happened: it goes back, or waits as one that has failed.
      node.mayHaveHappened = false
      node.status = 'failed'
      node.waits = true
    }
  }

  #change(change: Change): void {
    this.context = applyChange(this.context, change)
  }
}

function settle(node: TrackedNode, status: TrackedNode['status'], at: Nanoseconds): void {
  node.status = status
  node.since = at
  node.waits = false
}

function statusOf(
  node: TrackedNode,
  failure: Failure,
  happened: boolean,
): 'happened' | 'refused' | 'unknown' | 'failed' {
  if (happened) return 'happened'
  if (failure.outcome === 'refused') return 'refused'
  return failure.outcome === 'unknown' || node.mayHaveHappened ? 'unknown' : 'failed'
}

function undoFailed(node: TrackedNode, { failure, again, at }: EntryOf<'undo-failed'>): void {
  const which = currentUndo(node)
  node.undoing = which
  const undo: TrackedUndo = undoAt(node, which)
  undo.failure = failure
  undo.wasTried = true
  if (again === undefined) endUndo(node, 'stuck', at)
  else undo.status = 'pausing'
}

function endUndo(
  node: TrackedNode,
  status: 'done' | 'stuck' | 'not-needed',
  at: Nanoseconds,
): void {
  const undo = undoAt(node, currentUndo(node))
  undo.status = status
  undo.since = at
  node.undoing = undefined
}

function currentUndo(node: TrackedNode): number {
  return node.undoing ?? nextUndoOf(node)
}
