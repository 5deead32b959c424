/** One attempt of a step, or of an undo, while it runs in memory, as its context sees it. */
import { codedError } from '../errors.ts'
import type { Awaitable } from '../machine/bindings.ts'
import { operationKey, undoKey } from '../machine/idempotency-key.ts'
import { StopSignal } from '../machine/perform/stop-signal.ts'
import type { StepHandle, UndoFunction } from './workflow-context.ts'

/** What an attempt needs of the run it belongs to. */
export type AttemptOwner = {
  /** Names the run; made when it is asked for. */
  readonly id: string
  /** Registers another undo for the step of this path. */
  addUndo(path: string, undo: string | UndoFunction, data: unknown): void
  abandoned(name: string): void
}

/** See above. */
export class StepAttempt extends StopSignal implements StepHandle {
  readonly path: string
  readonly attempt: number
  readonly undoesInner: boolean
  readonly startedMs: number
  readonly #owner: AttemptOwner
  readonly #part: string
  hasEnded = false

  /** @param place `part` is empty for the step itself, else what its undo is known by */
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
    super()
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
    const { id } = this.#owner
    return this.isUndo ? undoKey(id, this.path, this.#part) : operationKey(id, this.path)
  }

  addCompensation(undo: string | UndoFunction, data: unknown): Awaitable<void> {
    if (this.hasEnded || this.isUndo) {
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
}
