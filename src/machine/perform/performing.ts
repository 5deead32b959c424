/** What performing needs beside the action: whose it is, and how the runner is reached. */
import type { Clock } from '../../clock.ts'
import type { Watching } from '../../telemetry/watching.ts'
import type { Action } from '../action.ts'
import type { CallInfo, Executable } from '../bindings.ts'
import type { Path } from '../definition.ts'
import type { Told } from '../input.ts'
import type { StopSignal } from './stop-signal.ts'

/** Actions that call something of the author; the others are carried out by the runner. */
export type LocalAction = Extract<
  Action,
  { readonly kind: 'prepare' | 'choose' | 'run' | 'receive' | 'probe' | 'undo' }
>

/** See the top of this file. */
export type Performing = {
  readonly executable: Executable
  readonly executionId: string
  readonly correlationId: string
  readonly clock: Clock
  /** What watches the execution; handed to whatever is called. Default: nobody. */
  readonly watching?: Watching | undefined
  /** Registers an undo: resolves when it is journalled, rejects when it cannot be. */
  readonly addCompensation: (path: Path, name: string, data: unknown) => Promise<void>
  /**
   * Stops what runs, when the machine says so. Heeded by `run` and `probe`; undos are shielded.
   * Default: nobody stops it but its own timeout.
   */
  readonly stop?: StopSignal | undefined
  /** Milliseconds for one attempt of an undo whose step does not say. Default: no bound. */
  readonly undoTimeoutMs?: number | undefined
  /** Hears the outcome of an operation that had been given up. Default: nobody does. */
  readonly onLate?: ((told: Told) => void) | undefined
}

/** Milliseconds after which an operation that does not heed its abort is given up. */
export const ABANDON_AFTER_MS = 30_000

/** What calls that are no attempts are told. */
export function callInfo(performing: Performing, path: Path): CallInfo {
  const { executionId, correlationId, watching } = performing
  return watching === undefined
    ? { executionId, correlationId, path }
    : { executionId, correlationId, path, watching }
}
