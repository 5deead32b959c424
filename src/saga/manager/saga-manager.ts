/** What `openSagaManager` answers, and what it takes. */
import type { Bus } from '../../bus/bus.ts'
import type { Clock, Nanoseconds } from '../../clock.ts'
import type { LogSink } from '../../coordinator/coordinator.ts'
import type { Position, Random } from '../../identity.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { LimitName } from '../../limits.ts'
import type { Runnable } from '../../machine/bindings.ts'
import type { Backward, Failure, Forward, ParentLink, Verb } from '../../machine/journal.ts'
import type { WorkItem } from '../../machine/work-items.ts'
import type { RequestHandler } from '../../participant/request-handler.ts'
import type { AnyCommandType } from '../messages/command-type.ts'
import type { WaitingFor } from '../runner/execution-row.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { Standing } from '../runner/spaces.ts'
import type { CommandSource } from './command-source.ts'

/** Anything that can be registered: a committed saga, or a workflow that has a name. */
export type AnyRunnable = Runnable<never, unknown>

/** Options of `openSagaManager`. */
export type SagaManagerOptions = {
  /** A path, or an opened ledger. A ledger given by path is closed with the manager. */
  readonly ledger: string | Ledger
  /**
   * What can be run. Several versions of one name may be given; new executions take the last. Sagas
   * that are steps of these need not be given.
   */
  readonly definitions: readonly AnyRunnable[]
  /** Handlers of requests that are served in this process. */
  readonly participants?: readonly RequestHandler[] | undefined
  /** Name of the service that they, and this manager, belong to. Default `saga`. */
  readonly service?: string | undefined
  /** Carries requests and replies. Default: a bus of this process. One that is given is not closed. */
  readonly bus?: Bus | undefined
  /**
   * Runs the commands that steps send to its domains, see `commandType`. It is not closed with the
   * manager. Default: none, and steps that send commands fail.
   */
  readonly coordinator?: CommandSource | undefined
  /**
   * Commands that the definitions send: one that `coordinator` does not serve, if that is the
   * coordinator of this process, is refused here and not when a step sends it. Default: none.
   */
  readonly commands?: readonly AnyCommandType[] | undefined
  /**
   * How long what has ended is kept, in milliseconds; `Infinity`: for ever. Default: 30 days. What
   * is stuck is kept until somebody has dealt with it.
   */
  readonly retentionMs?: number | undefined
  /** Whether `run` throws when an execution does not complete. Default false. */
  readonly raiseOnError?: boolean | undefined
  /** Bounds to change, by name; the rest stand as in `limits`. */
  readonly limits?: Partial<Readonly<Record<LimitName, number>>> | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** Takes one structured log record. Default: warnings and errors as JSON lines on stderr. */
  readonly log?: LogSink | undefined
  /**
   * Takes the spans, metrics and log events of workflows that run here. Default: that of the process,
   * see `defaultTelemetry` of `amends/workflow`.
   */
  readonly telemetry?: Telemetry | undefined
}

/** How an execution is started (Minos saga: the arguments of `SagaManager.run`). */
export type StartSagaOptions = {
  /** Names the execution: the same id answers with the first one. Default: a version 4 UUID. */
  readonly id?: string | undefined
  /** Default: the id. */
  readonly correlationId?: string | undefined
  /** On whose behalf it runs; told to every participant. */
  readonly user?: string | undefined
}

/** How long a caller waits. Giving up ends the wait, not the execution: that is what `cancel` does. */
export type WaitOptions = {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number | undefined
}

/** See {@link StartSagaOptions} and {@link WaitOptions}. */
export type RunSagaOptions = StartSagaOptions &
  WaitOptions & {
    /** Whether to throw when the execution does not complete. Default: as the manager is set. */
    readonly raiseOnError?: boolean | undefined
  }

/** How one step ended. */
export type StepReport = {
  readonly path: string
  readonly name: string
  /**
   * `not-reached`, `skipped` (another branch was taken, or there was nothing to send), `unknown` (it
   * may have happened), `happened` (it did, but what handled its result failed).
   */
  readonly status:
    | 'not-reached'
    | 'running'
    | 'succeeded'
    | 'skipped'
    | 'refused'
    | 'failed'
    | 'happened'
    | 'unknown'
    | 'exhausted'
  readonly attempts: number
  /** `not-needed`: there is none, or nothing to undo. */
  readonly undo: 'not-needed' | 'running' | 'done' | 'stuck' | 'waived'
}

