/** What a folder of payloads asks of the file system; in one place, so that tests can make it fail. */
import { mkdir, open, opendir, readFile, rename, stat, unlink, utimes } from 'node:fs/promises'
import { type Nanoseconds, NANOSECONDS_PER_MS } from '../../clock.ts'

/** A file's size, and when it was stamped. */
export type FileState = { readonly bytes: number; readonly stampedAt: Nanoseconds }

/** Every operation either is done when it resolves, or may have been done when it rejects. */
export interface FileOperations {
  makeFolder(path: string): Promise<void>
  /** Writes a whole file and brings it to disk. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Gives a file another name, in place of whatever had that. */
  rename(from: string, to: string): Promise<void>
  /** Brings the names in a folder to disk. */
  syncFolder(path: string): Promise<void>
  read(path: string): Promise<Uint8Array>
  /** Dates a file. */
  stamp(path: string, time: Nanoseconds): Promise<void>
  stateOf(path: string): Promise<FileState>
  remove(path: string): Promise<void>
  /** The names in a folder. */
  list(path: string): AsyncIterable<string>
}

/** The operations of this machine. */
export const fileOperations: FileOperations = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  write: async (path, bytes) => {
    const file = await open(path, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  rename,
  syncFolder: async (path) => {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  read: async (path) => {
    // Messages hold plain arrays of bytes.
    const { buffer, byteOffset, byteLength } = await readFile(path)
    return new Uint8Array(buffer, byteOffset, byteLength)
  },
  stamp: async (path, time) => {
    const seconds = Number(time / NANOSECONDS_PER_MS) / 1_000
    await utimes(path, seconds, seconds)
  },
  stateOf: async (path) => {
    const { size, mtimeMs } = await stat(path)
    return { bytes: size, stampedAt: BigInt(Math.floor(mtimeMs)) * NANOSECONDS_PER_MS }
  },
  remove: unlink,
  list: async function* (path) {
    for await (const { name } of await opendir(path)) yield name
  },
}

/** True when an operation failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return systemCodeOf(error) === 'ENOENT'
}

/** True when it failed because there is no room. */
export function isFull(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function systemCodeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
