/** Values that are there at once, or come later: authors' functions may answer either way. */

/** A value, or a promise of it: what authors' functions may answer with. */
export type Awaitable<T> = T | PromiseLike<T>

/** True for anything that can be awaited. */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  return 'then' in value && typeof value.then === 'function'
}

/** What `next` makes of a value: at once when the value is there, else when it comes. */
export function then<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? value.then(next) : next(value)
}
