/**
 * The names of steps in metrics, logs, reports and journals: said by the author, else the name of
 * the function, of the innermost one where primitives wrap it; else `step_<n>`.
 *
 * 1. No two steps of one list have the same name: the second one gets `#2`, and so on.
 * 2. A name has no `/`, which joins names to paths.
 */
import { nameOfOperation, type Operation } from './primitive.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** Gives names that do not repeat. */
export function stepNames(): (wanted: string, index: number) => string {
  const taken = new Set<string>()
  return (wanted, index) => {
    const base = wanted === '' ? `step_${index}` : wanted
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base}#${n}`
    taken.add(name)
    return name
  }
}

/** The name of an operation as a step; empty when it has none that says anything. */
export function stepNameOf(operation: Operation<never, unknown>): string {
  const name = nameOfOperation(operation)
  // An arrow under these keys is named by the key, which says nothing about the step.
  return KEYS.has(name) ? '' : name.replaceAll('/', '_')
}

/** @throws CodedError `WORKFLOW_INVALID` for a name that cannot be part of a path */
export function checkStepName(field: string, name: unknown): void {
  if (typeof name === 'string' && name !== '' && !name.includes('/')) return
  throw workflowInvalid(field, "text that is not empty and has no '/'", name)
}

const KEYS: ReadonlySet<string> = new Set(['run', 'execute', 'primitives'])
