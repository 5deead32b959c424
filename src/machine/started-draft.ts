/** The state of an execution before its first entry has been followed, as a draft. */
import { codedError } from '../errors.ts'
import type { Definition, Path } from './definition.ts'
import { indexOf } from './definition-index.ts'
import type { Draft, WritableState } from './draft.ts'
import type { Entry } from './journal.ts'
import { NodeTable } from './node-table.ts'
import type { NodeState } from './state.ts'

/** See above. @throws CodedError `JOURNAL_INVALID` when the entry does not start an execution */
export function startedDraft(definition: Definition, entry: Entry | undefined): Draft {
  if (entry?.kind !== 'started') {
    throw codedError('JOURNAL_INVALID', { details: { first_entry: entry?.kind ?? '' } })
  }
  const index = indexOf(definition)
  const nodes: (NodeState | undefined)[] = index.unreached.slice()
  const values = new Map<Path, unknown>()
  values.set('', entry.input)
  const state: WritableState = {
    id: entry.id,
    definition: entry.definition,
    fingerprint: entry.fingerprint,
    correlationId: entry.correlationId,
    parent: entry.parent,
    startedAt: entry.at,
    changedAt: entry.at,
    entries: 0,
    input: entry.input,
    forward: 'running',
    backward: 'not-needed',
    failure: undefined,
    values,
    nodes: new NodeTable(index, nodes),
    signals: [],
    open: [],
    stuck: [],
    unwinding: false,
    undoing: false,
    undoes: false,
    waived: false,
  }
  return {
    definition,
    index,
    state,
    nodes,
    ownsNodes: true,
    values,
    hasJoining: false,
    hasPause: false,
    at: entry.at,
    lastPlace: undefined,
  }
}
