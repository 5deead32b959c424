/** One attempt of a step, or of an undo, while it runs in memory: its signal, its time, its end. */
import type { Clock, Timer } from '../clock.ts'
import { LONGEST_TIMER_MS } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Awaitable } from '../machine/bindings.ts'
import type { StepHandle, UndoFunction } from './workflow-context.ts'

/** What an attempt needs of the run it belongs to. */
export type AttemptOwner = {
  readonly clock: Clock
  idempotencyKey(path: string, part: string): string
  /** Registers another undo for the step of this path. */
  addUndo(path: string, undo: string | UndoFunction, data: unknown): void
  abandoned(name: string): void
}

/** See above. */
export class StepAttempt implements StepHandle {
  readonly attempt: number
  readonly undoesInner: boolean
  readonly path: string
  readonly startedMs: number
  readonly #owner: AttemptOwner
  readonly #part: string
  #controller: AbortController | undefined
  #timers: Timer[] | undefined
  /** Why it was told to stop, once it was. */
  stopped: { readonly reason: unknown } | undefined
  hasEnded = false

  /** @param part empty for the step itself, else what its undo is known by */
  constructor(
    owner: AttemptOwner,
    place: {
      readonly path: string
      readonly attempt: number
      readonly part: string
      readonly undoesInner: boolean
      readonly startedMs: number
    },
  ) {
    this.#owner = owner
    this.path = place.path
    this.attempt = place.attempt
    this.undoesInner = place.undoesInner
    this.startedMs = place.startedMs
    this.#part = place.part
  }

  /** Whether it is an attempt to undo. */
  get isUndo(): boolean {
    return this.#part !== ''
  }
  get idempotencyKey(): string {
    return this.#owner.idempotencyKey(this.path, this.#part)
  }

  signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.stopped !== undefined) this.#controller.abort(this.stopped.reason)
    }
    return this.#controller.signal
  }

  isAborted(): boolean {
    return this.stopped !== undefined
  }

  addCompensation(undo: string | UndoFunction, data: unknown): Awaitable<void> {
    if (this.hasEnded || this.#part !== '') {
      throw codedError('COMPENSATION_UNAVAILABLE', {
        details: { step: this.path },
        hint: 'register undos while the operation runs',
      })
    }
    this.#owner.addUndo(this.path, undo, data)
  }

  abandon(name: string): void {
    this.#owner.abandoned(name)
  }

  /** Tells it to stop; the first reason stays. */
  stop(reason: unknown): void {
    if (this.stopped !== undefined || this.hasEnded) return
    this.stopped = { reason }
    this.#controller?.abort(reason)
  }

  /** Calls back after a time, unless it has ended by then. */
  after(delayMs: number, callback: () => void): void {
    const partMs = Math.min(delayMs, LONGEST_TIMER_MS)
    const fire = (): void => {
      if (this.hasEnded) return
      if (delayMs > partMs) this.after(delayMs - partMs, callback)
      else callback()
    }
    this.#timers ??= []
    this.#timers.push(this.#owner.clock.after(partMs, fire))
  }

  /** It has ended, or is left behind; false when that was known. */
  end(): boolean {
    if (this.hasEnded) return false
    this.hasEnded = true
    this.#timers?.forEach((timer) => timer.cancel())
    return true
  }
}
