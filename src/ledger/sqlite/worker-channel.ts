/**
 * The writer in a thread of its own, so that waiting for the disk stops nobody's event loop. The
 * thread keeps the process alive only while something is asked of it.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { type CodedError, codedError } from '../../errors.ts'
import { Doorbell } from './doorbell.ts'
import { type PackedAnswers, type PackedError, unpackError } from './packed-answers.ts'
import type { PackedGroup } from './packed-group.ts'
import type { WriterChannel, WriterSettings } from './writer-channel.ts'
import { turn } from '../../turn.ts'

/** What the thread is asked; to open its connection comes first. */
export type WriterRequest =
  | { readonly kind: 'open' }
  /** `alone`: the next one is likely to come as soon as this one is answered. */
  | { readonly kind: 'group'; readonly group: PackedGroup; readonly alone: boolean }
  | { readonly kind: 'index' }
  | { readonly kind: 'close' }

/** What the thread is started with. */
export type WriterStart = {
  readonly settings: WriterSettings
  readonly port: MessagePort
  /** Rings when something is asked, and when something is answered. */
  readonly asked: SharedArrayBuffer
  readonly answered: SharedArrayBuffer
}

/** What the thread answers; the answers to one kind of request come in its order. */
export type WriterReply =
  /** The code of the thread is there; it has opened nothing yet. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'answers'
      readonly groups: readonly PackedAnswers[]
      readonly commitMs: number
    }
  | { readonly kind: 'indexed'; readonly error: PackedError | undefined }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: PackedError }

type Waiting<T> = { readonly resolve: (value: T) => void; readonly reject: (why: unknown) => void }

/** A thread on its way, so that the file can be made ready meanwhile. */
export interface StartingThread {
  /** Opens the connection, when the file is ready. */
  open(): Promise<WriterChannel>
  /** The same without waiting: what is submitted before it is open waits. */
  openNow(): WriterChannel
  /** Resolves when the thread has its code, so that opening takes little. */
  readonly loaded: Promise<void>
  /** Ends a thread that was not opened. */
  abandon(): void
}

/** Starts the thread of a writer. */
export function startThread(settings: WriterSettings): StartingThread {
  const channel = new WorkerChannel(settings)
  return {
    open: () => channel.open(),
    openNow: () => channel.openNow(),
    loaded: channel.loaded,
    abandon: () => channel.abandon(),
  }
}

/** Lone writes in a row that show a caller who writes one after the other. */
const ALONE_AFTER = 8

/** Such a caller is kept waiting unless commits take longer, in milliseconds. */
const QUICK_COMMIT_MS = 1

/** How long it is kept waiting at most, in milliseconds. */
const ALONE_WAIT_MS = 2

/** Milliseconds of commits waited for in a row before the event loop has a turn. */
const WAITS_MS_PER_TURN = 1

class WorkerChannel implements WriterChannel {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #asked: Doorbell
  readonly #answered: Doorbell
  readonly #loading = Promise.withResolvers<void>()
  readonly #opening = Promise.withResolvers<void>()
  readonly #groups: Waiting<PackedAnswers>[] = []
  readonly #indexing: Waiting<void>[] = []
  #closing: PromiseWithResolvers<void> | undefined
  commitMs = 0
  #loneFor = 0
  #waitedMs = 0
  #gone: unknown

