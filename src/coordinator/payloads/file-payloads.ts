/**
 * Payloads as files of one folder, each named after the SHA-256 of its content.
 *
 * 1. A file gets its name when its content is on disk: a file of that name is whole, or was damaged
 *    since; the next put of the same payload mends it.
 * 2. Putting dates the file anew. Sweeping takes a file's name away first, then looks at its date
 *    again: what was put meanwhile gets its name back, and readers find it under both.
 * 3. Files with other names are left alone.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { create } from '@bufbuild/protobuf'
import type { Clock } from '../../clock.ts'
import { codedError, messageOf } from '../../errors.ts'
import type { Random } from '../../identity.ts'
import {
  type PayloadReference,
  PayloadReferenceSchema,
  PayloadStorageType,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { timestampFromNanoseconds } from '../../wire/timestamp.ts'
import { type FileOperations, isFull, isMissing } from './file-operations.ts'
import { hexOf, retrievalFailed } from './payload-reference.ts'
import type { PayloadStore, SweepOptions } from './payload-store.ts'

const WHOLE = /^([0-9a-f]{64})\.bin$/
const CONDEMNED = /^([0-9a-f]{64})\.condemned$/
const PARTIAL = /^[0-9a-f]{64}\.[0-9a-f]{16}\.partial$/

/** What a folder of payloads needs. */
export type FilePayloadsOptions = {
  /** An absolute path; the folder exists. */
  readonly folder: string
  readonly files: FileOperations
  readonly clock: Clock
  readonly random: Random
}

/** The store in a folder. */
export function filePayloads(options: FilePayloadsOptions): PayloadStore {
  return new FilePayloads(options)
}

class FilePayloads implements PayloadStore {
  readonly #options: FilePayloadsOptions
  /** Payloads that are being put, by their hash. */
  readonly #putting = new Map<string, Promise<void>>()

  constructor(options: FilePayloadsOptions) {
    this.#options = options
  }

  async put(payload: Uint8Array): Promise<PayloadReference> {
    const { folder, clock } = this.#options
    const contentHash = sha256(payload)
    const hash = hexOf(contentHash)
    let putting = this.#putting.get(hash)
    if (putting === undefined) {
      putting = this.#keep(hash, payload)
      this.#putting.set(hash, putting)
      const forget = (): void => void this.#putting.delete(hash)
      putting.then(forget, forget)
    }
    try {
      await putting
    } catch (cause) {
      const details = { folder, content_hash: hash, cause: messageOf(cause) }
      const code = isFull(cause) ? 'PAYLOAD_STORE_FULL' : 'PAYLOAD_STORE_FAILED'
      throw codedError(code, { details, cause })
    }
    return create(PayloadReferenceSchema, {
      storageType: PayloadStorageType.FILESYSTEM,
      uri: pathToFileURL(this.#wholeName(hash)).href,
      contentHash,
      originalSize: BigInt(payload.length),
      storedAt: timestampFromNanoseconds(clock.wall()),
    })
  }

  async get(reference: PayloadReference): Promise<Uint8Array> {
    const { storageType, contentHash, originalSize } = reference
    if (storageType !== PayloadStorageType.FILESYSTEM) {
      throw retrievalFailed(reference, 'no store of this kind is configured')
    }
    // The folder may have been moved, and a reference must not name any other file: the hash counts.
    const bytes = await this.#read(hexOf(contentHash)).catch((cause: unknown) => {
      throw retrievalFailed(reference, isMissing(cause) ? 'there is no such file' : cause)
    })
    if (BigInt(bytes.length) !== originalSize) {
      throw retrievalFailed(reference, `the file has ${bytes.length} bytes`)
    }
    if (!sha256(bytes).equals(contentHash)) {
      throw retrievalFailed(reference, 'the file has another hash')
    }
    return bytes
  }

  async sweep({ putBefore, isNeeded }: SweepOptions): Promise<number> {
    const { folder, files } = this.#options
    let swept = 0
    for await (const name of files.list(folder)) {
      const path = join(folder, name)
      const hash = WHOLE.exec(name)?.[1] ?? CONDEMNED.exec(name)?.[1]
      if (hash === undefined && !PARTIAL.test(name)) continue
      if (!(await this.#isOlder(path, putBefore))) {
        if (hash !== undefined && CONDEMNED.test(name)) await this.#restore(hash)
      } else if (hash === undefined) {
        await ifThere(files.remove(path))
      } else if (await isNeeded(hash)) {
        if (CONDEMNED.test(name)) await this.#restore(hash)
      } else if (await this.#sweepAway(name, hash, { putBefore, isNeeded })) {
        swept++
      }
    }
    return swept
  }

  async #sweepAway(
    name: string,
    hash: string,
    { putBefore, isNeeded }: SweepOptions,
  ): Promise<boolean> {
    const { folder, files } = this.#options
    const condemned = this.#condemnedName(hash)
    if (!CONDEMNED.test(name)) await ifThere(files.rename(join(folder, name), condemned))
    // Whoever put it since has dated it, or has found it gone and written it again.
    if (!(await this.#isOlder(condemned, putBefore)) || (await isNeeded(hash))) {
      await this.#restore(hash)
      return false
    }
    await ifThere(files.remove(condemned))
    return true
  }

  async #restore(hash: string): Promise<void> {
    await ifThere(this.#options.files.rename(this.#condemnedName(hash), this.#wholeName(hash)))
  }

  async #keep(hash: string, payload: Uint8Array): Promise<void> {
    const { folder, files, clock, random } = this.#options
    const whole = this.#wholeName(hash)
    if (await this.#dateAnew(whole, payload)) return
    const partial = join(folder, `${hash}.${hexOf(random.bytes(8))}.partial`)
    try {
      await files.write(partial, payload)
      await files.stamp(partial, clock.wall())
      await files.rename(partial, whole)
      await files.syncFolder(folder)
    } catch (error) {
      await files.remove(partial).catch(() => undefined)
      throw error
    }
  }

  /** True when the payload is there, whole, and cannot be swept now. */
  async #dateAnew(whole: string, payload: Uint8Array): Promise<boolean> {
    const { folder, files, clock } = this.#options
    try {
      await files.stamp(whole, clock.wall())
      if (!equals(await files.read(whole), payload)) return false
      // Whoever gave it its name may have died before the folder was on disk.
      await files.syncFolder(folder)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  async #read(hash: string): Promise<Uint8Array> {
    const { files } = this.#options
    let missing: unknown
    for (const path of [this.#wholeName(hash), this.#condemnedName(hash), this.#wholeName(hash)]) {
      try {
        return await files.read(path)
      } catch (error) {
        if (!isMissing(error)) throw error
        missing = error
      }
    }
    throw missing
  }

  async #isOlder(path: string, than: bigint): Promise<boolean> {
    try {
      return (await this.#options.files.stateOf(path)).stampedAt < than
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  #wholeName(hash: string): string {
    return join(this.#options.folder, `${hash}.bin`)
  }

  #condemnedName(hash: string): string {
    return join(this.#options.folder, `${hash}.condemned`)
  }
}

async function ifThere(done: Promise<void>): Promise<void> {
  try {
    await done
  } catch (error) {
    // Another process sweeps the same folder.
    if (!isMissing(error)) throw error
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function equals(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
