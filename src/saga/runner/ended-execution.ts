/** An execution that goes on no further by itself: ended, or stuck. */
import type { ExecutionState } from '../../machine/state.ts'
import type { KnownDefinition } from './executables.ts'
import type { Standing } from './spaces.ts'

/** See the top of this file. */
export type EndedExecution = {
  readonly id: string
  readonly known: KnownDefinition
  readonly state: ExecutionState
  readonly standing: Standing
  /** Paths of what was undone, in order. */
  readonly undone: readonly string[]
}
