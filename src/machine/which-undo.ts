/** Whether a step is to be undone, and by what. */
import type { Definition, StepNode } from './definition.ts'
import type { NodeState } from './state.ts'

/**
 * `own`: its undo, with its output or the context. `unknown`: an undo that does without an output.
 * `none`: nothing is to be undone. `stuck`: it may have happened, and nobody can undo it.
 */
export type WhichUndo = 'own' | 'unknown' | 'none' | 'stuck'

/**
 * Which undo a step needs, as it stands.
 *
 * 1. What happened is undone. A refusal, and what certainly did not happen, is not, unless the
 *    author says that the step is to be undone also when it fails.
 * 2. What may have happened is undone by an undo that does without an output; with none it waits for
 *    an operator, also when the step has no undo: that says nothing about an outcome nobody knows.
 */
export function whichUndo(definition: Definition, step: StepNode, node: NodeState): WhichUndo {
  const isDeclared = step.undo === 'declared' && step.does !== 'signal'
  switch (node.status) {
    case 'succeeded':
      return isDeclared ? 'own' : 'none'
    case 'happened':
      if (!isDeclared) return 'none'
      if (definition.values === 'context') return 'own'
      return undoesUnknown(step) ? 'unknown' : 'stuck'
    case 'unknown':
      if (!undoesUnknown(step)) return 'stuck'
      return isDeclared ? 'unknown' : 'none'
    case 'failed':
      return isDeclared && step.undoesOwnFailure ? 'unknown' : 'none'
    default:
      return 'none'
  }
}

/** Whether a step of unknown outcome can be undone without an operator. */
export function undoesUnknown(step: StepNode): boolean {
  return step.undoesUnknown || step.undoesOwnFailure
}
