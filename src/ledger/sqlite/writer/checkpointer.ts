/**
 * Copies the write-ahead log back into the file, so that it does not grow for ever.
 *
 * 1. Never inside a commit: the copying is done elsewhere while commits go on, and what came in
 *    meanwhile is copied between two groups, which is little. Only when nothing is left to copy does
 *    SQLite begin the log anew.
 * 2. The log is bounded all the same: when copying elsewhere does not keep up, it is done here.
 * 3. A failure is no loss, because the log has everything; the next look tries again.
 */
import { limits } from '../../../limits.ts'
import { type Connection, openDatabase, query, type Statement } from '../connection.ts'
import type { WriterSettings } from '../writer-channel.ts'

/** Copies in another thread and calls back when it has finished. */
export interface CheckpointHelper {
  start(done: () => void): void
  close(): Promise<void>
}

type Progress = readonly [busy: number, frames: number, copied: number]

/** Looks after the write-ahead log of one writer. */
export class Checkpointer {
  readonly #connection: Connection
  readonly #helper: CheckpointHelper | undefined
  readonly #look: Statement<Progress>
  readonly #copy: Statement<Progress>
  #groups = 0
  #isHelped = false

  /** Without a helper everything is copied here. */
  constructor(settings: WriterSettings, helper: CheckpointHelper | undefined) {
    const { path, busyMs } = settings
    this.#helper = helper
    this.#connection = openDatabase(path, { busyMs, pragmas: CHECKPOINT_PRAGMAS })
    this.#look = query(this.#connection, 'PRAGMA wal_checkpoint(NOOP)')
    this.#copy = query(this.#connection, 'PRAGMA wal_checkpoint(PASSIVE)')
  }

  /** Called between two groups; looks now and then. */
  afterGroup(): void {
    if (++this.#groups % GROUPS_PER_LOOK !== 0) return
    const bytes = this.#bytesToCopy()
    if (bytes < limits.walBytesPerCheckpoint) return
    if (this.#helper === undefined || bytes >= limits.walBytesMax) this.#copyHere()
    else this.#copyElsewhere(this.#helper)
  }

  async close(): Promise<void> {
    await this.#helper?.close()
    this.#connection.close()
  }

  #copyElsewhere(helper: CheckpointHelper): void {
    if (this.#isHelped) return
    this.#isHelped = true
    helper.start(() => {
      this.#isHelped = false
      const bytes = this.#bytesToCopy()
      if (bytes >= limits.walBytesPerCheckpoint / 4) this.#copyElsewhere(helper)
      else if (bytes > 0) this.#copyHere()
    })
  }

  #bytesToCopy(): number {
    try {
      const [, frames, copied] = this.#look.get() ?? [0, 0, 0]
      return (frames - copied) * FRAME_BYTES
    } catch {
      return 0
    }
  }

  #copyHere(): void {
    try {
      this.#copy.get()
    } catch {
      // See invariant 3.
    }
  }
}

/** Of every connection that copies. */
export const CHECKPOINT_PRAGMAS = 'PRAGMA synchronous = FULL'

const GROUPS_PER_LOOK = 8

/** A page of 4,096 bytes and its header. */
const FRAME_BYTES = 4_120
