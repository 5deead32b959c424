/** What the machine is told: everything it decides upon comes in here. */
import type { Nanoseconds } from '../clock.ts'
import type { Path } from './definition.ts'
import type { Backward, Direction, Failure, Forward, ParentLink, Request, Verb } from './journal.ts'

/** One input, with the time and the randomness it is decided with. */
export type Input = Told & {
  readonly at: Nanoseconds
  /** A number from 0 up to 1, for the jitter of pauses. */
  readonly random: number
}

/** What one input says. Inputs that come twice, or too late, decide nothing. */
export type Told =
  | {
      readonly kind: 'start'
      readonly id: string
      readonly fingerprint: string
      readonly value: unknown
      readonly correlationId: string
      readonly parent?: ParentLink | undefined
    }
  /** A request was built; without one there is nothing to send, and the step is done. */
  | {
      readonly kind: 'prepared'
      readonly path: Path
      readonly direction: Direction
      readonly request: Request | undefined
    }
  | {
      readonly kind: 'prepare-failed'
      readonly path: Path
      readonly direction: Direction
      readonly failure: Failure
    }
  /** See `chosen` of the journal. */
  | { readonly kind: 'chosen'; readonly path: Path; readonly branch: number }
  | { readonly kind: 'choice-failed'; readonly path: Path; readonly failure: Failure }
  /** The outcome of a forward attempt; `value` is what the step leaves. */
  | {
      readonly kind: 'succeeded'
      readonly path: Path
      readonly attempt: number
      readonly value: unknown
      readonly services?: readonly string[] | undefined
    }
  | {
      readonly kind: 'failed'
      readonly path: Path
      readonly attempt: number
      readonly failure: Failure
      /** The operation happened all the same: what handled its result threw. */
      readonly happened?: boolean | undefined
      readonly services?: readonly string[] | undefined
    }
  | {
      readonly kind: 'probed'
      readonly path: Path
      readonly attempt: number
      readonly found: 'happened' | 'did-not-happen' | 'unknown'
      /** What the step left, when it happened. */
      readonly value?: unknown
    }
  /** The outcome of an undo; `value` replaces the context when given. */
  | {
      readonly kind: 'undone'
      readonly path: Path
      readonly attempt: number
      readonly value?: unknown
    }
  | {
      readonly kind: 'undo-failed'
      readonly path: Path
      readonly attempt: number
      readonly failure: Failure
    }
  | {
      readonly kind: 'undo-added'
      readonly path: Path
      readonly name: string
      readonly data: unknown
    }
  | { readonly kind: 'signal'; readonly signal: string; readonly data: unknown }
  /** A timer of the machine is due; it finds out itself which. */
  | { readonly kind: 'time' }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'compensate'; readonly reason: string }
  /** The execution a step started has ended, or its end has changed. */
  | {
      readonly kind: 'child'
      readonly path: Path
      readonly forward: Forward
      readonly backward: Backward
      readonly value: unknown
      readonly failure?: Failure | undefined
    }
  | {
      readonly kind: 'resolve'
      readonly path: Path
      readonly verb: Verb
      readonly by: string
      readonly reason: string
      readonly data?: unknown
      readonly undo?: string | undefined
      /** Which of the undos that were added; without it the node's own, or the first that waits. */
      readonly added?: number | undefined
    }
