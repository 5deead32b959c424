/** Services that took part in an execution, as their replies said. */
import type { ExecutionState } from '../../machine/state.ts'

/** See the top of this file. Sorted; also those of steps that failed, and of steps in branches. */
export function relatedServicesOf({ nodes }: Pick<ExecutionState, 'nodes'>): readonly string[] {
  const services = new Set<string>()
  for (const node of nodes.values()) for (const name of node?.services ?? []) services.add(name)
  return [...services].sort()
}
