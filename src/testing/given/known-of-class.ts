/**
 * Which messages a class takes and gives, read from the types of its methods. Decorators leave no
 * trace in types, so every message that a public method takes counts in every role; a message that
 * no method mentions does not compile.
 */
import type { Message } from '@bufbuild/protobuf'
import type { Emitted, Knows, MessageRole } from '../../component/known-types.ts'
import type { Notification } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** A component written as a class. */
export type ComponentClass<T extends object> = new () => T

/** What the methods of a class know. */
export type KnownIn<T> =
  | { [Role in MessageRole]: Knows<Role, Taken<T[keyof T]>> }[MessageRole]
  | Knows<'emits', Given<T[keyof T]>>

/** Whatever the methods take that may be a state. */
export type StateIn<T> = Extract<First<T[keyof T]> | Second<T[keyof T]>, object>

type Method = (...args: never[]) => unknown

type First<F> = F extends (first: infer A, ...rest: never[]) => unknown
  ? unknown extends A
    ? never
    : A
  : never

type Second<F> = F extends (first: never, second: infer B, ...rest: never[]) => unknown
  ? unknown extends B
    ? never
    : B
  : never

type Taken<F> = Exclude<Extract<First<F> | Second<F>, Message>, Notification>

type Given<F> = F extends Method ? Emitted<ReturnType<F>> : never
