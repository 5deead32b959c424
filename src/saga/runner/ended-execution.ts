/** An execution that goes on no further by itself: ended, or stuck. */
import type { Action } from '../../machine/action.ts'
import type { ExecutionState } from '../../machine/state.ts'
import type { KnownDefinition } from './executables.ts'
import type { Standing } from './spaces.ts'
import { endOf, occupationOf } from './standing.ts'

/** See the top of this file. */
export type EndedExecution = {
  readonly id: string
  readonly known: KnownDefinition
  readonly state: ExecutionState
  readonly standing: Standing
  /** Paths of what was undone, in order. */
  readonly undone: readonly string[]
}

/** An execution as an ended one; `undefined` while it goes on, or has not started. */
export function endedExecution(from: {
  readonly id: string
  readonly known: KnownDefinition
  readonly state: ExecutionState | undefined
  readonly actions: readonly Action[]
  readonly undone: readonly string[]
}): EndedExecution | undefined {
  const { id, known, state, actions, undone } = from
  if (state === undefined) return undefined
  const standing = endOf(state, occupationOf(state, actions))
  return standing === undefined ? undefined : { id, known, state, standing, undone: [...undone] }
}
