/**
 * Which folder holds the payloads of a ledger. The ledger keeps a random mark and the folder's path,
 * the folder the same mark: sweeping with another ledger would take everything for rubbish.
 *
 * 1. A folder with the mark of another ledger is refused, and so is one without a mark when the
 *    ledger has payloads already: it may be a disk that is not mounted.
 */
import { join, resolve } from 'node:path'
import { CodedError, codedError, messageOf } from '../../errors.ts'
import type { Random, WriteId } from '../../identity.ts'
import type { Ledger, Row } from '../../ledger/ledger.ts'
import { PAYLOAD_FOLDER, PAYLOADS } from '../spaces.ts'
import { type FileOperations, isMissing } from './file-operations.ts'
import { hexOf } from './payload-reference.ts'

/** The name of the file that holds the mark. */
const MARK_FILE = 'amends-payloads'
const ROW_KEY = 'folder'

/** What the ledger knows of its folder. */
export type PayloadFolder = { readonly mark: string; readonly path: string }

/** The folder that a ledger's payloads were last put into; `undefined` when it never had one. */
export async function payloadFolderOf(ledger: Ledger): Promise<PayloadFolder | undefined> {
  const row = await ledger.row(PAYLOAD_FOLDER, ROW_KEY)
  return row === undefined ? undefined : folderIn(row)
}

/** The mark in a folder; `undefined` without one. */
export async function markIn(files: FileOperations, folder: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await files.read(join(folder, MARK_FILE))).trim()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Writes a mark into a folder. */
export async function putMark(files: FileOperations, folder: string, mark: string): Promise<void> {
  const partial = join(folder, `${MARK_FILE}.partial`)
  await files.write(partial, new TextEncoder().encode(`${mark}\n`))
  await files.rename(partial, join(folder, MARK_FILE))
  await files.syncFolder(folder)
}

/**
 * Makes a folder the one of a ledger's payloads; answers its absolute path.
 *
 * @throws CodedError `PAYLOAD_FOLDER_FOREIGN`, `PAYLOAD_STORE_FAILED`, and as `Ledger.commit`
 */
export async function claimFolder(options: {
  readonly folder: string
  readonly ledger: Ledger
  readonly files: FileOperations
  readonly random: Random
  readonly newId: () => WriteId
}): Promise<string> {
  const { ledger, files } = options
  const folder = resolve(options.folder)
  const mark = await markOfLedger(options, folder)
  try {
    await files.makeFolder(folder)
    const found = await markIn(files, folder)
    if (found === mark) return folder
    if (found !== undefined) throw foreign(folder, 'it belongs to another ledger')
    const [used] = await ledger.rows(PAYLOADS, { limit: 1 })
    if (used !== undefined) throw foreign(folder, 'the payloads of this ledger are not in it')
    await putMark(files, folder, mark)
    return folder
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    const details = { folder, cause: messageOf(cause) }
    throw codedError('PAYLOAD_STORE_FAILED', { details, cause })
  }
}

async function markOfLedger(
  { ledger, random, newId }: Parameters<typeof claimFolder>[0],
  path: string,
): Promise<string> {
  for (;;) {
    const row = await ledger.row(PAYLOAD_FOLDER, ROW_KEY)
    const known = row === undefined ? undefined : folderIn(row)
    if (known?.path === path) return known.mark
    const mark = known?.mark ?? hexOf(random.bytes(16))
    const value = new TextEncoder().encode(JSON.stringify({ mark, path }))
    const expected = row?.version ?? 'absent'
    const put = { kind: 'put', space: PAYLOAD_FOLDER, key: ROW_KEY, value, expected } as const
    const outcome = await ledger.commit({ id: newId(), rows: [put] })
    // Another process was first: its mark counts.
    if (outcome.kind === 'committed') return mark
  }
}

function folderIn({ value }: Row): PayloadFolder {
  const found: unknown = JSON.parse(new TextDecoder().decode(value))
  if (typeof found === 'object' && found !== null && 'mark' in found && 'path' in found) {
    return { mark: String(found.mark), path: String(found.path) }
  }
  throw codedError('LEDGER_CORRUPT', { details: { cause: 'the row of the payload folder' } })
}

function foreign(folder: string, reason: string): Error {
  return codedError('PAYLOAD_FOLDER_FOREIGN', {
    details: { folder, reason },
    hint: 'Each ledger has a folder of its own; name the one that holds its payloads.',
  })
}
