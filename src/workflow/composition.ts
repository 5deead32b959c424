/**
 * What a primitive is made of, for those that compile to nodes of the saga machine when a
 * compensation is somewhere inside them. Every other primitive is one operation to the machine.
 */
import type { RetryPolicy, StepMode } from '../machine/definition.ts'
import type { CompensatingOptions } from './compensation-options.ts'
import type { Compensator, FailedStepUndo } from './compensation-step.ts'
import type { BranchCondition } from './branch-condition.ts'
import { type Operation, wrappedBy } from './primitive.ts'

/** What a primitive is made of. */
export type Composition =
  | {
      readonly kind: 'compensating'
      readonly name: string
      readonly steps: readonly PlannedStep[]
      readonly options: CompensatingOptions
    }
  | { readonly kind: 'sequence'; readonly name: string; readonly operations: AnyOperations }
  | {
      readonly kind: 'parallel'
      readonly name: string
      readonly operations: AnyOperations
      readonly failFast: boolean
    }
  | {
      readonly kind: 'conditional'
      readonly name: string
      readonly condition: BranchCondition<never>
      readonly operations: AnyOperations
    }

/** Operations whose types have been checked where they were put together. */
export type AnyOperations = readonly Operation<never, unknown>[]

/** A step of a compensating workflow, whatever form it was written in. */
export type PlannedStep = {
  readonly name: string
  readonly run: Operation<never, unknown>
  readonly compensate: Compensator<never, never> | undefined
  readonly undoUnknown: FailedStepUndo<never> | undefined
  readonly compensateWhenFailed: FailedStepUndo<never> | undefined
  readonly mode: StepMode
  readonly atMostOnce: boolean
  readonly retry: RetryPolicy | undefined
  readonly timeoutMs: number | undefined
  readonly compensationRetry: RetryPolicy | undefined
  readonly compensationTimeoutMs: number | undefined
}

/** Notes what a primitive is made of. */
export function noteComposition(primitive: object, composition: Composition): void {
  compositions.set(primitive, composition)
}

/** What an operation is made of; `undefined` for what is one operation. */
export function compositionOf(operation: object): Composition | undefined {
  return compositions.get(operation)
}

/** Whether a compensation is somewhere inside, also where only the primitive around it knows. */
export function holdsCompensation(operation: Operation<never, unknown>): boolean {
  const known = holding.get(operation)
  if (known !== undefined) return known
  const holds =
    compositionOf(operation)?.kind === 'compensating' ||
    wrappedBy(operation).some(holdsCompensation)
  holding.set(operation, holds)
  return holds
}

const holding = new WeakMap<object, boolean>()
const compositions = new WeakMap<object, Composition>()
