/**
 * What came of a `when`, and the expectations about it.
 *
 * 1. The component has run by the time that anything is compared; nothing waits for the `await`.
 * 2. An error of the component that no expectation mentions is thrown as it is.
 * 3. Every expectation of a chain is checked in the order it was written.
 */
import type { Place } from './compare.ts'

/** How a run of a component ended. */
export type Attempt<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Runs a component and keeps what it throws. */
export async function attempt<Result>(run: () => Promise<Result>): Promise<Attempt<Result>> {
  try {
    return { kind: 'done', result: await run() }
  } catch (error) {
    return { kind: 'failed', error }
  }
}

/** An attempt with the expectations that were checked so far. */
export type Checked<Result> = {
  readonly attempt: Promise<Attempt<Result>>
  /** Rejects with the first expectation that does not hold. */
  readonly checks: Promise<void>
  /** Whether a failure of the component was expected. */
  readonly failureExpected: boolean
}

/** Nothing checked yet. */
export function unchecked<Result>(run: () => Promise<Result>): Checked<Result> {
  return { attempt: attempt(run), checks: Promise.resolve(), failureExpected: false }
}

/**
 * The base of all outcomes. Awaited, it gives the result, when every expectation holds.
 *
 * @throws AssertionError for the first expectation that does not hold; whatever the component threw,
 *   unless that was expected
 */
export abstract class Outcome<Result> implements PromiseLike<Result> {
  protected readonly checked: Checked<Result>

  constructor(checked: Checked<Result>) {
    this.checked = checked
  }

  /** Makes outcomes awaitable; tests write `await`. */
  // oxlint-disable-next-line typescript/promise-function-async
  then<A = Result, B = never>(
    fulfilled?: ((result: Result) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#settled().then(fulfilled, rejected)
  }

  /** The same, with one more expectation about the result. */
  protected also(place: Place, check: (result: Result, place: Place) => void): Checked<Result> {
    const { attempt: attempted, checks, failureExpected } = this.checked
    const next = checks.then(async () => {
      const ended = await attempted
      if (ended.kind === 'failed') throw ended.error
      check(ended.result, place)
    })
    return { attempt: attempted, checks: next, failureExpected }
  }

  /** The same, with one more expectation about how it failed. */
  protected alsoFailed(
    place: Place,
    check: (ended: Attempt<Result>, place: Place) => void,
  ): Checked<Result> {
    const { attempt: attempted, checks } = this.checked
    const next = checks.then(async () => check(await attempted, place))
    return { attempt: attempted, checks: next, failureExpected: true }
  }

  async #settled(): Promise<Result> {
    const { attempt: attempted, checks, failureExpected } = this.checked
    await checks
    const ended = await attempted
    if (ended.kind === 'done') return ended.result
    if (!failureExpected) throw ended.error
    // Nothing came out, as expected; who awaits an expected failure asks for no result.
    return undefined as Result
  }
}
