/**
 * The payloads of a ledger, looked at and copied from outside: for checks and backups, while the
 * ledger may be in use.
 */
import type { Clock } from '../../clock.ts'
import { CodedError, codedError, messageOf } from '../../errors.ts'
import type { Random } from '../../identity.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { PayloadReference } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { fileOperations } from './file-operations.ts'
import { filePayloads } from './file-payloads.ts'
import { markIn, payloadFolderOf, putMark } from './payload-folder.ts'
import { hexOf, referenceIn } from './payload-reference.ts'
import { payloadUses } from './payload-rows.ts'
import type { PayloadStore } from './payload-store.ts'

/** What looking needs. */
export type StoredPayloadsOptions = {
  readonly ledger: Ledger
  /** The path of the ledger file: a folder of that name and `.payloads` comes first. */
  readonly path: string
  readonly clock: Clock
  readonly random: Random
}

/** What a check of payloads found. */
export type PayloadCheck = {
  readonly folder: string
  /** Events that refer to a payload. */
  readonly events: number
  /** Different payloads. */
  readonly payloads: number
  /** One for each payload that is not as it should be. */
  readonly findings: readonly string[]
}

/** Where `backup` puts the payloads of a ledger. */
function payloadsBeside(path: string): string {
  return `${path}.payloads`
}

/**
 * Reads every payload that an event refers to; `undefined` for a ledger that never had a folder of
 * payloads.
 */
export async function checkPayloads(
  options: StoredPayloadsOptions,
): Promise<PayloadCheck | undefined> {
  const folder = await folderFor(options)
  if (folder === undefined) return undefined
  const store = storeIn(folder, options)
  const findings: string[] = []
  const seen = await eachPayload(options.ledger, async (reference) => {
    const failure = await store.get(reference).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failure !== undefined)
      findings.push(`${hexOf(reference.contentHash)}: ${reasonOf(failure)}`)
  })
  return { folder, ...seen, findings }
}

/**
 * Copies every payload that an event of a copied ledger refers to into a folder beside the copy;
 * `undefined` when there is nothing to copy.
 *
 * @throws CodedError `BACKUP_FAILED` when a payload is missing, damaged, or cannot be written
 */
export async function copyPayloads(
  options: StoredPayloadsOptions & {
    /** The path of the ledger that was copied. */
    readonly from: string
  },
): Promise<{ readonly folder: string; readonly payloads: number } | undefined> {
  const { ledger, path, from } = options
  const known = await payloadFolderOf(ledger)
  const source = await folderFor({ ...options, path: from })
  if (known === undefined || source === undefined) return undefined
  const folder = payloadsBeside(path)
  const [old, copy] = [storeIn(source, options), storeIn(folder, options)]
  try {
    await fileOperations.makeFolder(folder)
    await putMark(fileOperations, folder, known.mark)
    const { payloads } = await eachPayload(ledger, async (reference) => {
      await copy.put(await old.get(reference))
    })
    return { folder, payloads }
  } catch (cause) {
    const details = { path: folder, reason: messageOf(cause), payload: reasonOf(cause) }
    throw codedError('BACKUP_FAILED', { details, cause })
  }
}

/** Calls back once for each different payload that events refer to. */
async function eachPayload(
  ledger: Ledger,
  seen: (reference: PayloadReference) => Promise<void>,
): Promise<{ readonly events: number; readonly payloads: number }> {
  let events = 0
  let payloads = 0
  let last: string | undefined
  for await (const { hash, key, sequence } of payloadUses(ledger)) {
    for await (const chunk of ledger.stream(key, { from: sequence, to: sequence })) {
      for (const { page } of chunk) {
        const reference = referenceIn(page)
        // A row may outlive its event.
        if (reference === undefined || hexOf(reference.contentHash) !== hash) continue
        events++
        // The rows of one payload stand together.
        if (hash === last) continue
        last = hash
        payloads++
        await seen(reference)
      }
    }
  }
  return { events, payloads }
}

/** The folder with the mark of the ledger; else the one it was last used with. */
async function folderFor({ ledger, path }: StoredPayloadsOptions): Promise<string | undefined> {
  const known = await payloadFolderOf(ledger)
  if (known === undefined) return undefined
  const beside = payloadsBeside(path)
  const isIts = (await markIn(fileOperations, beside).catch(() => undefined)) === known.mark
  return isIts ? beside : known.path
}

function storeIn(folder: string, { clock, random }: StoredPayloadsOptions): PayloadStore {
  return filePayloads({ folder, files: fileOperations, clock, random })
}

function reasonOf(error: unknown): string {
  const reason = error instanceof CodedError ? error.details['reason'] : undefined
  return reason ?? messageOf(error)
}
