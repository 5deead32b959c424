/**
 * The runner: the shell of the saga machine on a ledger. It holds the executions that are at work in
 * memory, tells them what happens, performs what they begin, and forgets those that wait.
 *
 * 1. An execution that waits for long holds nothing in memory: its state is read again when it is
 *    told something. Its row says when it has to be looked at.
 * 2. Errors of what authors wrote end as outcomes of their step. Errors of the ledger are waited
 *    out. Neither ends the runner.
 * 3. Only the process that holds the lease runs executions; one that loses it stops at once.
 */
import type { Clock, Nanoseconds } from '../../clock.ts'
import { codedError, codeOf, messageOf } from '../../errors.ts'
import type { LogSink } from '../../coordinator/coordinator.ts'
import { type Random, randomRoot } from '../../identity.ts'
import type { Condition, Ledger, StoredSnapshot } from '../../ledger/ledger.ts'
import type { LimitName } from '../../limits.ts'
import type { Action } from '../../machine/action.ts'
import type { Told } from '../../machine/input.ts'
import type { ParentLink } from '../../machine/journal.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { workItems } from '../../machine/work-items.ts'
import { executionStream } from '../journal/execution-stream.ts'
import { Capacity } from './capacity.ts'
import { DueWatch } from './due-watch.ts'
import { type EndedExecution, endedExecution } from './ended-execution.ts'
import type { Executables, KnownDefinition } from './executables.ts'
import { type ExecutionRow, executionOf, putExecution } from './execution-row.ts'
import type { JournalWriter, Written } from './journal-writer.ts'
import {
  type Answered,
  type ExecutionDraft,
  type ExecutionHost,
  LiveExecution,
  type RowDraft,
} from './live-execution.ts'
import { type LoadedExecution, loadExecution } from './load-execution.ts'
import type { Performer } from './performer.ts'
import { ResidentWaits } from './resident-waits.ts'
import { EXECUTIONS, type Standing } from './spaces.ts'
import { endOf, occupationOf } from './standing.ts'

/** Bounds as numbers. */
export type Bounds = Readonly<Record<LimitName, number>>

/** What a runner is made from. */
export type RunnerOptions = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: Random
  readonly bounds: Bounds
  readonly log: LogSink
  readonly executables: Executables
  readonly writer: JournalWriter
  readonly lease: () => readonly Condition[]
  readonly retentionMs: number
}

/** How an execution is started. */
export type StartOptions = {
  readonly id?: string | undefined
  readonly correlationId?: string | undefined
  readonly user?: string | undefined
  readonly parent?: ParentLink | undefined
}

/** An execution that has been started, now or before. */
export type Started = { readonly id: string; readonly isNew: boolean }

type Waiter = {
  readonly resolve: (ended: EndedExecution) => void
  readonly reject: (error: unknown) => void
}
