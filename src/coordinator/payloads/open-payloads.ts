/** Opens what keeps the large payloads of one coordinator. */
import type { Clock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import { type Random, writeIds } from '../../identity.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { PAYLOADS } from '../spaces.ts'
import { fileOperations } from './file-operations.ts'
import { filePayloads } from './file-payloads.ts'
import { Offloading } from './offload-writes.ts'
import { claimFolder } from './payload-folder.ts'
import { type PayloadOptions, payloadSettings } from './payload-options.ts'
import type { PayloadStore } from './payload-store.ts'

/** What keeps payloads, and how long those that nobody needs. */
export type OpenedPayloads = {
  readonly store: PayloadStore
  readonly offloading: Offloading
  readonly graceMs: number
}

/**
 * Opens them.
 *
 * @throws CodedError `CONFIGURATION_INVALID`, also for a ledger that has payloads when nobody says
 * where; `PAYLOAD_FOLDER_FOREIGN`, `PAYLOAD_STORE_FAILED`
 */
export async function openPayloads(
  options: PayloadOptions | undefined,
  parts: { readonly ledger: Ledger; readonly clock: Clock; readonly random: Random },
): Promise<OpenedPayloads | undefined> {
  if (options === undefined) {
    const [used] = await parts.ledger.rows(PAYLOADS, { limit: 1 })
    if (used === undefined) return undefined
    const hint = 'This ledger keeps payloads in a folder: name it, as payloads.folder.'
    throw codedError('CONFIGURATION_INVALID', { details: { payloads: 'missing' }, hint })
  }
  const { place, thresholdBytes, graceMs } = payloadSettings(options)
  const store = place.kind === 'store' ? place.store : await storeIn(place.folder, parts)
  return { store, offloading: new Offloading({ store, thresholdBytes }), graceMs }
}

async function storeIn(
  path: string,
  { ledger, clock, random }: Parameters<typeof openPayloads>[1],
): Promise<PayloadStore> {
  const files = fileOperations
  const newId = writeIds(clock, random)
  const folder = await claimFolder({ folder: path, ledger, files, random, newId })
  return filePayloads({ folder, files, clock, random })
}
