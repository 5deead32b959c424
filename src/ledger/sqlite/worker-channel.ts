/**
 * The writer in a thread of its own, so that waiting for the disk stops nobody's event loop. The
 * thread keeps the process alive only while something is asked of it.
 */
import { Worker } from 'node:worker_threads'
import { type CodedError, codedError } from '../../errors.ts'
import { type PackedAnswers, type PackedError, unpackError } from './packed-answers.ts'
import type { PackedGroup } from './packed-group.ts'
import type { WriterChannel, WriterSettings } from './writer-channel.ts'

/** What the thread is asked; to open its connection comes first. */
export type WriterRequest =
  | { readonly kind: 'open' }
  | { readonly kind: 'group'; readonly group: PackedGroup }
  | { readonly kind: 'index' }
  | { readonly kind: 'close' }

/** What the thread answers; the answers to one kind of request come in its order. */
export type WriterReply =
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
  /** Ends a thread that was not opened. */
  abandon(): void
}

/** Starts the thread of a writer. */
export function startThread(settings: WriterSettings): StartingThread {
  const channel = new WorkerChannel(settings)
  return { open: () => channel.open(), abandon: () => channel.abandon() }
}

class WorkerChannel implements WriterChannel {
  readonly #worker: Worker
  readonly #opening = Promise.withResolvers<void>()
  readonly #groups: Waiting<PackedAnswers>[] = []
  readonly #indexing: Waiting<void>[] = []
  #closing: PromiseWithResolvers<void> | undefined
  commitMs = 0
  #gone: unknown

  constructor(settings: WriterSettings) {
    this.#worker = new Worker(WORKER_URL, {
      workerData: settings,
      name: 'amends-ledger',
      // Flags of the process are meant for its program; some of them no thread can start with.
      execArgv: [],
    })
    this.#worker.on('message', (reply: WriterReply) => this.#reply(reply))
    this.#worker.on('error', (error) => this.#lose(error))
    this.#worker.on('exit', () => this.#lose(new Error('the thread of the writer has ended')))
  }

  async open(): Promise<this> {
    this.#worker.postMessage({ kind: 'open' } satisfies WriterRequest)
    await this.#opening.promise
    return this
  }

  abandon(): void {
    this.#opening.promise.catch(() => undefined)
    void this.#worker.terminate()
  }

  submit(group: PackedGroup): Promise<PackedAnswers> {
    const request: WriterRequest = { kind: 'group', group }
    return this.#ask(this.#groups, request, [group.bytes.buffer])
  }

  indexCorrelations(): Promise<void> {
    return this.#ask(this.#indexing, { kind: 'index' })
  }

  async close(): Promise<void> {
    if (this.#gone !== undefined) return
    this.#closing ??= Promise.withResolvers<void>()
    this.#worker.ref()
    this.#worker.postMessage({ kind: 'close' } satisfies WriterRequest)
    await this.#closing.promise
  }

  #ask<T>(queue: Waiting<T>[], request: WriterRequest, transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone)
    if (this.#groups.length + this.#indexing.length === 0) this.#worker.ref()
    return new Promise<T>((resolve, reject) => {
      queue.push({ resolve, reject })
      this.#worker.postMessage(request, transfer)
    })
  }

  #reply(reply: WriterReply): void {
    switch (reply.kind) {
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
