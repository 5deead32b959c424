/** Shops that keep large notes beside their ledger. */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { StoredEvent } from '../../src/ledger/ledger.ts'
import type { PayloadOptions } from '../../src/coordinator/payloads/payload-options.ts'
import { hexOf, referenceIn } from '../../src/coordinator/payloads/payload-reference.ts'
import type { LedgerFolder } from './ledger-folder.ts'

/** Events of more bytes than this are large in these tests. */
export const THRESHOLD = 1_000

/** A note that is kept in the folder. */
export function largeNote(letter: string): string {
  return letter.repeat(THRESHOLD + 1)
}

/** Where the payloads of a ledger lie. */
export function payloadFolder({ path }: Pick<LedgerFolder, 'path'>): string {
  return `${path}.payloads`
}

/** The options that keep them there. */
export function besideLedger(folder: Pick<LedgerFolder, 'path'>): PayloadOptions {
  return { folder: payloadFolder(folder), thresholdBytes: THRESHOLD }
}

/** The files of payloads, by their names. */
export async function payloadFiles(folder: Pick<LedgerFolder, 'path'>): Promise<string[]> {
  const names = await readdir(payloadFolder(folder))
  return names.filter((name) => name !== 'amends-payloads').sort()
}

/** The path of the file that holds the payload of an event. */
export function fileOf(folder: Pick<LedgerFolder, 'path'>, event: StoredEvent | undefined): string {
  const reference = event === undefined ? undefined : referenceIn(event.page)
  if (reference === undefined) throw new Error('the event is in its page')
  return join(payloadFolder(folder), `${hexOf(reference.contentHash)}.bin`)
}

/** The name of that file. */
export function nameOf(folder: Pick<LedgerFolder, 'path'>, event: StoredEvent | undefined): string {
  return basename(fileOf(folder, event))
}
