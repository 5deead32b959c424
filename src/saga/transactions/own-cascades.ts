/** Keeps what executions of a ledger have pending from being reaped while they go on. */
import type { Cascades } from '../../coordinator/cascades.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { executionOf } from '../runner/execution-row.ts'
import { hasStandingEnded } from '../runner/plan-row.ts'
import { EXECUTIONS } from '../runner/spaces.ts'

/** See the top of this file. Does nothing for what has no cascades, as clients of other processes. */
export function ownCascades(source: unknown, ledger: Ledger): Disposable {
  const cascades = cascadesOf(source)
  if (cascades === undefined) return { [Symbol.dispose]: () => undefined }
  return cascades.ownedBy(async (id) => {
    const row = await ledger.row(EXECUTIONS, id)
    return row !== undefined && !hasStandingEnded(executionOf(row).standing)
  })
}

function cascadesOf(source: unknown): Pick<Cascades, 'ownedBy'> | undefined {
  if (typeof source !== 'object' || source === null || !('cascades' in source)) return undefined
  const { cascades } = source
  if (typeof cascades !== 'object' || cascades === null || !('ownedBy' in cascades))
    return undefined
  // Nothing else has a member of this name.
  return cascades as Pick<Cascades, 'ownedBy'>
}
