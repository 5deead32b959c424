/** Delivering again what was delivered before. */
import type { RowChange, Write } from '../../src/ledger/ledger.ts'
import type { WriteId } from '../../src/identity.ts'
import type { FaultyLedger } from '../../src/testing/faulty-ledger.ts'

/** Every row of a delivery that was ever written, as it was written last. */
export function deliveryWrites({ offered }: Pick<FaultyLedger, 'offered'>): readonly RowChange[] {
  const rows = offered.flatMap(({ rows: changes = [] }: Write) =>
    changes.filter((row) => row.space === 'delivery' && row.kind === 'put'),
  )
  return [...new Map(rows.map((row) => [row.key, row])).values()]
}

/** Writes rows again, as if they had never been removed. */
export async function putBack(ledger: FaultyLedger, rows: readonly RowChange[]): Promise<void> {
  const again = rows.map((row) => (row.kind === 'put' ? { ...row, expected: 'any' as const } : row))
  const outcome = await ledger.commit({ id: `again-${ledger.commits}` as WriteId, rows: again })
  if (outcome.kind !== 'committed') throw new Error(`not put back: ${outcome.kind}`)
}
