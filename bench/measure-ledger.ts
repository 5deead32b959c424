/** The figures of the ledger's bench as comparisons, for the runner. */
import { ledgerBench, type LedgerFigures } from './ledger.bench.ts'
import type { Measurement } from './measurement.ts'

const SECONDS = 1

/** Which figure is compared with which: the ledger's with the bare loop's that does as much at once. */
const COMPARED = [
  { name: 'ledger.256-callers', ours: 'ledger, callers 256', bare: 'bare loop, batches of 100' },
  { name: 'ledger.one-caller', ours: 'ledger, callers 1', bare: 'bare loop, batches of 1' },
]

/** Appends of one event by one caller and by 256, beside bare loops over `node:sqlite`. */
export async function measureLedger(): Promise<readonly Measurement[]> {
  const figures = await ledgerBench({ seconds: SECONDS })
  return COMPARED.map(({ name, ours, bare }) => ({
    name,
    ours: eventsPerSecond(figures, ours),
    baseline: eventsPerSecond(figures, bare),
    unit: 'events/s',
    against: `node:sqlite, FULL, ${bare}`,
  }))
}

function eventsPerSecond(figures: readonly LedgerFigures[], name: string): number {
  const value = figures.find((figure) => figure.name === name)?.['eventsPerSecond']
  if (typeof value !== 'number') throw new Error(`the ledger's bench has no figure "${name}"`)
  return value
}
