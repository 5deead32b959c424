/** What waits for an operator: what is left to undo or to find out, and what can be done about it. */
import type { Nanoseconds } from '../clock.ts'
import type { Definition, Node, Path } from './definition.ts'
import { indexOf } from './definition-index.ts'
import type { Failure, Verb } from './journal.ts'
import { type ItemKind, kindOfItem } from './kind-of-item.ts'
import type { ExecutionState, NodeState } from './state.ts'
import { undoOf } from './draft.ts'

/** One thing that waits. */
export type WorkItem = {
  readonly path: Path
  readonly kind: ItemKind
  /** Which of the undos that were added while the step ran; absent: the node itself. */
  readonly added?: number | undefined
  /** The name of the undo, when it has one. */
  readonly undo?: string | undefined
  /** The definition whose execution waits, of kind `child`. */
  readonly child?: string | undefined
  /** Why it waits. */
  readonly failure: Failure | undefined
  readonly since: Nanoseconds
  readonly verbs: readonly Verb[]
}

/** All that waits for an operator in an execution, in the order in which it came to wait. */
export function workItems(definition: Definition, state: ExecutionState): readonly WorkItem[] {
  const items: WorkItem[] = []
  for (const path of state.stuck) {
    const place = indexOf(definition).byPath.get(path)
    const node = state.nodes.get(path)
    if (place === undefined || node === undefined) continue
    for (let which = node.added.length - 1; which >= -1; which--) {
      const kind = kindOfItem({ definition }, place, node, which)
      if (kind !== undefined) items.push(itemOf(place.node, node, which, kind, state))
    }
  }
  return items
}

/**
 * What can be done about an item.
 *
 * - An `undo` is retried, edited and retried (`data` takes the place of its value), replaced by a
 *   named undo, or waived.
 * - An `unknown` step is found out again (`retry`: its probe, or the operation under its key), taken
 *   as happened with an output (`edit`), undone by a named undo, or waived. A pivot of unknown
 *   outcome that is taken as happened goes on; waived, it is taken as not happened, and what was
 *   done before it is undone. What comes behind the pivot and is waived is left out.
 * - What is `exhausted` goes on after another try, with another value, or without its effect
 *   (`waive`). A group whose branches conflict goes on with a value, or waived with the later
 *   branch's; the execution of a step cannot be tried again.
 * - A `child` is resolved where it waits; here it can only be waived.
 */
export function verbsFor(
  kind: ItemKind,
  node: Node,
  state: Pick<ExecutionState, 'unwinding'>,
): readonly Verb[] {
  if (kind === 'undo') return ['retry', 'edit', 'replace', 'waive']
  if (kind === 'child') return ['waive']
  if (kind === 'unknown') {
    return state.unwinding ? ['retry', 'edit', 'replace', 'waive'] : ['retry', 'edit', 'waive']
  }
  if (node.kind === 'parallel') return ['edit', 'waive']
  if (node.kind === 'step' && node.does === 'execution') return ['waive']
  return ['retry', 'edit', 'waive']
}

function itemOf(
  node: Node,
  state: NodeState,
  which: number,
  kind: ItemKind,
  execution: ExecutionState,
): WorkItem {
  const undo = undoOf(state, which)
  const name = undo?.replacedBy?.name ?? (which < 0 ? '' : (state.added[which]?.name ?? ''))
  return {
    path: node.path,
    kind,
    ...(which < 0 ? {} : { added: which }),
    ...(name === '' ? {} : { undo: name }),
    ...(kind === 'child' && node.kind === 'step' ? { child: node.definition } : {}),
    failure: undo?.failure ?? state.failure,
    since: state.stuckAt ?? execution.changedAt,
    verbs: verbsFor(kind, node, execution),
  }
}
