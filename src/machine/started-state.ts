/** The state of an execution before its first entry has been followed. */
import { codedError } from '../errors.ts'
import type { DefinitionIndex } from './definition-index.ts'
import type { Entry } from './journal.ts'
import { NodeTable } from './node-table.ts'
import type { ExecutionState } from './state.ts'

/** See above. @throws CodedError `JOURNAL_INVALID` when the entry does not start an execution */
export function startedState(index: DefinitionIndex, entry: Entry | undefined): ExecutionState {
  if (entry?.kind !== 'started') {
    throw codedError('JOURNAL_INVALID', { details: { first_entry: entry?.kind ?? '' } })
  }
  return {
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
    values: new Map([['', entry.input]]),
    nodes: new NodeTable(index, new Array<undefined>(index.places.length).fill(undefined)),
    signals: [],
    open: [],
    stuck: [],
    unwinding: false,
    undoing: false,
    undoes: false,
    waived: false,
  }
}
