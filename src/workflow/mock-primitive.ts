/** A primitive for tests that notes its calls. TTA.dev's MockPrimitive. */
import { strict as assert } from 'node:assert'
import type { OperationFunction } from './primitive.ts'
import { WorkflowContext } from './workflow-context.ts'
import { WorkflowPrimitive } from './workflow-primitive.ts'

/** What a mock does when it is called; the first of these that is given. */
export type MockOptions<I, O> = {
  /** Default: `mock`. */
  readonly name?: string | undefined
  /** Is thrown. */
  readonly throws?: Error | undefined
  readonly implementation?: OperationFunction<I, O> | undefined
  readonly returns?: O | undefined
}

/** One call. */
export type MockCall<I> = { readonly input: I; readonly context: WorkflowContext }

/** See the head of this file. Assertions throw `AssertionError`. */
export class MockPrimitive<I = unknown, O = unknown> extends WorkflowPrimitive<I, O> {
  readonly #options: MockOptions<I, O>
  readonly #calls: MockCall<I>[] = []

  constructor(options: MockOptions<I, O> = {}) {
    super(options.name ?? 'mock')
    this.#options = options
  }

  /** The calls so far, the oldest first. */
  get calls(): readonly MockCall<I>[] {
    return this.#calls
  }
  get callCount(): number {
    return this.#calls.length
  }
  /** @throws AssertionError when it was never called */
  get lastInput(): I {
    return this.#last().input
  }
  /** @throws AssertionError when it was never called */
  get lastContext(): WorkflowContext {
    return this.#last().context
  }

  override async execute(input: I, context: WorkflowContext = new WorkflowContext()): Promise<O> {
    this.#calls.push({ input, context })
    const { throws, implementation, returns } = this.#options
    if (throws !== undefined) throw throws
    if (implementation !== undefined) return await implementation(input, context)
    // Whoever gives nothing to return has said that nothing is expected.
    return returns as O
  }

  assertCalled(): void {
    assert.ok(this.callCount > 0, `${this.name} was not called`)
  }
  assertCalledOnce(): void {
    this.assertCallCount(1)
  }
  assertNotCalled(): void {
    this.assertCallCount(0)
  }
  assertCallCount(times: number): void {
    assert.equal(this.callCount, times, `${this.name} was called ${this.callCount} times`)
  }
  /** Of the last call; the context only when it is given. */
  assertCalledWith(input: I, context?: WorkflowContext): void {
    assert.deepEqual(this.lastInput, input)
    if (context !== undefined) assert.equal(this.lastContext, context)
  }

  /** Forgets the calls. */
  reset(): void {
    this.#calls.length = 0
  }

  #last(): MockCall<I> {
    const last = this.#calls.at(-1)
    assert.ok(last !== undefined, `${this.name} was not called`)
    return last
  }
}

/** See {@link MockPrimitive}. */
export function mockPrimitive<I = unknown, O = unknown>(
  options?: MockOptions<I, O>,
): MockPrimitive<I, O> {
  return new MockPrimitive(options)
}
