/** Which signals an execution waits for. Pure. */
import { indexOf } from '../../machine/definition-index.ts'
import type { Definition } from '../../machine/definition.ts'
import type { ExecutionState } from '../../machine/state.ts'

/** Their names, in the order in which their steps were reached. */
export function awaitedSignals(definition: Definition, state: ExecutionState): readonly string[] {
  const { byPath } = indexOf(definition)
  return state.open.flatMap((path) => {
    const step = byPath.get(path)?.node
    const node = state.nodes.get(path)
    const isAwaited =
      step?.kind === 'step' &&
      step.does === 'signal' &&
      node?.status === 'begun' &&
      node.received === undefined
    return isAwaited ? [step.signal ?? ''] : []
  })
}
