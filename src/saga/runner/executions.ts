/** What a runner is made from, and what it offers to its parts. */
import type { Clock } from '../../clock.ts'
import type { LogSink } from '../../coordinator/coordinator.ts'
import type { Random } from '../../identity.ts'
import type { Ledger, RowChange } from '../../ledger/ledger.ts'
import type { LimitName } from '../../limits.ts'
import type { Told } from '../../machine/input.ts'
import type { ParentLink } from '../../machine/journal.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { EndedExecution } from './ended-execution.ts'
import type { Executables, KnownDefinition } from './executables.ts'
import type { ExecutionRow } from './execution-row.ts'
import type { JournalWriter } from './journal-writer.ts'
import type { Answered, LiveExecution } from './live-execution.ts'
import type { RequestDesk } from './request-desk.ts'

/** Bounds as numbers. */
export type Bounds = Readonly<Record<LimitName, number>>

/** What a runner is made from. */
export type RunnerOptions = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: Random
  readonly bounds: Bounds
  readonly log: LogSink
  readonly telemetry: Telemetry
  readonly executables: Executables
  readonly writer: JournalWriter
  readonly retentionMs: number
  readonly desk: RequestDesk
  /** The lease has been lost. */
  readonly leaseLost: () => void
}

/** How an execution is started. */
export type StartOptions = {
  readonly id?: string | undefined
  readonly correlationId?: string | undefined
  readonly user?: string | undefined
  readonly parent?: ParentLink | undefined
  /** A row that is put in the commit that starts it, and only there. */
  readonly alsoPut?: (() => RowChange) | undefined
}

/** An execution that has been started, just now or before. */
export type Started = { readonly id: string; readonly isNew: boolean }

/** The executions of a runner, as its parts see them. */
export interface Executions {
  readonly options: RunnerOptions
  /** Starts an execution, or finds the one that was started under the id before. */
  start(known: KnownDefinition, input: unknown, options: StartOptions): Promise<Started>
  /** Tells an execution something; resolves when that is decided and stored. */
  tell(id: string, told: Told): Promise<Answered>
  /** An execution that is told something next, or released. */
  loaded(id: string, row?: ExecutionRow | undefined): Promise<LiveExecution>
  /** Lets go of an execution that is told nothing. */
  release(execution: LiveExecution): void
  /** Whether an execution is at work here, or about to be. */
  has(id: string): boolean
  /** Waits until there is room for more of them; tells whether it had to. */
  room(): Promise<boolean>
  /** Writes down that nobody here knows the definition of an execution. */
  orphan(row: ExecutionRow): Promise<void>
  /** An execution that has ended or is stuck; undefined while it goes on. */
  endedNow(id: string): Promise<EndedExecution | undefined>
  /** Says that something failed that is nobody's outcome. */
  trouble(event: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void
}
