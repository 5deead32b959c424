/** Running handlers one after the other without becoming asynchronous for nothing. */
import { type Awaitable, isPromise } from '../awaitable.ts'

/**
 * Runs something for each item, strictly one after the other, and answers with all results in
 * order. It is synchronous as long as every run is.
 */
export function inOrder<T, R>(
  items: readonly T[],
  run: (item: T) => Awaitable<R>,
): Awaitable<readonly R[]> {
  const results: R[] = []
  for (const [index, item] of items.entries()) {
    const result = run(item)
    if (isPromise(result)) return finish(result, items.slice(index + 1), run, results)
    results.push(result)
  }
  return results
}

async function finish<T, R>(
  first: PromiseLike<R>,
  rest: readonly T[],
  run: (item: T) => Awaitable<R>,
  results: R[],
): Promise<readonly R[]> {
  results.push(await first)
  for (const item of rest) results.push(await run(item))
  return results
}
