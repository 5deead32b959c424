/** How long the ledger takes, by what it is asked for. */
import type { HistogramDeclaration } from '../../telemetry/metric.ts'
import { timed } from './declarations.ts'

/** The storage that a coordinator has. */
export const STORAGE_TYPE = 'ledger'

/** Reads and writes, under the operations of the contract. */
export const storageSeconds: HistogramDeclaration = timed(
  'angzarr.storage.duration',
  'Time the ledger takes.',
  ['operation', 'storage_type'],
)
