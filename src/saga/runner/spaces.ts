/** The rows that the runner of executions keeps in its ledger. */

/** One row for each execution: its key is the execution's id, its group how it stands. */
export const EXECUTIONS = 'saga-execution'

/** Under this name the process that runs executions holds its lease. */
export const RUNNER = 'saga-runner'

/**
 * How an execution stands: the groups of its row.
 *
 * `running` and `awaiting` (a reply, or a child) are looked at by a process that takes over;
 * `waiting` (for a time, or a signal) holds nothing in memory and is looked at when it is due;
 * `orphaned` waits for a process that knows its definition; `stuck` waits for an operator.
 */
export type Standing =
  'running' | 'awaiting' | 'waiting' | 'orphaned' | 'stuck' | 'completed' | 'compensated' | 'waived'

/** Every standing; the first ones have not ended. */
export const STANDINGS: readonly Standing[] = [
  'running',
  'awaiting',
  'waiting',
  'orphaned',
  'stuck',
  'completed',
  'compensated',
  'waived',
]
