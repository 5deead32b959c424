/** One attempt of a step, or of an undo, while it runs in memory, as its context sees it. */
import { codedError } from '../errors.ts'
import type { Action } from '../machine/action.ts'
import type { Awaitable } from '../awaitable.ts'
import { operationKey, undoKey } from '../machine/idempotency-key.ts'
import { StopSignal } from '../machine/perform/stop-signal.ts'
import type { CompiledStep } from './compile.ts'
import type { StepHandle, UndoFunction } from './workflow-context.ts'

/** What an attempt is made for. */
export type AttemptAction = Extract<Action, { readonly kind: 'run' | 'undo' }>

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
  readonly step: CompiledStep
  readonly startedMs: number
  /** Whether it is an attempt to undo. */
  readonly isUndo: boolean
  readonly #owner: AttemptOwner
  /** What the undo is known by. */
  readonly #part: string
  hasEnded = false
  /** What it waits for, of an attempt without a time of its own. */
  pending: Promise<unknown> | undefined

  constructor(owner: AttemptOwner, step: CompiledStep, action: AttemptAction, startedMs: number) {
    super()
    this.#owner = owner
    this.path = action.path
    this.attempt = action.attempt
    this.step = step
    this.startedMs = startedMs
    this.isUndo = action.kind === 'undo'
    this.#part = action.kind === 'undo' ? action.part : ''
    this.pending = undefined
  }

  get undoesInner(): boolean {
    return this.step.planned.compensate === undefined
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