  constructor(settings: WriterSettings) {
    const { port1, port2: port } = new MessageChannel()
    const [asked, answered] = [Doorbell.allocate(), Doorbell.allocate()]
    this.#port = port1
    this.#asked = new Doorbell(asked)
    this.#answered = new Doorbell(answered)
    this.#worker = new Worker(WORKER_URL, {
      workerData: { settings, port, asked, answered } satisfies WriterStart,
      transferList: [port],
      name: 'amends-ledger',
      // Flags of the process are meant for its program; some of them no thread can start with.
      execArgv: [],
    })
    this.#port.on('message', (reply: WriterReply) => this.#reply(reply))
    // The worker alone keeps the process alive.
    this.#port.unref()
    this.#worker.on('error', (error) => this.#lose(error))
    this.#worker.on('exit', () => {
      // What it said last may still be on its way: it says why.
      this.#fetch()
      this.#lose(new Error('the thread of the writer has ended'))
    })
  }

  get loaded(): Promise<void> {
    return this.#loading.promise
  }

  async open(): Promise<this> {
    this.#send({ kind: 'open' })
    await this.#opening.promise
    return this
  }

  openNow(): this {
    this.open().catch(() => undefined)
    return this
  }

  abandon(): void {
    this.#opening.promise.catch(() => undefined)
    void this.#worker.terminate()
  }

  async submit(group: PackedGroup, isLone: boolean): Promise<PackedAnswers> {
    this.#loneFor = isLone ? this.#loneFor + 1 : 0
    const alone = this.#loneFor > ALONE_AFTER && this.commitMs < QUICK_COMMIT_MS
    const request: WriterRequest = { kind: 'group', group, alone }
    if (alone) this.#answered.listen()
    const answer = this.#ask(this.#groups, request, [group.bytes.buffer])
    if (!alone) return answer
    // An event loop that sleeps meanwhile is woken more slowly than the disk answers.
    if (this.#answered.sleep(ALONE_WAIT_MS)) this.#fetch()
    const answers = await answer
    this.#waitedMs += this.commitMs
    if (this.#waitedMs >= WAITS_MS_PER_TURN) {
      this.#waitedMs = 0
      await turn()
    }
    return answers
  }

  indexCorrelations(): Promise<void> {
    return this.#ask(this.#indexing, { kind: 'index' })
  }

  async close(): Promise<void> {
    if (this.#gone !== undefined) return
    this.#closing ??= Promise.withResolvers<void>()
    this.#worker.ref()
    this.#send({ kind: 'close' })
    await this.#closing.promise
  }

  #ask<T>(queue: Waiting<T>[], request: WriterRequest, transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone)
    if (this.#groups.length + this.#indexing.length === 0) this.#worker.ref()
    return new Promise<T>((resolve, reject) => {
      queue.push({ resolve, reject })
      this.#send(request, transfer)
    })
  }

  #send(request: WriterRequest, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(request, transfer)
    this.#asked.ring()
  }

  /** Takes replies that are there, before the event loop brings them. */
  #fetch(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port)
      if (received === undefined) return
      // Nobody but the thread sends here.
      this.#reply(received.message as WriterReply)
    }
  }

  #reply(reply: WriterReply): void {
    switch (reply.kind) {
      case 'loaded':
        this.#loading.resolve()
        break
      case 'ready':
        this.#opening.resolve()
        break
      case 'answers':
        this.commitMs = reply.commitMs
        for (const answers of reply.groups) this.#groups.shift()?.resolve(answers)
        break
      case 'indexed':
        if (reply.error === undefined) this.#indexing.shift()?.resolve()
        else this.#indexing.shift()?.reject(unpackError(reply.error))
        break
      case 'closed':
        break
      case 'failed':
        this.#lose(unpackError(reply.error))
        break
      default:
        reply satisfies never
    }
    const busy = this.#groups.length + this.#indexing.length > 0 || this.#closing !== undefined
    if (!busy) this.#worker.unref()
  }

  #lose(why: CodedError | Error): void {
    if (this.#gone !== undefined) return
    this.#gone = why
    this.#loading.reject(why)
    this.#loading.promise.catch(() => undefined)
    this.#opening.reject(why)
    for (const waiting of this.#groups.splice(0)) waiting.reject(why)
    const closed = codedError('LEDGER_CLOSED', { cause: why })
    for (const waiting of this.#indexing.splice(0)) waiting.reject(closed)
    this.#closing?.resolve()
  }
}

/** Beside this file, whether it runs compiled or as it is. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './ledger-worker.ts' : './ledger-worker.js',
  import.meta.url,
)
