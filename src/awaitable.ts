/** A value, or a promise of it: what authors' functions may answer with. */
export type Awaitable<T> = T | PromiseLike<T>
