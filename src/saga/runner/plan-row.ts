/** Which row an execution should have, and whether that is another one than it has. Pure. */
import { NANOSECONDS_PER_MS, type Nanoseconds } from '../../clock.ts'
import type { RowChange } from '../../ledger/ledger.ts'
import type { Action } from '../../machine/action.ts'
import type { Definition } from '../../machine/definition.ts'
import type { Backward, Forward } from '../../machine/journal.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { awaitedSignals } from './awaited-signals.ts'
import { type ExecutionRow, putExecution, type WaitingFor } from './execution-row.ts'
import type { Standing } from './spaces.ts'
import { endOf, type Occupation, occupationOf } from './standing.ts'

/** What a row stands at: it is written again only when one of these changes. */
export type RowMark = {
  readonly standing: Standing
  readonly dueAt: Nanoseconds | undefined
  readonly forward: Forward
  readonly backward: Backward
  readonly openItems: number
  /** The signals it waits for while nothing else goes on. */
  readonly signals: string
}

/** A change of the row, and what it stands at then. */
export type RowDraft = { readonly change: RowChange; readonly mark: RowMark }

/** What decides about a row beside the state. */
export type RowFacts = {
  readonly definition: Definition
  readonly now: Nanoseconds
  readonly user: string
  /** What it stands at; undefined when there is none. */
  readonly mark: RowMark | undefined
  /** It has waited long enough to be forgotten. */
  readonly isParking: boolean
  /** An operation of the author runs in this process. */
  readonly isOperating: boolean
  /** Waits that are shorter are not written down. */
  readonly residentMs: number
  readonly retentionMs: number
}

/** The row that must be written, if any. */
export function planRow(
  state: ExecutionState,
  actions: readonly Action[],
  facts: RowFacts,
): RowDraft | undefined {
  if (goesOnAsBefore(state, actions, facts.mark)) return undefined
  const occupation = occupationOf(state, actions)
  const standing = standingOf(state, occupation, facts)
  const { forward, backward, stuck } = state
  const openItems = stuck.length
  const dueAt = dueAtOf(standing, occupation, facts)
  const isWaiting = standing === 'waiting'
  const signals = isWaiting ? awaitedSignals(facts.definition, state).join(', ') : ''
  const mark = { standing, dueAt, forward, backward, openItems, signals }
  if (facts.mark !== undefined && isSame(mark, facts.mark)) return undefined
  const row: ExecutionRow = {
    id: state.id,
    definition: state.definition,
    fingerprint: state.fingerprint,
    standing,
    forward,
    backward,
    startedAt: state.startedAt,
    changedAt: state.changedAt,
    endedAt: hasStandingEnded(standing) ? state.changedAt : undefined,
    dueAt,
    correlationId: state.correlationId,
    user: facts.user,
    openItems,
    entries: state.entries,
    waiting: signals === '' ? waitingOf(standing, occupation) : 'signal',
    waitingFor: signals === '' ? occupation.waitsFor : signals,
    failure: state.failure,
    parent: state.parent,
  }
  return { change: putExecution(row, facts.mark === undefined), mark }
}

/** Most turns of an execution change nothing that its row says: it is at work, as it was. */
function goesOnAsBefore(
  state: ExecutionState,
  actions: readonly Action[],
  mark: RowMark | undefined,
): boolean {
  return (
    mark?.standing === 'running' &&
    mark.forward === state.forward &&
    mark.backward === state.backward &&
    mark.openItems === state.stuck.length &&
    actions.some(({ kind }) => kind === 'run' || kind === 'undo')
  )
}

/** What a row stands at. */
export function markOf(row: ExecutionRow): RowMark {
  const { standing, dueAt, forward, backward, openItems, waiting, waitingFor } = row
  const signals = standing === 'waiting' && waiting === 'signal' ? waitingFor : ''
  return { standing, dueAt, forward, backward, openItems, signals }
}

/** Whether nothing goes on any more, by itself or by an operator. */
export function hasStandingEnded(standing: Standing): boolean {
  return standing === 'completed' || standing === 'compensated' || standing === 'waived'
}

function standingOf(state: ExecutionState, occupation: Occupation, facts: RowFacts): Standing {
  const end = endOf(state, occupation)
  if (end !== undefined) return end
  if (facts.isOperating) return 'running'
  switch (occupation.kind) {
    case 'works':
      return 'running'
    case 'awaits-reply':
    case 'awaits-child':
      return facts.isParking ? 'awaiting' : 'running'
    case 'pauses': {
      const { wakeAt = 0n } = occupation
      const isShort = wakeAt - facts.now <= BigInt(facts.residentMs) * NANOSECONDS_PER_MS
      return isShort && !facts.isParking ? 'running' : 'waiting'
    }
    default:
      return 'waiting'
  }
}

function dueAtOf(
  standing: Standing,
  { wakeAt }: Occupation,
  { now, retentionMs }: RowFacts,
): Nanoseconds | undefined {
  if (hasStandingEnded(standing)) {
    return retentionMs === Infinity ? undefined : now + BigInt(retentionMs) * NANOSECONDS_PER_MS
  }
  return standing === 'waiting' || standing === 'awaiting' || standing === 'stuck'
    ? wakeAt
    : undefined
}

function waitingOf(standing: Standing, { kind }: Occupation): WaitingFor {
  if (standing === 'stuck') return 'operator'
  switch (kind) {
    case 'awaits-reply':
      return 'reply'
    case 'awaits-child':
      return 'child'
    case 'awaits-signal':
      return 'signal'
    case 'pauses':
      return 'time'
    case 'works':
    case 'rests':
      return 'nothing'
    default:
      return kind satisfies never
  }
}

function isSame(one: RowMark, other: RowMark): boolean {
  if (one.standing !== other.standing || one.backward !== other.backward) return false
  if (one.forward !== other.forward || one.openItems !== other.openItems) return false
  if (one.signals !== other.signals) return false
  // What ends once is deleted once.
  return one.dueAt === other.dueAt || hasStandingEnded(one.standing)
}
