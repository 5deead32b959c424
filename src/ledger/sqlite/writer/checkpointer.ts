/**
 * Copies the write-ahead log back into the file, so that it does not grow for ever.
 *
 * 1. Never inside a commit: the copying is done elsewhere while commits go on, and what came in
 *    meanwhile is copied between two groups, which is little. Only when nothing is left to copy does
 *    SQLite begin the log anew.
 * 2. The log is bounded all the same: when it has grown too large, the rest is copied here.
 * 3. A failure is no loss, because the log has everything; the next look tries again.
 */
import { limits } from '../../../limits.ts'
import { type Connection, openDatabase, query, type Statement } from '../connection.ts'
import type { WriterSettings } from '../writer-channel.ts'

/** Copies in another thread. */
export interface CheckpointHelper {
  /** Calls back when it has copied what there was; false when it cannot be had. */
  start(done: () => void): boolean
  close(): Promise<void>
}

type Progress = readonly [busy: number, frames: number, copied: number]

/** Looks after the write-ahead log of one writer. */
export class Checkpointer {
  readonly #connection: Connection
  readonly #helper: CheckpointHelper | undefined
  readonly #selectProgress: Statement<Progress>
  readonly #checkpoint: Statement<Progress>
  #groups = 0
  #isHelped = false

  /** Without a helper everything is copied here. */
  constructor(settings: WriterSettings, helper: CheckpointHelper | undefined) {
    const { path, busyMs } = settings
    this.#helper = helper
    this.#connection = openDatabase(path, { busyMs, pragmas: CHECKPOINT_PRAGMAS })
    this.#selectProgress = query(this.#connection, 'PRAGMA wal_checkpoint(NOOP)')
    this.#checkpoint = query(this.#connection, 'PRAGMA wal_checkpoint(PASSIVE)')
  }

  /** Called between two groups, with the bytes of the last; looks now and then. */
  afterGroup(groupBytes: number): void {
    if (++this.#groups % GROUPS_PER_LOOK !== 0 && groupBytes < BYTES_PER_LOOK) return
    const { size, toCopy } = this.#look()
    if (this.#isHelped) {
      if (size >= limits.walBytesMax) this.#waitForCopy()
    } else if (toCopy >= limits.walBytesPerCheckpoint) {
      this.#copy()
    }
  }

  async close(): Promise<void> {
    await this.#helper?.close()
    this.#connection.close()
  }

  #copy(): void {
    this.#isHelped = this.#helper?.start(() => this.#helped()) ?? false
    if (!this.#isHelped) this.#copyHere()
  }

  #helped(): void {
    this.#isHelped = false
    const { size, toCopy } = this.#look()
    if (toCopy < limits.walBytesPerCheckpoint / 4 || size >= limits.walBytesMax) this.#copyHere()
    else this.#copy()
  }

  /** Bytes of the log, and how many of them are not in the file. */
  #look(): { readonly size: number; readonly toCopy: number } {
    try {
      const [, frames, copied] = this.#selectProgress.get() ?? [0, 0, 0]
      return { size: frames * FRAME_BYTES, toCopy: (frames - copied) * FRAME_BYTES }
    } catch {
      return { size: 0, toCopy: 0 }
    }
  }

  /** The copying elsewhere is too slow: nothing is written until it is done, and the rest too. */
  #waitForCopy(): void {
    const pause = new Int32Array(new SharedArrayBuffer(4))
    for (let waitedMs = 0; this.#copyHere() && waitedMs < COPY_WAIT_MS; waitedMs += PAUSE_MS) {
      Atomics.wait(pause, 0, 0, PAUSE_MS)
    }
  }

  /** True when somebody else is copying. */
  #copyHere(): boolean {
    try {
      return this.#checkpoint.get()?.[0] === 1
    } catch {
      // See invariant 3.
      return false
    }
  }
}

/** Of every connection that copies. */
export const CHECKPOINT_PRAGMAS = 'PRAGMA synchronous = FULL'

const GROUPS_PER_LOOK = 8
const COPY_WAIT_MS = 5_000
const PAUSE_MS = 5
const BYTES_PER_LOOK = 1_048_576

/** A page of 4,096 bytes and its header. */
const FRAME_BYTES = 4_120
