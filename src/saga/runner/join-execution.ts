/** What an id answers with that was given before. */
import { codedError } from '../../errors.ts'
import type { KnownDefinition } from './executables.ts'
import type { Started } from './executions.ts'
import type { LiveExecution } from './live-execution.ts'

/** The execution that an id already has; resolves when its start is on disk. */
export async function join(execution: LiveExecution, known: KnownDefinition): Promise<Started> {
  checkSame(execution.id, execution.known.name, known)
  await execution.started.promise
  return { id: execution.id, isNew: false }
}

/** @throws CodedError `SAGA_EXECUTION_ID_TAKEN` when the id belongs to another definition */
export function checkSame(id: string, definition: string, { name }: KnownDefinition): void {
  if (definition === name) return
  throw codedError('SAGA_EXECUTION_ID_TAKEN', {
    details: { id, definition, asked: name },
    hint:
      `The ids of a ledger are shared by all definitions, and ${id} is an execution of ` +
      `${definition}. Put the name of the definition into its ids.`,
  })
}
