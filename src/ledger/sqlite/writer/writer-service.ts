/** The writer with what belongs to it: its connection, and the chores between two groups. */
import { systemClock } from '../../../clock.ts'
import type { Connection } from '../connection.ts'
import type { PackedAnswers } from '../packed-answers.ts'
import type { PackedGroup } from '../packed-group.ts'
import { SharedCounters } from '../shared-counters.ts'
import type { WriterSettings } from '../writer-channel.ts'
import { Checkpointer, type CheckpointHelper } from './checkpointer.ts'
import { GroupWriter } from './group-writer.ts'

/** One writer; used by one thread. */
export class WriterService {
  readonly #writer: GroupWriter
  readonly #checkpointer: Checkpointer
  #closed = false
  #lastBytes = 0

  constructor(settings: WriterSettings, open: () => Connection, helper?: CheckpointHelper) {
    const { path, counters } = settings
    const clock = systemClock()
    this.#writer = new GroupWriter({
      path,
      open,
      counters: new SharedCounters(counters),
      monotonicMs: () => clock.monotonicMs(),
    })
    this.#checkpointer = new Checkpointer(settings, helper)
  }

  /** Decides groups of writes in one transaction, and answers each group. */
  run(groups: readonly PackedGroup[]): PackedAnswers[] {
    this.#lastBytes = groups.reduce((sum, group) => sum + group.bytes.length, 0)
    return this.#writer.run(groups)
  }

  /** How long the last transaction took to get to the disk, in milliseconds. */
  get commitMs(): number {
    return this.#writer.commitMs
  }

  /** What is due after a group, when its answers are on their way. */
  tidy(): void {
    this.#checkpointer.afterGroup(this.#lastBytes)
  }

  /** Writes a slice of the correlation index; true when nothing is left. */
  index(eventsMax: number): boolean {
    return this.#closed || this.#writer.indexCorrelations(eventsMax)
  }

  /** Closes the connection at once, then what belongs to it. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#writer.close()
    await this.#checkpointer.close()
  }
}
