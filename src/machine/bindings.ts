/** What the authors wrote, under the paths of a definition. The machine never sees it; runners do. */
import type { Awaitable } from '../awaitable.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Attributes } from '../telemetry/tracing.ts'
import type { Watching } from '../telemetry/watching.ts'
import type { Definition, Path } from './definition.ts'
import type { Failure, Request } from './journal.ts'

/** A definition with everything it calls. Saga definitions and workflows both make one. */
export type Executable = {
  readonly definition: Definition
  readonly bindings: ReadonlyMap<Path, Binding>
  /** Undos that can be registered, and run in place of others, by name. */
  readonly undos: ReadonlyMap<string, NamedUndo>
  /**
   * Checks and copies what a run starts with; throws what is wrong with it. Default: as it is.
   */
  readonly admit?: ((input: unknown) => unknown) | undefined
  /** Definitions that its steps run as executions of their own. Default: none. */
  readonly children?: readonly Runnable<never, unknown>[] | undefined
  /** Throws, or rejects with, why the data of a signal can be for none of its steps. Default: never. */
  readonly admitSignal?: ((signal: string, data: unknown) => Awaitable<void>) | undefined
  /**
   * Whether what its participants write stays pending until it has ended. Its first and last steps
   * see to that; see `saga/transactions`. Default: no.
   */
  readonly isolated?: boolean | undefined
  /** The spans around a durable run of it. Default: none. */
  readonly spans?: RootSpans | undefined
  /** Told when a durable run of it has ended for the first time, in the process that saw it. */
  readonly ended?: ((end: RunEnd) => void) | undefined
}

/** How a durable run ended. */
export type RunEnd = {
  readonly hasCompleted: boolean
  /** From its start to its end, whatever processes ran it. */
  readonly seconds: number
  readonly telemetry: Telemetry
}

/** Spans around the steps of an execution, the outermost first, and what each of them says. */
export type RootSpans = { readonly names: readonly string[]; readonly attributes: Attributes }

/** What belongs to one node. */
export type Binding = OperationBinding | RequestBinding | ChoiceBinding | SignalBinding

/** Of a step that calls a function. */
export type OperationBinding = {
  readonly kind: 'operation'
  readonly run: (value: unknown, info: AttemptInfo) => Awaitable<unknown>
  readonly undo?: ((value: unknown, info: UndoInfo) => Awaitable<unknown>) | undefined
  readonly undoUnknown?: ((input: unknown, info: UndoInfo) => Awaitable<unknown>) | undefined
  readonly probe?: ((input: unknown, info: AttemptInfo) => Awaitable<Probed>) | undefined
}

/** What a probe answers. */
export type Probed =
  { readonly happened: true; readonly output: unknown } | { readonly happened: false } | 'unknown'

/** Of a step that sends a request. */
export type RequestBinding = {
  readonly kind: 'request'
  readonly request: (value: unknown, info: CallInfo) => Awaitable<Request | undefined>
  /** Handles a reply; what it returns is what the step leaves. A returned Error refuses. */
  readonly onReply: (value: unknown, reply: Reply, info: CallInfo) => Awaitable<unknown>
  /** Whether `onReply` also gets replies other than 200 and 400. Default: they fail the attempt. */
  readonly handlesSystemErrors?: boolean | undefined
  readonly undo?: ((value: unknown, info: CallInfo) => Awaitable<Request | undefined>) | undefined
}

/** Whose call it is. */
export type CallInfo = {
  readonly executionId: string
  readonly correlationId: string
  readonly path: Path
  /** What watches the execution, where its runner was told of anything. */
  readonly watching?: Watching | undefined
}

/** A reply to a request. */
export type Reply = {
  readonly status: number
  readonly content: unknown
  readonly services: readonly string[]
}

/** Of a conditional: whether each branch's condition holds, in order. */
export type ChoiceBinding = {
  readonly kind: 'choice'
  readonly conditions: readonly ((value: unknown, info: CallInfo) => Awaitable<boolean>)[]
}

/** Of a step that waits for a signal: what it leaves. */
export type SignalBinding = {
  readonly kind: 'signal'
  readonly receive: (value: unknown, data: unknown) => Awaitable<unknown>
}

/** An undo by name. */
export type NamedUndo = (data: unknown, info: UndoInfo) => Awaitable<unknown>

/** What an operation is told beside its value. */
export type AttemptInfo = {
  readonly executionId: string
  readonly correlationId: string
  readonly path: Path
  /** Counts from 1. */
  readonly attempt: number
  /** The same for every attempt of this step in this execution. */
  readonly idempotencyKey: string
  /** Aborts when the attempt's time is up, the execution is cancelled, or a sibling failed. */
  readonly signal: AbortSignal
  /** An attempt before this one may have happened. */
  readonly isAgain: boolean
  /** What watches the execution, where its runner was told of anything. */
  readonly watching?: Watching | undefined
  /** Registers another undo, journalled before this resolves. */
  readonly addCompensation: (name: string, data: unknown) => Promise<void>
}

/** What an undo is told beside its value. Its signal never aborts because of a cancellation. */
export type UndoInfo = {
  readonly executionId: string
  readonly correlationId: string
  readonly path: Path
  readonly attempt: number
  /** The same for every attempt of this undo. */
  readonly idempotencyKey: string
  readonly signal: AbortSignal
  /** What the step got. */
  readonly input: unknown
  /** Why the execution unwinds. */
  readonly failure: Failure | undefined
  /** What watches the execution, where its runner was told of anything. */
  readonly watching?: Watching | undefined
}

/** Under this key an object carries what makes it run: sagas and workflows have it. */
export const EXECUTABLE: unique symbol = Symbol.for('amends.executable')

/** Anything a manager can run: from an `In` to an `Out`. */
export interface Runnable<In, Out> {
  readonly name: string
  readonly [EXECUTABLE]: () => Executable
  /** Only for types: what a run starts with. */
  readonly [STARTS_WITH]?: ((input: In) => void) | undefined
  /** Only for types: what a completed run leaves. */
  readonly [LEAVES]?: (() => Out) | undefined
}

/** See {@link Runnable}. */
export declare const STARTS_WITH: unique symbol
/** See {@link Runnable}. */
export declare const LEAVES: unique symbol
