/** Reads an execution from the ledger: the fold of its journal, from a snapshot on if there is one. */
import type { Ledger } from '../../ledger/ledger.ts'
import type { Action } from '../../machine/action.ts'
import type { Definition } from '../../machine/definition.ts'
import { fold } from '../../machine/fold.ts'
import type { Entry } from '../../machine/journal.ts'
import { openActions } from '../../machine/open-actions.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { decodeEntry } from '../journal/decode-entry.ts'
import { executionStream } from '../journal/execution-stream.ts'
import { decodeState } from '../journal/state-codec.ts'
import { undonePath } from './undone-path.ts'

/** An execution as it stands in the ledger. */
export type LoadedExecution = {
  readonly state: ExecutionState
  /** The next sequence of its stream. */
  readonly next: number
  /** Paths of what was undone, in order. */
  readonly undone: readonly string[]
  /** What is open in the state. */
  readonly actions: readonly Action[]
}

/**
 * The state of an execution; `undefined` when there is none of this id.
 *
 * @param isShort its journal is known to be so short that it has no snapshot. Default: false
 */
export async function loadExecution(
  ledger: Ledger,
  id: string,
  definition: Definition,
  isShort = false,
): Promise<LoadedExecution | undefined> {
  const key = executionStream(id)
  const snapshot = isShort ? undefined : await ledger.snapshot(key)
  // None is made once undos have run, so that what was undone is always among the entries behind it.
  let state = snapshot === undefined ? undefined : decodeState(definition, snapshot.state)
  let next = snapshot === undefined || state === undefined ? 0 : snapshot.sequence + 1
  const undone: string[] = []
  for await (const chunk of ledger.stream(key, { from: next })) {
    for (const stored of chunk) {
      const entry = decodeEntry(stored)
      state = fold(definition, state, entry)
      const path = undonePath(entry, state)
      if (path !== undefined) undone.push(path)
      next = stored.sequence + 1
    }
  }
  if (state === undefined) return undefined
  return { state, next, undone, actions: openActions(definition, state) }
}

/** The entries of an execution, in order. */
export async function* entriesOf(ledger: Ledger, id: string): AsyncGenerator<Entry> {
  for await (const chunk of ledger.stream(executionStream(id), { from: 0 })) {
    for (const stored of chunk) yield decodeEntry(stored)
  }
}
