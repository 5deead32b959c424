/**
 * Writes that wait for the writer. They are sent in groups: what is offered in one turn of the event
 * loop goes together, and the writer puts groups together that came while it was busy.
 *
 * 1. Order is kept: writes are decided in the order in which they were offered.
 * 2. The queue is bounded; a write that does not fit is refused, and nothing of it was stored.
 * 3. No writer is idle for longer than a transaction more would cost while writes are waiting.
 * 4. A write that is still waiting can be aborted; one that is on its way is answered.
 * 5. The channel is told when a write is all there is to do.
 */
import { abortError } from '../../abort.ts'
import type { Clock, Nanoseconds } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import { invariant } from '../../invariant.ts'
import { limits } from '../../limits.ts'
import type { Outcome, Write } from '../ledger.ts'
import { type Answer, AnswerReader, type PackedAnswers } from './packed-answers.ts'
import { GroupPacker } from './packed-group.ts'
import type { WriterChannel } from './writer-channel.ts'
import { turn } from '../../turn.ts'

/** Turns answers into outcomes, and finds out what became of writes whose writer is gone. */
export interface Answering {
  outcome(write: Write, answer: Answer, recordedAt: Nanoseconds): Outcome
  afterLoss(write: Write, why: unknown): Outcome
  /** Called once per group, before its writes are answered, with how many they are. */
  decided(writes: number): void
}

type Entry = {
  readonly write: Write
  readonly bytes: number
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
  aborted: boolean
  release: () => void
}

/** Answers given in one turn of the event loop. */
const ANSWERS_PER_TURN = 32

/** Forms groups, sends them, and answers their writes. */
export class CommitQueue {
  readonly #channel: WriterChannel
  readonly #answering: Answering
  readonly #clock: Clock
  readonly #packer = new GroupPacker()
  #entries: Entry[] = []
  #firstAtMs = 0
  #inFlight = 0
  /** When the groups sent so far are answered: answers come in the order of the log. */
  #answered: Promise<void> = Promise.resolve()
  #flushDue = false
  #drained: PromiseWithResolvers<void> | undefined

  constructor(channel: WriterChannel, answering: Answering, clock: Clock) {
    this.#channel = channel
    this.#answering = answering
    this.#clock = clock
  }

  /** Offers a write. */
  offer(write: Write, bytes: number, signal: AbortSignal | undefined): Promise<Outcome> {
    if (this.#entries.length >= limits.ledgerQueueMax) {
      const details = { waiting: this.#entries.length }
      return Promise.reject(codedError('LEDGER_OVERLOADED', { details }))
    }
    return new Promise<Outcome>((resolve, reject) => {
      const entry: Entry = { write, bytes, resolve, reject, aborted: false, release: noop }
      if (signal !== undefined) abortable(entry, signal)
      const nowMs = this.#clock.monotonicMs()
      if (this.#entries.push(entry) === 1) this.#firstAtMs = nowMs
      if (nowMs - this.#firstAtMs > this.#channel.commitMs) this.#flush()
      else this.#flushSoon()
    })
  }

  /** Resolves when everything offered has been answered. */
  async drain(): Promise<void> {
    if (this.#entries.length === 0 && this.#inFlight === 0) return
    this.#drained ??= Promise.withResolvers<void>()
    await this.#drained.promise
  }

  /** Not at once: what is offered in this turn goes together. */
  #flushSoon(): void {
    if (this.#flushDue || this.#inFlight >= limits.groupsInFlightMax) return
    this.#flushDue = true
    queueMicrotask(() => {
      this.#flushDue = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#inFlight < limits.groupsInFlightMax && this.#entries.length > 0) {
      const group = this.#nextGroup()
      if (group.length > 0) void this.#send(group)
    }
    if (this.#inFlight === 0) this.#drained?.resolve()
  }

  #nextGroup(): Entry[] {
    let bytes = 0
    let count = 0
    for (const entry of this.#entries) {
      bytes += entry.bytes
      if (count === limits.writesPerGroupMax) break
      if (count > 0 && bytes > limits.bytesPerGroupMax) break
      count++
    }
    const taken = this.#entries.slice(0, count)
    this.#entries = this.#entries.slice(count)
    for (const entry of taken) entry.release()
    return taken.filter((entry) => !entry.aborted)
  }

  async #send(group: readonly Entry[]): Promise<void> {
    const isAlone = this.#isAlone(group)
    this.#inFlight++
    const writes = group.map((entry) => entry.write)
    const before = this.#answered
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#answered = promise
    try {
      const packed = this.#packer.pack(writes, this.#clock.wall())
      const batches = await this.#channel.submit(packed, isAlone)
      await before
      this.#answering.decided(group.length)
      await this.#answerAll(group, batches)
    } catch (error) {
      await before
      for (const entry of group) {
        settle(entry, () => this.#answering.afterLoss(entry.write, error))
      }
    }
    resolve()
    this.#inFlight--
    this.#flush()
  }

  /** Nothing else waits, and the write is no collection of the work of many. */
  #isAlone(group: readonly Entry[]): boolean {
    const appends = group[0]?.write.appends?.length ?? 0
    return group.length === 1 && appends <= 1 && this.#inFlight === 0 && this.#entries.length === 0
  }

  /**
   * A slice a turn: what the callers of a slice offer next is on its way while those of the next
   * slice are answered. Otherwise all would take turns with the writer, and one would always wait.
   */
  async #answerAll(group: readonly Entry[], batches: PackedAnswers): Promise<void> {
    let index = 0
    for (const batch of batches) {
      const reader = new AnswerReader(batch)
      while (!reader.done) {
        this.#answer(group[index++], reader)
        if (index % ANSWERS_PER_TURN === 0 && !reader.done) await turn()
      }
    }
  }

  #answer(entry: Entry | undefined, reader: AnswerReader): void {
    invariant(entry !== undefined, 'the writer answers no more writes than it was given')
    const answer = reader.next(entry.write.appends?.length ?? 0)
    settle(entry, () => this.#answering.outcome(entry.write, answer, reader.recordedAt))
  }
}

function settle(entry: Entry, outcome: () => Outcome): void {
  try {
    entry.resolve(outcome())
  } catch (error) {
    entry.reject(error)
  }
}

function abortable(entry: Entry, signal: AbortSignal): void {
  const onAbort = (): void => {
    entry.aborted = true
    entry.release()
    entry.reject(abortError(signal))
  }
  signal.addEventListener('abort', onAbort)
  entry.release = () => signal.removeEventListener('abort', onAbort)
}

function noop(): void {}