/** What every outcome has. */
export type SagaReport = {
  readonly id: string
  readonly definition: string
  /**
   * What was undone, in the order in which that was done: the targets of remote undos, the names of
   * the steps of local ones and of nested sagas.
   */
  readonly undone: readonly string[]
  readonly steps: readonly StepReport[]
  /** What waits for an operator. */
  readonly items: readonly WorkItem[]
  /** Services that took part, sorted. */
  readonly relatedServices: readonly string[]
}

/** It completed; `backward` tells whether it was undone on request since. */
export type CompletedSaga<Out> = SagaReport & {
  readonly forward: 'completed'
  readonly backward: Backward
  readonly context: Out
  readonly failure?: undefined
  readonly error?: undefined
}

/** It failed or was cancelled, and was undone, or is stuck. */
export type UnwoundSaga = SagaReport & {
  readonly forward: 'failed' | 'cancelled'
  readonly backward: Backward
  readonly failure: Failure
  /** The error itself when it was thrown in this process and the execution ended here. */
  readonly error: unknown
  readonly context?: undefined
}

/** It is past its point of no return and cannot go on without an operator. */
export type HeldUpSaga = SagaReport & {
  readonly forward: 'running'
  readonly backward: 'not-needed'
  readonly failure: Failure | undefined
  readonly error: unknown
  readonly context?: undefined
}

/** How an execution ended. Forward and backward are two outcomes. */
export type SagaOutcome<Out> = CompletedSaga<Out> | UnwoundSaga | HeldUpSaga

/** An execution that was started. */
export type StartedSaga<Out> = {
  readonly id: string
  /** False when an earlier execution has the id. */
  readonly isNew: boolean
  /** Waits for its end, as `SagaManager.result` does. */
  result(options?: WaitOptions): Promise<SagaOutcome<Out>>
}

/** An execution in a list: what its row says. */
export type SagaSummary = {
  readonly id: string
  readonly definition: string
  readonly fingerprint: string
  readonly state: Standing
  readonly forward: Forward
  readonly backward: Backward
  readonly startedAt: Nanoseconds
  readonly changedAt: Nanoseconds
  readonly endedAt: Nanoseconds | undefined
  readonly dueAt: Nanoseconds | undefined
  readonly waiting: WaitingFor
  readonly waitingFor: string
  readonly openItems: number
  readonly failure: Omit<Failure, 'error'> | undefined
  readonly parent: ParentLink | undefined
  readonly correlationId: string
  readonly user: string
}

