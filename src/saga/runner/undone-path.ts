/** What an entry says was undone. */
import type { Path } from '../../machine/definition.ts'
import type { Entry } from '../../machine/journal.ts'
import type { ExecutionState } from '../../machine/state.ts'

/**
 * The path of what was undone by an entry; `undefined` when nothing was. A step that runs another
 * definition is undone when the execution of that has undone itself.
 *
 * @param state the state behind the entry
 */
export function undonePath(entry: Entry, state: ExecutionState): Path | undefined {
  if (entry.kind === 'undone') return entry.path
  if (entry.kind !== 'child') return undefined
  const node = state.nodes.get(entry.path)
  return node?.status === 'succeeded' && node.undo?.status === 'done' ? entry.path : undefined
}
