/** What waits for an operator in an execution, told from its journal alone. Pure. */
import type { Nanoseconds } from '../../clock.ts'
import type { Failure, Verb } from '../../machine/journal.ts'
import type { ItemKind } from '../../machine/kind-of-item.ts'
import type { JournalView } from './journal-view.ts'
import { type TrackedNode, undoAt } from './tracked-node.ts'

/** One thing that waits; see `WorkItem` of the machine. */
export type OpenItem = {
  readonly path: string
  readonly kind: ItemKind
  /** Which of the undos that were added while the step ran; absent: the node itself. */
  readonly added?: number | undefined
  /** The name of the undo, when it has one. */
  readonly undo?: string | undefined
  readonly failure: Failure | undefined
  readonly since: Nanoseconds
  readonly verbs: readonly Verb[]
  /** Whether the journal says so for sure. */
  readonly isCertain: boolean
}

/**
 * The items of an execution.
 *
 * @param nodesOpen at how many nodes something waits, as its row says
 */
export function openItems(view: JournalView, nodesOpen: number): readonly OpenItem[] {
  if (nodesOpen === 0) return []
  const items = [...view.nodes.values()].flatMap((node) => itemsAt(view, node))
  const certain = new Set(items.filter(({ isCertain }) => isCertain).map(({ path }) => path))
  const unsure = new Set(items.filter(({ isCertain }) => !isCertain).map(({ path }) => path))
  if (certain.size >= nodesOpen) return items.filter(({ path }) => certain.has(path))
  if (certain.size + unsure.size > nodesOpen) return items
  return items.map((item) => ({ ...item, isCertain: true }))
}

function itemsAt(view: JournalView, node: TrackedNode): readonly OpenItem[] {
  const items: OpenItem[] = []
  for (let which = node.added.length - 1; which >= -1; which--) {
    const undo = undoAt(node, which)
    if (undo.status !== 'stuck') continue
    const isChild = which < 0 && node.child?.backward === 'stuck'
    const { name, failure, since } = undo
    items.push({
      path: node.path,
      kind: isChild ? 'child' : 'undo',
      ...(which < 0 ? {} : { added: which }),
      ...(name === '' ? {} : { undo: name }),
      failure: failure ?? node.failure,
      since,
      verbs: isChild ? ['waive'] : ['retry', 'edit', 'replace', 'waive'],
      isCertain: true,
    })
  }
  const own = ownItem(view, node)
  return own === undefined ? items : [...items, own]
}

/** What waits at the node itself, not at one of its undos. */
function ownItem(view: JournalView, node: TrackedNode): OpenItem | undefined {
  const { path, failure, since, status } = node
  const base = { path, failure, since }
  if (node.waits) {
    const kind = status === 'unknown' ? 'unknown' : 'exhausted'
    return { ...base, kind, verbs: verbsForward(node), isCertain: true }
  }
  if (!view.isUnwinding || node.own.status !== undefined) return undefined
  if (status === 'failed' && node.child?.backward === 'stuck') {
    return { ...base, kind: 'child', verbs: ['waive'], isCertain: true }
  }
  if (status !== 'unknown' && status !== 'happened') return undefined
  return {
    ...base,
    kind: 'unknown',
    verbs: ['retry', 'edit', 'replace', 'waive'],
    isCertain: false,
  }
}

function verbsForward(node: TrackedNode): readonly Verb[] {
  if (node.isGroup) return ['edit', 'waive']
  return node.child === undefined ? ['retry', 'edit', 'waive'] : ['waive']
}
