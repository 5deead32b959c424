/** How the type of a context grows from step to step. */
import type { SagaContextMembers } from '../context/saga-context.ts'
import type { SagaRequest } from '../messages/saga-request.ts'

/** What a `const` assertion of equality of two types says. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/**
 * What one returned value leaves: nothing keeps the context, an Error ends the saga. A context that
 * happens to have `name` and `message` is no Error: those also have a `stack`.
 */
type Left<Before, R> = R extends void | undefined | null
  ? Before
  : R extends Error
    ? 'stack' extends keyof R
      ? never
      : R
    : R extends SagaContextMembers<infer Values>
      ? Values
      : R

/** The context a callback leaves; `never` when it always fails. */
export type ContextLeft<Before, R> = Left<Before, Awaited<R>>

/** The context behind a step; where all ways fail, the one before it. */
export type Behind<Before, After> = [After] extends [never] ? Before : After

/** Every key of any member of a union. */
type KeysOf<U> = U extends unknown ? keyof U : never

/** What any member of a union has under a key. */
type ValueIn<U, K> = U extends unknown ? (K extends keyof U ? U[K] : never) : never

/**
 * What an undo gets: the entries from before the step, as they were or as the step left them, and
 * those that the step adds, which may be missing.
 */
export type Undone<Before, After> = Before extends unknown
  ? Flat<
      { [K in keyof Before]: Before[K] | ValueIn<After, K> } & {
        [K in Exclude<KeysOf<After>, keyof Before>]?: ValueIn<After, K>
      }
    >
  : never

type Flat<T> = { [K in keyof T]: T[K] }

/** What the reply to a returned request carries. */
export type ReplyOf<R> =
  Awaited<R> extends infer Made
    ? Made extends SagaRequest<unknown, infer Reply>
      ? Reply
      : never
    : never

/** What branches side by side leave: the context with what each of them changed of it. */
export type Merged<Before, Outs extends readonly unknown[]> = Outs extends readonly [
  infer First,
  ...infer Rest,
]
  ? Rest extends readonly []
    ? First
    : Joined<Before, First, Merged<Before, Rest>>
  : Before

/** Entry by entry: what A changed, else what B left; what only one of them adds; what both add. */
type Joined<Before, A, B> = A extends unknown
  ? B extends unknown
    ? Flat<
        Pick<B, KeptBy<Before, A> & keyof B> &
          Pick<A, Exclude<keyof A & keyof Before, KeptBy<Before, A>>> &
          Pick<A, Exclude<keyof A, keyof B | keyof Before>> &
          Pick<B, Exclude<keyof B, keyof A | keyof Before>> & {
            [K in Exclude<keyof A & keyof B, keyof Before>]: A[K] & B[K]
          }
      >
    : never
  : never

/** The keys under which a branch left what there was. */
type KeptBy<Before, After> = {
  [K in keyof After & keyof Before]: Same<Pick<After, K>, Pick<Before, K>> extends true ? K : never
}[keyof After & keyof Before]
