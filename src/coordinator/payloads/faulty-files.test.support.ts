/** File operations that fail when a test says so, as they do when the process dies or the disk is full. */
import { writeFile } from 'node:fs/promises'
import { type FileOperations, fileOperations } from './file-operations.ts'

/** `torn` leaves half of what was to be written; on other operations it is `before`. */
export type FileFault = 'before' | 'after' | 'torn'

/** Operations with a handle on their failures. */
export type FaultyFiles = FileOperations & {
  /** How many operations there were. */
  readonly count: () => number
  /** Makes the nth operation from now fail, and with `dead` all behind it, as if the process were gone. */
  failAt(nth: number, fault: FileFault, dead: boolean): void
  /** Fails with this error from now on. */
  failWith(error: Error | undefined): void
  /** Called before each operation. */
  watch(seen: ((nth: number) => Promise<void>) | undefined): void
  heal(): void
}

/** An error of the operating system. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** Wraps the operations of this machine. */
export function faultyFiles(): FaultyFiles {
  let count = 0
  let fault: { at: number; kind: FileFault; dead: boolean } | undefined
  let error: Error | undefined
  let seen: ((nth: number) => Promise<void>) | undefined
  const step = async <T>(run: () => Promise<T>, tear?: () => Promise<void>): Promise<T> => {
    const nth = ++count
    await seen?.(nth)
    if (error !== undefined) throw error
    if (fault !== undefined && nth === fault.at) {
      if (fault.kind === 'after') await run()
      if (fault.kind === 'torn') await tear?.()
      throw systemError('EIO')
    }
    if (fault?.dead === true && nth > fault.at) throw systemError('EIO')
    return await run()
  }
  const real = fileOperations
  return {
    makeFolder: (path) => step(() => real.makeFolder(path)),
    write: (path, bytes) =>
      step(
        () => real.write(path, bytes),
        () => writeFile(path, bytes.subarray(0, bytes.length >> 1)),
      ),
    rename: (from, to) => step(() => real.rename(from, to)),
    syncFolder: (path) => step(() => real.syncFolder(path)),
    read: (path) => step(() => real.read(path)),
    stamp: (path, time) => step(() => real.stamp(path, time)),
    stateOf: (path) => step(() => real.stateOf(path)),
    remove: (path) => step(() => real.remove(path)),
    list: (path) => real.list(path),
    count: () => count,
    failAt: (nth, kind, dead) => {
      fault = { at: count + nth, kind, dead }
    },
    failWith: (given) => {
      error = given
    },
    watch: (given) => {
      seen = given
    },
    heal: () => {
      fault = undefined
      error = undefined
      seen = undefined
    },
  }
}
