/**
 * What the class decorators check while a program is compiled. A decorator leaves no trace in the
 * types, so they look at every public method whose parameters begin with a message, or with a state
 * and a message. A good method keeps its type; a bad one turns into the text of what is wrong.
 * Methods that look like handlers and are none belong behind `private`.
 */
import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf'
import type { ProcessManagerHandleResponse } from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import type { SagaResponse } from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import type { CommandBook, Notification } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Destinations } from './destinations.ts'
import type {
  CommandContext,
  FactContext,
  ProjectionContext,
  SagaSource,
} from './handler-context.ts'
import type { Awaitable } from '../awaitable.ts'
import type {
  CommandResult,
  ProcessRejectionResult,
  ProcessResult,
  ProjectionResult,
  RejectionResult,
  SagaRejectionResult,
  SagaResult,
} from './handler-results.ts'

declare const wrong: unique symbol

/** What a wrong program is told; nothing can be assigned to it. */
export type Wrong<Text extends string> = { readonly [wrong]: Text }

/** A type that a component may have as its state. */
export type StateArgument = DescMessage | (abstract new (...args: never[]) => object)

/** The state that belongs to a schema or class. */
export type StateOf<S> = S extends DescMessage
  ? MessageShape<S>
  : S extends abstract new (...args: never[]) => infer Instance
    ? Instance
    : never

/** The methods of a command handler, checked. */
export type CommandMethods<T, State> = { [K in keyof T]: CommandMethod<T[K], State, Text<K>> }
/** The methods of a saga, checked. */
export type SagaMethods<T> = { [K in keyof T]: SagaMethod<T[K], Text<K>> }
/** The methods of a process manager, checked. */
export type ProcessMethods<T, State> = { [K in keyof T]: ProcessMethod<T[K], State, Text<K>> }
/** The methods of a projector, checked. */
export type ProjectorMethods<T> = { [K in keyof T]: ProjectorMethod<T[K], Text<K>> }
/** The methods of an upcaster, checked. */
export type UpcasterMethods<T> = { [K in keyof T]: UpcasterMethod<T[K], Text<K>> }

type Text<K> = K extends string ? K : '(a symbol)'
type IsAny<T> = 0 extends 1 & T ? true : false
type Primitive = string | number | boolean | bigint | symbol | null | undefined

// Parameters that a method does not have are inferred as unknown, which takes anything.
type CommandMethod<F, State, Name extends string> = F extends (
  first: infer A,
  second: infer B,
  third: infer C,
  fourth: infer D,
  ...rest: never[]
) => infer R
  ? IsAny<A> extends true
    ? F
    : [A] extends [Notification]
      ? [State] extends [B]
        ? Returning<
            F,
            R,
            RejectionResult,
            `${Name}: it returns events, an EventBook, a RejectionHandlerResponse, a BusinessResponse or nothing`
          >
        : Wrong<`${Name}: its state parameter is not the state of this command handler`>
      : [A, State] extends [Message, B]
        ? CommandRest<F, C, D, Name, Deciding<F, R, Name>>
        : Applier<F, A, B, R, State, 'command handler', Name>
  : F

type CommandRest<F, C, D, Name extends string, Good> = [number] extends [C]
  ? [CommandContext] extends [D]
    ? F extends FourParameters
      ? Good
      : Wrong<`${Name}: a command handler takes (command, state, sequence, context)`>
    : Wrong<`${Name}: its fourth parameter is not the CommandContext`>
  : [FactContext] extends [C]
    ? Good
    : Wrong<`${Name}: its third parameter is neither the sequence nor the FactContext`>

type FourParameters = (first: never, second: never, third: never, fourth: never) => unknown

// A command, or what a saga answers with, is a message too, but no event.
type Deciding<F, R, Name extends string> = [Extract<Awaited<R>, NoEvent>] extends [never]
  ? Returning<
      F,
      R,
      CommandResult,
      `${Name}: a handler returns events, an EventBook, a BusinessResponse or nothing`
    >
  : Wrong<`${Name}: a handler of an aggregate returns events, not commands`>

type NoEvent = CommandBook | readonly CommandBook[] | SagaResponse | ProcessManagerHandleResponse

/** A method (state, event), unless its parameters are of another kind altogether. */
type Applier<F, A, B, R, State, Kind extends string, Name extends string> =
  IsAny<B> extends true
    ? F
    : [B] extends [Message]
      ? [State] extends [A]
        ? Returning<
            F,
            R,
            State | undefined | void,
            `${Name}: an applier returns nothing or the new state, at once`
          >
        : [A] extends [Primitive]
          ? F
          : Wrong<`${Name}: its state parameter is not the state of this ${Kind}`>
      : [A] extends [Message]
        ? Wrong<`${Name}: its state parameter is not the state of this ${Kind}`>
        : F

type Returning<F, R, Allowed, Otherwise extends string> = [R] extends [Allowed]
  ? F
  : Wrong<Otherwise>

type SagaMethod<F, Name extends string> = F extends (
  first: infer A,
  second: infer B,
  third: infer C,
  ...rest: never[]
) => infer R
  ? IsAny<A> extends true
    ? F
    : [A] extends [Notification]
      ? Returning<
          F,
          R,
          SagaRejectionResult,
          `${Name}: it returns commands, facts, a RejectionHandlerResponse or nothing`
        >
      : [A] extends [Message]
        ? [Destinations, SagaSource] extends [B, C]
          ? Returning<
              F,
              R,
              SagaResult,
              `${Name}: a saga handler returns commands, facts or nothing`
            >
          : Wrong<`${Name}: a saga handler takes (event, destinations, source)`>
        : F
  : F

type ProcessMethod<F, State, Name extends string> = F extends (
  first: infer A,
  second: infer B,
  third: infer C,
  fourth: infer D,
  ...rest: never[]
) => infer R
  ? IsAny<A> extends true
    ? F
    : [A] extends [Notification]
      ? [State] extends [B]
        ? Returning<
            F,
            R,
            ProcessRejectionResult,
            `${Name}: it returns a ProcessManagerResponse, events or nothing`
          >
        : Wrong<`${Name}: its state parameter is not the state of this process manager`>
      : [A, State] extends [Message, B]
        ? [Destinations, SagaSource] extends [C, D]
          ? Returning<
              F,
              R,
              ProcessResult,
              `${Name}: a process manager returns a ProcessManagerResponse or nothing`
            >
          : Wrong<`${Name}: a process manager takes (event, state, destinations, source)`>
        : Applier<F, A, B, R, State, 'process manager', Name>
  : F

type ProjectorMethod<F, Name extends string> = F extends (
  first: infer A,
  second: infer B,
  ...rest: never[]
) => infer R
  ? IsAny<A> extends true
    ? F
    : [A] extends [Message]
      ? [ProjectionContext] extends [B]
        ? Returning<F, R, ProjectionResult, `${Name}: a projector returns CloudEvents or nothing`>
        : Wrong<`${Name}: a projector takes (event, context)`>
      : F
  : F

type UpcasterMethod<F, Name extends string> = F extends (
  first: infer A,
  ...rest: never[]
) => infer R
  ? IsAny<A> extends true
    ? F
    : [A] extends [Message]
      ? Returning<F, R, Awaitable<Message>, `${Name}: an upcaster returns the newer message`>
      : F
  : F