/** Which executions to list. Without any field: all. */
export type SagaFilter = {
  readonly state?: Standing | readonly Standing[] | undefined
  readonly forward?: Forward | undefined
  readonly backward?: Backward | undefined
  readonly definition?: string | undefined
  /** Started so many milliseconds ago, or longer. */
  readonly olderThanMs?: number | undefined
  /** Only those that wait for an operator, or only the others. */
  readonly stuck?: boolean | undefined
  /** Executions of one page. Default 100, at most 1,000. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

/** One page of a list, by state, and by id within a state. */
export type SagaPage = {
  readonly executions: readonly SagaSummary[]
  /** Where the next page begins; undefined at the end. */
  readonly next: string | undefined
}

/** An execution with everything that is known of it. */
export type SagaDetails = SagaSummary & {
  /** Whether this process knows its definition. Without it there are no steps and no context. */
  readonly isKnown: boolean
  readonly context: unknown
  readonly undone: readonly string[]
  readonly steps: readonly StepReport[]
  readonly items: readonly WorkItem[]
}

/** What an operator does about a work item. */
export type Resolution = {
  /** Path of the item. */
  readonly path: string
  readonly verb: Verb
  /** Who does it. */
  readonly by: string
  readonly reason: string
  /** Of `edit`: what the next attempt gets; of `replace`: what the other undo gets. */
  readonly data?: unknown
  /** Of `replace`: the name of the other undo. */
  readonly undo?: string | undefined
  /** Which of the undos that were registered while the step ran; default: the first that waits. */
  readonly added?: number | undefined
}

/** Something that has ended, or is stuck. */
export type SagaEnded = {
  /** Where to go on reading behind it. */
  readonly position: Position
  readonly id: string
  readonly definition: string
  readonly forward: Forward
  readonly backward: Backward
  readonly failure: Failure | undefined
  readonly at: Nanoseconds
}

/** How the manager is. */
export type SagaManagerStatus = {
  /** `standing-by`: another process runs the executions of this ledger. */
  readonly state: 'running' | 'recovering' | 'standing-by' | 'closed'
  /** Executions in memory, and those of them that only wait. */
  readonly inMemory: number
  readonly resident: number
  /** Executions that wait to start. */
  readonly waitingToStart: number
  /** Executions taken up so far after the last start. */
  readonly recovered: number
  /** Executions whose definition nobody here knows, by name. */
  readonly orphaned: Readonly<Record<string, number>>
  /** The failure of the ledger that is being waited out. */
  readonly ledgerTrouble: { readonly code: string; readonly message: string } | undefined
}

/**
 * Runs sagas and workflows durably (Minos saga: `SagaManager`). Disposing drains: what is at work may
 * go on for a while, the rest is left for the next process.
 */
export interface SagaManager extends AsyncDisposable {
  /**
   * Starts an execution and waits for its end. Does not throw for one that fails, unless
   * `raiseOnError` says so.
   *
   * @throws CodedError `SAGA_DEFINITION_UNKNOWN`, `SAGA_EXECUTION_ID_INVALID`,
   * `SAGA_EXECUTION_ID_TAKEN`, `VALUE_NOT_STORABLE`, `SAGA_OVERLOADED`, `SAGA_MANAGER_CLOSED`;
   * `ABORTED` or `DEADLINE_EXCEEDED` when the wait ends first: the execution goes on
   * @throws SagaFailedExecutionError when it does not complete and `raiseOnError` is set
   */
  run<In, Out>(
    definition: Runnable<In, Out>,
    input: NoInfer<In>,
    options?: RunSagaOptions,
  ): Promise<SagaOutcome<Out>>
  /** Starts an execution; resolves when its start is on disk. @throws CodedError as `run` */
  start<In, Out>(
    definition: Runnable<In, Out>,
    input: NoInfer<In>,
    options?: StartSagaOptions,
  ): Promise<StartedSaga<Out>>
  /** Waits for the end of an execution. @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, as `run` */
  result(id: string, options?: WaitOptions): Promise<SagaOutcome<unknown>>
  /**
   * Cancels an execution: what runs settles, then it is undone. Resolves when that is decided and
   * stored.
   *
   * @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `SAGA_EXECUTION_ENDED`,
   * `SAGA_EXECUTION_PAST_PIVOT`
   */
  cancel(id: string, reason?: string): Promise<void>
  /**
   * Sends a signal. One that nobody waits for yet is kept.
   *
   * @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `SAGA_EXECUTION_ENDED`; `SAGA_SIGNAL_INVALID` when
   * the data is not what the steps that wait for it take: then nothing is stored
   */
  signal(id: string, signal: string, data?: unknown): Promise<void>
  /**
   * Undoes an execution that has completed.
   *
   * @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `SAGA_EXECUTION_ENDED`, `SAGA_EXECUTION_PAST_PIVOT`
   */
  compensate(id: string, reason?: string): Promise<void>
  /** Lists executions, a page at a time. */
  list(filter?: SagaFilter): Promise<SagaPage>
  /** Everything about one execution. @throws CodedError `SAGA_EXECUTION_NOT_FOUND` */
  inspect(id: string): Promise<SagaDetails>
  /** What waits for an operator, of one execution or of all. */
  workItems(filter?: {
    readonly id?: string | undefined
  }): AsyncIterable<WorkItem & { readonly id: string; readonly definition: string }>
  /**
   * Deals with a work item: retry, edit and retry, run another undo, waive.
   *
   * @throws CodedError `SAGA_WORK_ITEM_NOT_FOUND`
   */
  resolve(id: string, resolution: Resolution): Promise<void>
  /**
   * What ends and what gets stuck, from a position on (default: from now on), until the signal
   * aborts or the loop is left.
   */
  ends(options?: {
    readonly after?: Position | undefined
    /** Whether to wait for more. Default true. */
    readonly follow?: boolean | undefined
    readonly signal?: AbortSignal | undefined
  }): AsyncIterable<SagaEnded>
  status(): SagaManagerStatus
  readonly ledger: Ledger
}
