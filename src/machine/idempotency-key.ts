/** What an effect is known by outside: the same for every attempt, and after every crash. */
import type { Path } from './definition.ts'

/** The key of an operation or a request: `order-42/charge`. */
export function operationKey(executionId: string, path: Path): string {
  return `${executionId}/${path}`
}

/**
 * The key of an undo: `order-42/charge/undo`. An undo that was added while its operation ran is
 * known by its name and number, `order-42/charge/undo:release#0`; one that an operator put in place
 * of another by its name, `order-42/charge/undo:release`.
 *
 * @param part the `part` of the action
 */
export function undoKey(executionId: string, path: Path, part = 'undo'): string {
  return `${executionId}/${path}/${part}`
}
