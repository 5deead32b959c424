/**
 * The state of an execution is the fold of its journal.
 *
 * 1. The fold follows entries and decides nothing: what began is what an entry says began.
 * 2. Where the execution stands (`forward`, `backward`) follows from the state; the `turns` of an
 *    entry repeat it for those who read the journal without a definition.
 */
import type { Definition } from './definition.ts'
import { applyEntry } from './apply-entry.ts'
import { draftFrom } from './draft.ts'
import type { Entry } from './journal.ts'
import { startedDraft } from './started-draft.ts'
import type { ExecutionState } from './state.ts'

/**
 * The state after one more entry. The first entry of an execution is `started`.
 *
 * @throws CodedError `JOURNAL_INVALID` when the journal begins with anything else
 */
export function fold(
  definition: Definition,
  state: ExecutionState | undefined,
  entry: Entry,
): ExecutionState {
  return foldAll(definition, state, [entry])
}

/** The state after several more entries; cheaper than one by one. */
function foldAll(
  definition: Definition,
  state: ExecutionState | undefined,
  entries: readonly Entry[],
): ExecutionState {
  const [first] = entries
  const draft = state === undefined ? startedDraft(definition, first) : draftFrom(definition, state)
  for (const entry of entries) applyEntry(draft, entry)
  return draft.state
}
