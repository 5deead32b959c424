/**
 * Copies the write-ahead log back into the file, on a connection of its own and between two groups,
 * never inside a commit.
 */
import { limits } from '../../../limits.ts'
import { type Connection, openDatabase, query, type Statement } from '../connection.ts'
import type { WriterSettings } from '../writer-channel.ts'

type Progress = readonly [busy: number, frames: number, copied: number]

/** Checkpoints when the log has grown. */
export class Checkpointer {
  readonly #connection: Connection
  readonly #look: Statement<Progress>
  readonly #checkpoint: Statement<Progress>

  constructor(settings: WriterSettings) {
    const { path, busyMs } = settings
    this.#connection = openDatabase(path, { busyMs, pragmas: 'PRAGMA synchronous = FULL' })
    this.#look = query(this.#connection, 'PRAGMA wal_checkpoint(NOOP)')
    this.#checkpoint = query(this.#connection, 'PRAGMA wal_checkpoint(PASSIVE)')
  }

  /** Copies if there is enough to copy. A failure is no loss: the log still has everything. */
  run(): void {
    try {
      const [, frames, copied] = this.#look.get() ?? [0, 0, 0]
      if ((frames - copied) * FRAME_BYTES >= limits.walBytesPerCheckpoint) this.#checkpoint.get()
    } catch {
      // The next group tries again, and the log grows meanwhile.
    }
  }

  close(): void {
    this.#connection.close()
  }
}

/** A page of 4,096 bytes and its header. */
const FRAME_BYTES = 4_120
