/**
 * One request that waits for what its command brings about (design section 6): the scheduler runs
 * the components as ever, the request is told.
 *
 * 1. What is waited for is registered before the scheduler can see the events. What follows from a
 *    part is begun before that part is ended, so that the request never ends too early.
 * 2. It lives in memory only: after a crash, after the deadline, or once the answer is known, the
 *    rest goes on as ASYNC.
 * 3. A request that compensates runs nothing more once a reaction has failed: what is open waits
 *    until the undos are written down, and is skipped then.
 */
import {
  CascadeErrorMode,
  type Projection,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { failedRequest } from './failed-reaction.ts'
import type { OpenPart, ReactionFailure, RunningCommand, StopRequest } from './cascade-parts.ts'

/** What a request waits for: projectors only (SIMPLE), or all that follows (CASCADE). */
export type CascadeScope = 'projectors' | 'everything'

/** A place in a request: how many reactions lie between it and the request's own command. */
export type CascadePart = { readonly cascade: Cascade; readonly depth: number }

/** What came of it. */
export type CascadeOutcome = {
  readonly projections: readonly Projection[]
  /** Failed reactions, when the request goes on in spite of them. */
  readonly failures: readonly ReactionFailure[]
}

/** See the top of this file. */
export class Cascade {
  readonly scope: CascadeScope
  readonly errorMode: CascadeErrorMode
  /** The cascade whose pages are pending until it ends. */
  readonly cascadeId: string | undefined
  /** Resolves when nothing is open any more; rejects with the failure that ends the request. */
  readonly settled: Promise<CascadeOutcome>
  readonly #stop: StopRequest
  readonly #open = new Set<OpenPart>()
  readonly #executed: RunningCommand[] = []
  readonly #projections = new Map<string, Projection>()
  readonly #failures: ReactionFailure[] = []
  #resolve: (outcome: CascadeOutcome) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  #running = 0
  #over = false
  #failure: ReactionFailure | undefined
  #unwinds = false
  readonly #unwound: PromiseWithResolvers<boolean> = Promise.withResolvers<boolean>()

  constructor(options: {
    readonly scope: CascadeScope
    readonly errorMode: CascadeErrorMode
    readonly cascadeId?: string | undefined
    /** Writes down what a request that compensates leaves to be undone. */
    readonly stop: StopRequest
  }) {
    this.scope = options.scope
    this.errorMode = options.errorMode
    this.cascadeId = options.cascadeId
    this.#stop = options.stop
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Nobody may be waiting any more when it fails.
    this.settled.catch(() => undefined)
  }

  /** True once nobody waits any more: the rest goes on as ASYNC. */
  get over(): boolean {
    return this.#over
  }

  /** True for a request that undoes what it has done when a reaction fails. */
  get compensates(): boolean {
    return this.errorMode === CascadeErrorMode.CASCADE_ERROR_COMPENSATE
  }

  /** A part is waited for from now on. */
  begin(part: OpenPart): void {
    if (!this.#over) this.#open.add(part)
  }

  /** A part is done with; harmless when it was ended before. */
  end(part: OpenPart): void {
    if (!this.#open.delete(part) || this.#open.size > 0 || this.#failure !== undefined) return
    this.#finish()
  }

  /**
   * A part is about to run, and `leave` follows; false when it is to be skipped, because the request
   * has been stopped.
   */
  async enter(): Promise<boolean> {
    if (this.#failure !== undefined && (await this.#unwound.promise)) return false
    this.#running++
    return true
  }

  /** It has run. */
  leave(): void {
    this.#running--
    this.#unwindWhenQuiet()
  }

  /** A command of a reaction has been carried out. */
  carriedOut(command: RunningCommand): void {
    if (!this.#over) this.#executed.push(command)
  }

  /** A projector has taken an event in; the last one of each projector counts. */
  projected(projection: Projection): void {
    this.#projections.set(projection.projector, projection)
  }

  /** A reaction has failed, or cannot be waited for. */
  fail(failure: ReactionFailure): void {
    if (this.#over || this.#failure !== undefined) return
    switch (this.errorMode) {
      case CascadeErrorMode.CASCADE_ERROR_CONTINUE:
        this.#failures.push(failure)
        return
      case CascadeErrorMode.CASCADE_ERROR_DEAD_LETTER:
        return
      case CascadeErrorMode.CASCADE_ERROR_COMPENSATE:
        this.#failure = failure
        this.#unwindWhenQuiet()
        return
      case CascadeErrorMode.CASCADE_ERROR_FAIL_FAST:
        this.#failWith(failedRequest(failure))
        return
      default:
        this.#failWith(failedRequest(failure))
    }
  }

  /** Nobody waits any more: the rest goes on as ASYNC. */
  abandon(error: Error): void {
    if (!this.#over) this.#failWith(error)
  }

  #finish(): void {
    this.#over = true
    this.#resolve({ projections: [...this.#projections.values()], failures: this.#failures })
  }

  #failWith(error: Error): void {
    this.#over = true
    this.#open.clear()
    this.#reject(error)
  }

  #unwindWhenQuiet(): void {
    const failure = this.#failure
    if (failure === undefined || this.#running > 0 || this.#over) return
    if (this.#unwinds) return
    this.#unwinds = true
    void this.#unwind(failure)
  }

  async #unwind(failure: ReactionFailure): Promise<void> {
    let skips = false
    try {
      const { cascadeId } = this
      const open = [...this.#open]
      skips = await this.#stop({ failure, open, executed: this.#executed, cascadeId })
    } catch {
      // What could not be written down goes on as ASYNC; the failure is the answer all the same.
    }
    this.#unwound.resolve(skips)
    this.#failWith(failedRequest(failure))
  }
}
