/** The way to the writer, wherever it runs. */
import type { PackedAnswers } from './packed-answers.ts'
import type { PackedGroup } from './packed-group.ts'

/** Hands groups to the writer; groups are decided in the order in which they were submitted. */
export interface WriterChannel {
  /**
   * Rejects only when the writer is gone, so that nobody answers any more. `isLone` says that the
   * group is the write of one caller, and that there is nothing else to write: then the caller may
   * be kept waiting a moment for the answer, which is quicker than being told of it.
   */
  submit(group: PackedGroup, isLone: boolean): Promise<PackedAnswers>
  /**
   * What a transaction more would cost, in milliseconds: as long as the last one took to get to the
   * disk. Infinity where the caller does nothing else meanwhile.
   */
  readonly commitMs: number
  /** Resolves when the correlation index has reached what is now the end of the log. */
  indexCorrelations(): Promise<void>
  /** Closes the writer after everything submitted was answered. */
  close(): Promise<void>
}

/** Settings of a writer; plain data, so that they cross to a thread. */
export type WriterSettings = {
  readonly path: string
  /** Pragmas of its connection. */
  readonly pragmas: string
  readonly counters: SharedArrayBuffer
  readonly busyMs: number
}
