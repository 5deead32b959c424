/**
 * The row of an execution: what a list shows without reading its journal. It is written when an
 * execution starts, begins to unwind, waits for long, is stuck, or ends; not at every step.
 */
import type { Nanoseconds } from '../../clock.ts'
import type { Row, RowChange } from '../../ledger/ledger.ts'
import type { Backward, Forward, ParentLink } from '../../machine/journal.ts'
import { EXECUTIONS, type Standing } from './spaces.ts'

/** See the top of this file. */
export type ExecutionRow = {
  readonly id: string
  readonly definition: string
  readonly fingerprint: string
  readonly standing: Standing
  readonly forward: Forward
  readonly backward: Backward
  readonly startedAt: Nanoseconds
  readonly changedAt: Nanoseconds
  readonly endedAt?: Nanoseconds | undefined
  /** When it goes on by itself; of one that has ended, when it is deleted. */
  readonly dueAt?: Nanoseconds | undefined
  readonly correlationId: string
  readonly user: string
  /** Work items that wait for an operator. */
  readonly openItems: number
  readonly failure?: { readonly code: string; readonly message: string } | undefined
  readonly parent?: ParentLink | undefined
}

/** The change that stores a row. A new one must not be there yet. */
export function putExecution(row: ExecutionRow, isNew: boolean): RowChange {
  const { dueAt, standing, ...rest } = row
  return {
    kind: 'put',
    space: EXECUTIONS,
    key: row.id,
    value: encoder.encode(JSON.stringify(rest, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))),
    expected: isNew ? 'absent' : 'any',
    group: standing,
    dueAt,
  }
}

/** Reads a row. */
export function executionOf(row: Row): ExecutionRow {
  const rest = JSON.parse(decoder.decode(row.value), (_, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as Omit<ExecutionRow, 'dueAt' | 'standing'>
  return { ...rest, standing: (row.group ?? 'running') as Standing, dueAt: row.dueAt }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
