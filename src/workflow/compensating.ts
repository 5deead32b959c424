/** A compensating workflow written step by step: any number of them, and a pivot that types check. */
import type { CompensatingOptions } from './compensation-options.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import type { Compensator, StepObject } from './compensation-step.ts'
import type { AnyStep, AnyStepObject } from './planned-steps.ts'
import { isOperation, type Operation } from './primitive.ts'

/** A workflow without a step yet; the first one says what it starts with. */
export interface CompensatingStart {
  step<I, N>(
    operation: Operation<I, N>,
    compensation?: Compensator<I, NoInfer<N>> | null,
  ): CompensatingBuilder<I, N>
  step<I, N>(
    name: string,
    operation: Operation<I, N>,
    compensation?: Compensator<I, NoInfer<N>> | null,
  ): CompensatingBuilder<I, N>
  step<I, N>(step: StepObject<I, N>): CompensatingBuilder<I, N>
  /** A point of no return with nothing before it. */
  pivot<I, N>(operation: Operation<I, N>): RetriableBuilder<I, N>
  pivot<I, N>(name: string, operation: Operation<I, N>): RetriableBuilder<I, N>
}

/** A workflow from `I` that has come to an `O`. */
export interface CompensatingBuilder<I, O> {
  /** One step more. Builders are not changed: each call returns another one. */
  step<N>(
    operation: Operation<O, N>,
    compensation?: Compensator<O, NoInfer<N>> | null,
  ): CompensatingBuilder<I, N>
  step<N>(
    name: string,
    operation: Operation<O, N>,
    compensation?: Compensator<O, NoInfer<N>> | null,
  ): CompensatingBuilder<I, N>
  step<N>(step: StepObject<O, N>): CompensatingBuilder<I, N>
  /**
   * The point of no return: once it succeeded nothing is undone any more, and the steps behind it
   * are tried until they succeed.
   */
  pivot<N>(operation: Operation<O, N>): RetriableBuilder<I, N>
  pivot<N>(name: string, operation: Operation<O, N>): RetriableBuilder<I, N>
  /** @throws CodedError `WORKFLOW_INVALID` for settings that make no sense */
  build(): CompensationPrimitive<I, O>
}

/** A workflow behind its pivot: steps have no undo here. */
export interface RetriableBuilder<I, O> {
  step<N>(operation: Operation<O, N>): RetriableBuilder<I, N>
  step<N>(name: string, operation: Operation<O, N>): RetriableBuilder<I, N>
  /** @throws CodedError `WORKFLOW_INVALID` for settings that make no sense */
  build(): CompensationPrimitive<I, O>
}

/** Starts a workflow of this name. */
export function compensating(
  name: string,
  options: Omit<CompensatingOptions, 'name'> = {},
): CompensatingStart {
  // Each method gives the builder with the types that its signature says.
  return new Builder([], { ...options, name }, false) as unknown as CompensatingStart
}

class Builder {
  readonly #steps: readonly AnyStep[]
  readonly #options: CompensatingOptions
  readonly #isBehindPivot: boolean

  constructor(steps: readonly AnyStep[], options: CompensatingOptions, isBehindPivot: boolean) {
    this.#steps = steps
    this.#options = options
    this.#isBehindPivot = isBehindPivot
  }

  step(...written: readonly unknown[]): Builder {
    const step = stepOf(written)
    const mode = this.#isBehindPivot ? 'retriable' : (step.mode ?? 'compensatable')
    return new Builder([...this.#steps, { ...step, mode }], this.#options, this.#isBehindPivot)
  }

  pivot(...written: readonly unknown[]): Builder {
    const steps: readonly AnyStep[] = [...this.#steps, { ...stepOf(written), mode: 'pivot' }]
    return new Builder(steps, this.#options, true)
  }

  build(): CompensationPrimitive<never, unknown> {
    return CompensationPrimitive.fromSteps(this.#steps, this.#options)
  }
}

/** What was written is checked when the workflow is built. */
function stepOf(written: readonly unknown[]): AnyStepObject {
  const [first, second, third] = written
  if (typeof first === 'string') {
    return { name: first, run: second, compensate: third } as AnyStepObject
  }
  const isObject = typeof first === 'object' && first !== null && !isOperation(first)
  return (isObject ? { ...first } : { run: first, compensate: second }) as AnyStepObject
}
