/**
 * A writer that begins in the calling thread and moves to one of its own when that pays.
 *
 * 1. It stays while one caller writes after the other and the disk is quick: then a commit takes
 *    less time than telling another thread of it. A process that writes little never starts one.
 * 2. It moves when writes come together, or when the disk keeps the event loop waiting. Commits go
 *    on here until the thread has loaded its code. It does not move back.
 * 3. There is one writer at any time: the connection here is closed before the one there is opened.
 */
import { limits } from '../../limits.ts'
import { type Connection, openDatabase } from './connection.ts'
import type { PackedAnswers } from './packed-answers.ts'
import type { PackedGroup } from './packed-group.ts'
import type { StartingThread } from './worker-channel.ts'
import type { WriterChannel, WriterSettings } from './writer-channel.ts'
import { WriterService } from './writer/writer-service.ts'
import { turn } from '../../turn.ts'

/** What writes of many, or a slow commit, weigh against those that are neither. */
const WEIGHT = 8

/** It moves when so many of the heavy ones come in a row, or more than one in nine over a time. */
const WEIGHT_TO_MOVE = 6 * WEIGHT

/** A commit that takes longer, in milliseconds, is a slow one. */
const SLOW_COMMIT_MS = 1

/** Milliseconds of commits in a row before the event loop has a turn. */
const COMMITS_MS_PER_TURN = 1

/** Quiet for that long, it sees to the correlation index. */
const IDLE_MS = 20

/**
 * Opens a writer here.
 *
 * @throws what SQLite throws when the file cannot be opened
 */
export function movingChannel(
  settings: WriterSettings,
  slowCommitMs: number = SLOW_COMMIT_MS,
): WriterChannel {
  return new MovingChannel(settings, slowCommitMs)
}

class MovingChannel implements WriterChannel {
  readonly #settings: WriterSettings
  readonly #slowCommitMs: number
  readonly #idle: NodeJS.Timeout
  #here: WriterService | undefined
  #isMoving = false
  #starting: StartingThread | undefined
  #there: WriterChannel | undefined
  #weight = 0
  #sinceTurnMs = 0

  constructor(settings: WriterSettings, slowCommitMs: number) {
    this.#slowCommitMs = slowCommitMs
    const { path, busyMs, pragmas } = settings
    this.#settings = settings
    const open = (): Connection => openDatabase(path, { busyMs, pragmas })
    // Without help: a thread that copies slows the commits of a lone caller more than copying does.
    this.#here = new WriterService(settings, open)
    this.#idle = setTimeout(() => this.#indexWhenIdle(), IDLE_MS).unref()
  }

  get commitMs(): number {
    return this.#there?.commitMs ?? Infinity
  }

  async submit(group: PackedGroup, isLone: boolean): Promise<PackedAnswers> {
    const here = this.#here
    if (here === undefined) return this.#moved().submit(group, isLone)
    const [answers] = here.run([group])
    here.tidy()
    this.#idle.refresh()
    const isHeavy = !isLone || here.commitMs > this.#slowCommitMs
    this.#weight = isHeavy ? this.#weight + WEIGHT : Math.max(0, this.#weight - 1)
    if (this.#weight >= WEIGHT_TO_MOVE && !this.#isMoving) void this.#start()
    this.#sinceTurnMs += here.commitMs
    if (this.#sinceTurnMs >= COMMITS_MS_PER_TURN) {
      this.#sinceTurnMs = 0
      await turn()
    }
    return answers ?? []
  }

  async indexCorrelations(): Promise<void> {
    while (this.#here?.index(limits.eventsPerReadMax) === false) await turn()
    await this.#there?.indexCorrelations()
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    if (this.#there === undefined) this.#starting?.abandon()
    const here = this.#here
    this.#here = undefined
    await here?.close()
    await this.#there?.close()
  }

  async #start(): Promise<void> {
    this.#isMoving = true
    const { startThread } = await import('./worker-channel.ts')
    if (this.#here === undefined) return
    this.#starting = startThread(this.#settings)
    try {
      await this.#starting.loaded
      this.#move(this.#starting)
    } catch {
      // Without a thread it goes on here.
    }
  }

  #move(starting: StartingThread): void {
    const here = this.#here
    if (here === undefined) return
    this.#here = undefined
    clearTimeout(this.#idle)
    // Closed at once: only help for it would have to be waited for.
    here.close().catch(() => undefined)
    this.#there = starting.openNow()
  }

  #moved(): WriterChannel {
    if (this.#there === undefined) throw new Error('the writer is neither here nor there')
    return this.#there
  }

  #indexWhenIdle(): void {
    try {
      if (this.#here?.index(limits.eventsPerReadMax) === false) this.#idle.refresh()
    } catch {
      // Whoever asks for the index is told; nobody waits for it now.
    }
  }
}
