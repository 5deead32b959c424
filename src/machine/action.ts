/**
 * What is to be done now. Actions follow from the state alone, so that after a crash the same ones
 * come out again; a runner performs each once per process, by its key.
 *
 * 1. `prepare`, `choose`, `receive` and `probe` change nothing in the world: they are performed before the
 *    entries decided so far are on disk, and again when those are lost.
 * 2. Everything else is performed only when the entry that begins it is on disk.
 */
import type { Nanoseconds } from '../clock.ts'
import type { Path } from './definition.ts'
import type { Direction, Failure, Request } from './journal.ts'

/** One action. `key` tells it from every other of the execution, over all times. */
export type Action = { readonly key: string } & (
  | {
      readonly kind: 'prepare'
      readonly path: Path
      readonly direction: Direction
      readonly value: unknown
    }
  | { readonly kind: 'choose'; readonly path: Path; readonly value: unknown }
  /** Calls the operation of a step. */
  | {
      readonly kind: 'run'
      readonly path: Path
      readonly attempt: number
      readonly value: unknown
      /** An attempt before this one may have happened. */
      readonly isAgain: boolean
    }
  /** Sends a request, forward or backward; sending it again is safe. */
  | {
      readonly kind: 'send'
      readonly path: Path
      readonly direction: Direction
      readonly attempt: number
      readonly request: Request
      /** What the step got: what handles the reply is given it again. */
      readonly value: unknown
    }
  /** Makes what a `signal` step leaves of the signal it got. */
  | {
      readonly kind: 'receive'
      readonly path: Path
      readonly attempt: number
      readonly value: unknown
      readonly data: unknown
    }
  | {
      readonly kind: 'probe'
      readonly path: Path
      readonly attempt: number
      readonly value: unknown
    }
  /** Starts the execution of a step, or asks it to undo itself. */
  | {
      readonly kind: 'child'
      readonly path: Path
      readonly direction: Direction
      readonly attempt: number
      readonly definition: string
      readonly value: unknown
    }
  | {
      readonly kind: 'undo'
      readonly path: Path
      readonly attempt: number
      /** The step's own undo, the one for an unknown outcome, or one registered by its name. */
      readonly undo: 'own' | 'unknown' | { readonly name: string; readonly data: unknown }
      /** What the undo takes: the output of its step, or the latest context. */
      readonly value: unknown
      /** What the step got. */
      readonly input: unknown
      readonly failure: Failure | undefined
      readonly isAgain: boolean
      /** What the undo is known by, after the path of its step: `undo`, `undo:release#0`. */
      readonly part: string
    }
  /** Cancels what a step is doing: its time is up, or a sibling failed. */
  | {
      readonly kind: 'abort'
      readonly path: Path
      readonly attempt: number
      readonly why: AbortWhy
    }
  /** Tells the machine the time then; the earliest one suffices. */
  | { readonly kind: 'wake'; readonly at: Nanoseconds }
)

/** Why a running operation is told to stop. */
export type AbortWhy = 'timeout' | 'deadline' | 'cancelled' | 'sibling-failed'
