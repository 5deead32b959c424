/**
 * The row of an execution: what a list shows without reading its journal. It is written when an
 * execution starts, begins to unwind, waits for long, is stuck, or ends; not at every step.
 */
import { create } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../../clock.ts'
import type { Row, RowChange } from '../../ledger/ledger.ts'
import type { Backward, Failure, Forward, ParentLink } from '../../machine/journal.ts'
import {
  ExecutionRowSchema,
  type ExecutionRow as RowMessage,
} from '../../proto/amends/saga/v1/execution_pb.ts'
import {
  type Failure as FailureMessage,
  FailureSchema,
} from '../../proto/amends/saga/v1/journal_pb.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import { BACKWARDS, FORWARDS, OUTCOMES } from '../journal/entry-types.ts'
import { EXECUTIONS, type Standing, STANDINGS } from './spaces.ts'

/** What an execution waits for. */
export type WaitingFor =
  'nothing' | 'time' | 'reply' | 'signal' | 'child' | 'operator' | 'definition'

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
  readonly endedAt: Nanoseconds | undefined
  /** When it goes on by itself; of one that has ended, when it is deleted. */
  readonly dueAt: Nanoseconds | undefined
  readonly correlationId: string
  readonly user: string
  /** Work items that wait for an operator. */
  readonly openItems: number
  readonly entries: number
  readonly waiting: WaitingFor
  /** Name of what it waits for, such as the signals, with commas; '' when it has none. */
  readonly waitingFor: string
  readonly failure: Omit<Failure, 'error'> | undefined
  readonly parent: ParentLink | undefined
}

/** The change that stores a row. A new one must not be there yet. */
export function putExecution(row: ExecutionRow, isNew: boolean): RowChange {
  const { id, standing, dueAt, failure, endedAt } = row
  const value = codec.encode(
    create(ExecutionRowSchema, {
      // The words stand in the order of the constants of their enums.
      definition: row.definition,
      fingerprint: row.fingerprint,
      forward: indexIn(FORWARDS, row.forward) as RowMessage['forward'],
      backward: indexIn(BACKWARDS, row.backward) as RowMessage['backward'],
      startedAtNs: row.startedAt,
      changedAtNs: row.changedAt,
      ...(endedAt === undefined ? {} : { endedAtNs: endedAt }),
      ...(endedAt === undefined || dueAt === undefined ? {} : { keepUntilNs: dueAt }),
      stuckItems: row.openItems,
      ...(failure === undefined ? {} : { failure: failureMessage(failure) }),
      ...(row.parent === undefined ? {} : { parent: row.parent }),
      waiting: indexIn(WAITS, row.waiting) as RowMessage['waiting'],
      waitingFor: row.waitingFor,
      entries: row.entries,
      correlationId: row.correlationId,
      user: row.user,
    }),
  )
  const expected = isNew ? 'absent' : 'any'
  return { kind: 'put', space: EXECUTIONS, key: id, value, expected, group: standing, dueAt }
}

/** Reads a row. */
export function executionOf(row: Row): ExecutionRow {
  const { failure, parent, ...message } = codec.decode(row.value)
  return {
    id: row.key,
    definition: message.definition,
    fingerprint: message.fingerprint,
    standing: STANDINGS.find((standing) => standing === row.group) ?? 'running',
    forward: FORWARDS[message.forward] ?? 'running',
    backward: BACKWARDS[message.backward] ?? 'not-needed',
    startedAt: message.startedAtNs,
    changedAt: message.changedAtNs,
    endedAt: message.endedAtNs,
    dueAt: row.dueAt,
    correlationId: message.correlationId,
    user: message.user,
    openItems: message.stuckItems,
    entries: message.entries,
    waiting: WAITS[message.waiting] ?? 'nothing',
    waitingFor: message.waitingFor,
    failure: failure && {
      path: failure.path,
      outcome: OUTCOMES[failure.outcome] ?? 'failed',
      code: failure.code,
      message: failure.message,
    },
    parent: parent && { id: parent.id, path: parent.path },
  }
}

function failureMessage(failure: Omit<Failure, 'error'>): FailureMessage {
  const { path, outcome, code, message } = failure
  return create(FailureSchema, {
    path,
    outcome: indexIn(OUTCOMES, outcome) as FailureMessage['outcome'],
    code,
    message: message.slice(0, SHOWN_MAX),
  })
}

/** Characters of a failure's message that a list shows. */
const SHOWN_MAX = 256

function indexIn<T>(words: readonly T[], word: T): number {
  return Math.max(0, words.indexOf(word))
}

const codec = messageCodec(ExecutionRowSchema)

/** In the order of the constants of `amends.saga.v1.Waiting`. */
const WAITS: readonly WaitingFor[] = [
  'nothing',
  'time',
  'reply',
  'signal',
  'child',
  'operator',
  'definition',
]
