/** Reads an execution that is not in memory: its row, the version it runs, its journal. */
import { codedError } from '../../errors.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { limits } from '../../limits.ts'
import { type EndedExecution, endedExecution } from './ended-execution.ts'
import type { Executables, KnownDefinition } from './executables.ts'
import { type ExecutionRow, executionOf } from './execution-row.ts'
import { type LoadedExecution, loadExecution } from './load-execution.ts'
import { EXECUTIONS } from './spaces.ts'

/** Where executions are read from. */
export type ReadFrom = { readonly ledger: Ledger; readonly executables: Executables }

/** An execution as it was read. */
export type ReadExecution = {
  readonly row: ExecutionRow
  readonly known: KnownDefinition
  readonly loaded: LoadedExecution
}

/** The row of an execution. @throws CodedError `SAGA_EXECUTION_NOT_FOUND` */
export async function readRow(ledger: Ledger, id: string): Promise<ExecutionRow> {
  const row = await ledger.row(EXECUTIONS, id)
  if (row === undefined) throw notFound(id)
  return executionOf(row)
}

/**
 * An execution that is not in memory.
 *
 * @param given its row, when that has been read already
 * @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `SAGA_DEFINITION_UNKNOWN`
 */
export async function readExecution(
  from: ReadFrom,
  id: string,
  given?: ExecutionRow | undefined,
): Promise<ReadExecution> {
  const row = given ?? (await readRow(from.ledger, id))
  const known = from.executables.find(row.definition, row.fingerprint)
  if (known === undefined) throw definitionUnknown(row)
  // While it waits or has ended, its row has been written behind its last entry.
  const isShort = row.standing !== 'running' && row.entries < limits.executionSnapshotEvery
  const loaded = await loadExecution(from.ledger, id, known.executable.definition, isShort)
  if (loaded === undefined) throw notFound(id)
  return { row, known, loaded }
}

/** An execution that goes on no further; `undefined` while it goes on. */
export async function readEnded(from: ReadFrom, id: string): Promise<EndedExecution | undefined> {
  const { standing } = await readRow(from.ledger, id)
  if (standing === 'running' || standing === 'awaiting' || standing === 'waiting') return undefined
  // Somebody may come who knows its definition.
  if (standing === 'orphaned') return undefined
  const { known, loaded } = await readExecution(from, id)
  return endedExecution({ id, known, ...loaded })
}

function notFound(id: string): Error {
  return codedError('SAGA_EXECUTION_NOT_FOUND', { details: { id } })
}

function definitionUnknown({ id, definition, fingerprint }: ExecutionRow): Error {
  return codedError('SAGA_DEFINITION_UNKNOWN', {
    details: { id, definition, fingerprint },
    hint: 'Give the version it was started with to openSagaManager, beside the newer one.',
  })
}
