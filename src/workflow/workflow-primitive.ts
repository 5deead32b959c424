/**
 * The base classes of primitives, and the two that their methods make: one after the other, and side
 * by side. TTA.dev's WorkflowPrimitive (`>>` is `pipe`, `|` is `and`), SequentialPrimitive and
 * ParallelPrimitive.
 *
 * 1. Composing makes a new primitive; the parts stay as they are.
 * 2. Compositions of one kind are flat: `a.pipe(b).pipe(c)` and `a.pipe(b.pipe(c))` have three parts.
 * 3. A composition with a compensation inside runs on the saga machine, so that its parts unwind
 *    together.
 */
import { codedError } from '../errors.ts'
import type { MetricsRegistry } from '../telemetry/metrics-registry.ts'
import { holdsCompensation, noteComposition } from './composition.ts'
import { type ExecutionSeries, executionSeries } from './execution-metrics.ts'
import { linkedController } from './linked-controller.ts'
import {
  checkOperation,
  noteWrapped,
  type Operation,
  type Primitive,
  runOperation,
} from './primitive.ts'
import { executeInMemory } from './run-in-memory.ts'
import { settledWithin } from './settled-within.ts'
import { traced } from './traced.ts'
import { WorkflowContext } from './workflow-context.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** A primitive of your own: give it an `execute`. */
export abstract class WorkflowPrimitive<I, O> implements Primitive<I, O> {
  readonly name: string

  /** @param name default: the name of the class */
  constructor(name?: string) {
    this.name = name ?? new.target.name
  }

  abstract execute(input: I, context?: WorkflowContext): Promise<O>

  /** This, then another one with what this returns. TTA.dev's `>>`. */
  pipe<N>(next: Operation<O, N>): SequentialPrimitive<I, N> {
    return SequentialPrimitive.of<I, N>([...partsOf(this), ...partsOf(next)])
  }

  /**
   * This and another one side by side, each with the same input. TTA.dev's `|`. On a parallel
   * primitive it adds a branch: `a.and(b).and(c)` returns three results.
   */
  and<N>(
    other: Operation<I, N>,
  ): ParallelPrimitive<I, this extends ParallelPrimitive<I, infer T> ? [...T, N] : [O, N]> {
    return this instanceof ParallelPrimitive
      ? ParallelPrimitive.of([...this.operations, other], this.options)
      : ParallelPrimitive.of([this, other])
  }
}

/**
 * A primitive of your own that is observed: give it a `run`. Each execution has the span
 * `primitive.<name>`, two checkpoints, and counts in `primitive_executions_total` and
 * `primitive_duration_seconds`.
 */
export abstract class InstrumentedPrimitive<I, O> extends WorkflowPrimitive<I, O> {
  #series: { readonly metrics: MetricsRegistry; readonly series: ExecutionSeries } | undefined

  async execute(input: I, context: WorkflowContext = new WorkflowContext()): Promise<O> {
    const series = this.#seriesOf(context.telemetry.metrics)
    const startedMs = context.clock.monotonicMs()
    let outcome: 'completed' | 'failed' = 'failed'
    try {
      const output = await traced(
        context,
        `primitive.${this.name}`,
        () => ({ ...context.toOtelAttributes(), 'primitive.name': this.name }),
        (within) => this.run(input, within),
      )
      outcome = 'completed'
      return output
    } finally {
      series[outcome].add()
      series.seconds.observe((context.clock.monotonicMs() - startedMs) / 1_000)
    }
  }

  protected abstract run(input: I, context: WorkflowContext): O | PromiseLike<O>

  #seriesOf(metrics: MetricsRegistry): ExecutionSeries {
    if (this.#series?.metrics !== metrics) {
      this.#series = { metrics, series: executionSeries(metrics, this.name) }
    }
    return this.#series.series
  }
}

/** Operations one after the other, each with what the one before returned. */
export class SequentialPrimitive<I, O> extends InstrumentedPrimitive<I, O> {
  readonly #operations: readonly Operation<never, unknown>[]

  /**
   * The neighbours' types are checked by `sequential` and `pipe`; this takes what they made.
   *
   * @throws CodedError `WORKFLOW_INVALID` for an empty list, or what is no operation
   */
  constructor(operations: readonly Operation<never, unknown>[], name?: string) {
    super(name ?? 'SequentialPrimitive')
    checkList('operations', operations)
    this.#operations = operations.flatMap((each) => partsOf(each))
    noteWrapped(this, this.#operations)
    noteComposition(this, { kind: 'sequence', name: this.name, operations: this.#operations })
  }

  /** A sequence whose neighbours were checked before. */
  static of<I, O>(operations: readonly Operation<never, unknown>[]): SequentialPrimitive<I, O> {
    return new SequentialPrimitive<I, O>(operations)
  }

  /** The operations, in order. */
  get operations(): readonly Operation<never, unknown>[] {
    return this.#operations
  }
  override execute(input: I, context: WorkflowContext = new WorkflowContext()): Promise<O> {
    if (holdsCompensation(this)) return executeInMemory<I, O>(this, input, context)
    return super.execute(input, context)
  }

  protected override async run(input: I, context: WorkflowContext): Promise<O> {
    let value: unknown = input
    for (const [i, operation] of this.#operations.entries()) {
      if (context.isAborted) throw abortReason(context)
      const attributes = { 'step.index': i, 'step.total_steps': this.#operations.length }
      // Neighbours fit together: `sequential` and `pipe` have checked it.
      value = await traced(
        context,
        `sequential.step_${i}`,
        () => attributes,
        (within) => runOperation(operation, value as never, within),
      )
    }
    return value as O
  }
}

/** How branches are run. */
export type ParallelOptions = {
  readonly name?: string | undefined
  /**
   * Whether the first failure aborts the other branches; they are waited for in any case. Default:
   * true.
   */
  readonly failFast?: boolean | undefined
  /** Milliseconds that an aborted branch gets to end before it is left behind. Default: 30,000. */
  readonly abandonAfterMs?: number | undefined
}

/** Operations side by side, each with the same input; what they return, in the order declared. */
export class ParallelPrimitive<I, T extends readonly unknown[]> extends InstrumentedPrimitive<
  I,
  T
> {
  readonly #operations: readonly Operation<never, unknown>[]
  readonly options: ParallelOptions

  /** @throws CodedError `WORKFLOW_INVALID` for an empty list, or what is no operation */
  constructor(
    operations: { readonly [K in keyof T]: Operation<I, T[K]> },
    options: ParallelOptions = {},
  ) {
    super(options.name ?? 'ParallelPrimitive')
    const list = operations as unknown as readonly Operation<never, unknown>[] // a mapped tuple
    checkList('operations', list)
    this.#operations = [...list]
    this.options = options
    noteWrapped(this, this.#operations)
    noteComposition(this, {
      kind: 'parallel',
      name: this.name,
      operations: this.#operations,
      failFast: options.failFast ?? true,
    })
  }

  /** Branches whose types were checked before. */
  static of<I, T extends readonly unknown[]>(
    operations: readonly Operation<never, unknown>[],
    options?: ParallelOptions,
  ): ParallelPrimitive<I, T> {
    return new ParallelPrimitive<I, T>(operations as never, options)
  }

  /** The branches, in order. */
  get operations(): readonly Operation<never, unknown>[] {
    return this.#operations
  }
  override execute(input: I, context: WorkflowContext = new WorkflowContext()): Promise<T> {
    if (holdsCompensation(this)) return executeInMemory<I, T>(this, input, context)
    return super.execute(input, context)
  }

  protected override async run(input: I, context: WorkflowContext): Promise<T> {
    // What holds a compensation runs on the machine, which waits for its rollback.
    const { failFast = true, abandonAfterMs = 30_000 } = this.options
    const linked = linkedController(context.signal)
    const siblings = context.withSignal(linked.signal)
    context.checkpoint('parallel.fan_out')
    let failed: { readonly error: unknown } | undefined
    const stopped = Promise.withResolvers<void>()
    const branches = this.#operations.map(async (operation, i) => {
      try {
        return await traced(
          siblings,
          `parallel.branch_${i}`,
          () => ({ 'branch.index': i, 'branch.total_branches': this.#operations.length }),
          (within) => runOperation(operation, input as never, within),
        )
      } catch (error) {
        failed ??= { error }
        if (failFast) {
          linked.abort(codedError('ABORTED', { cause: error }))
          stopped.resolve()
        }
        return undefined
      }
    })
    try {
      const all = Promise.all(branches)
      await Promise.race([all, stopped.promise])
      if (failed !== undefined && !(await settledWithin(all, abandonAfterMs, context.clock))) {
        context.step?.abandon(this.name)
      }
      if (failed !== undefined) throw failed.error
      // The types of the branches are those of the tuple.
      return (await all) as unknown as T
    } finally {
      linked.release()
      context.checkpoint('parallel.fan_in')
    }
  }
}

/** Operations one after the other. */
export function sequential<A, B>(a: Operation<A, B>): SequentialPrimitive<A, B>
export function sequential<A, B, C>(
  a: Operation<A, B>,
  b: Operation<NoInfer<B>, C>,
): SequentialPrimitive<A, C>
export function sequential<A, B, C, D>(
  a: Operation<A, B>,
  b: Operation<NoInfer<B>, C>,
  c: Operation<NoInfer<C>, D>,
): SequentialPrimitive<A, D>
export function sequential<A, B, C, D, E>(
  a: Operation<A, B>,
  b: Operation<NoInfer<B>, C>,
  c: Operation<NoInfer<C>, D>,
  d: Operation<NoInfer<D>, E>,
): SequentialPrimitive<A, E>
export function sequential<A, B, C, D, E, F>(
  a: Operation<A, B>,
  b: Operation<NoInfer<B>, C>,
  c: Operation<NoInfer<C>, D>,
  d: Operation<NoInfer<D>, E>,
  e: Operation<NoInfer<E>, F>,
): SequentialPrimitive<A, F>
export function sequential<A, B, C, D, E, F, G>(
  a: Operation<A, B>,
  b: Operation<NoInfer<B>, C>,
  c: Operation<NoInfer<C>, D>,
  d: Operation<NoInfer<D>, E>,
  e: Operation<NoInfer<E>, F>,
  f: Operation<NoInfer<F>, G>,
): SequentialPrimitive<A, G>
export function sequential(
  ...operations: readonly Operation<never, unknown>[]
): SequentialPrimitive<never, unknown> {
  return new SequentialPrimitive(operations)
}

/** Operations side by side, each with the same input; what they return, in order. */
export function parallel<I, A, B>(
  a: Operation<I, A>,
  b: Operation<NoInfer<I>, B>,
): ParallelPrimitive<I, [A, B]>
export function parallel<I, A, B, C>(
  a: Operation<I, A>,
  b: Operation<NoInfer<I>, B>,
  c: Operation<NoInfer<I>, C>,
): ParallelPrimitive<I, [A, B, C]>
export function parallel<I, A, B, C, D>(
  a: Operation<I, A>,
  b: Operation<NoInfer<I>, B>,
  c: Operation<NoInfer<I>, C>,
  d: Operation<NoInfer<I>, D>,
): ParallelPrimitive<I, [A, B, C, D]>
export function parallel<I, A, B, C, D, E>(
  a: Operation<I, A>,
  b: Operation<NoInfer<I>, B>,
  c: Operation<NoInfer<I>, C>,
  d: Operation<NoInfer<I>, D>,
  e: Operation<NoInfer<I>, E>,
): ParallelPrimitive<I, [A, B, C, D, E]>
export function parallel<I, A, B, C, D, E, F>(
  a: Operation<I, A>,
  b: Operation<NoInfer<I>, B>,
  c: Operation<NoInfer<I>, C>,
  d: Operation<NoInfer<I>, D>,
  e: Operation<NoInfer<I>, E>,
  f: Operation<NoInfer<I>, F>,
): ParallelPrimitive<I, [A, B, C, D, E, F]>
export function parallel(
  ...operations: readonly Operation<never, unknown>[]
): ParallelPrimitive<never, readonly unknown[]> {
  return ParallelPrimitive.of(operations)
}

function partsOf(operation: Operation<never, unknown>): readonly Operation<never, unknown>[] {
  return operation instanceof SequentialPrimitive ? operation.operations : [operation]
}

function abortReason(context: WorkflowContext): unknown {
  return codedError('ABORTED', { cause: context.signal.reason })
}

function checkList(field: string, operations: unknown): void {
  if (!Array.isArray(operations) || operations.length === 0) {
    throw workflowInvalid(field, 'a list of at least one operation', operations)
  }
  operations.forEach((each, i) => checkOperation(`${field}[${i}]`, each))
}
