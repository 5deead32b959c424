/** How entries, and the words in them, are named on the wire (`proto/amends/saga/v1`). */
import type {
  Backward,
  Direction,
  Failure,
  Forward,
  Found,
  Happened,
  Verb,
} from '../../machine/journal.ts'

/** What an entry says, in one word. */
export type EntryKind = Happened['kind']

/** The message type of each kind of entry, without its package. */
const MESSAGES: Readonly<Record<EntryKind, string>> = {
  started: 'SagaStarted',
  prepared: 'RequestPrepared',
  chosen: 'BranchChosen',
  succeeded: 'StepSucceeded',
  failed: 'StepFailed',
  probed: 'OutcomeProbed',
  'timed-out': 'StepTimedOut',
  child: 'ChildEnded',
  joined: 'BranchesJoined',
  undone: 'UndoSucceeded',
  'undo-failed': 'UndoFailed',
  'undo-added': 'UndoAdded',
  signalled: 'SignalReceived',
  resumed: 'PauseEnded',
  'deadline-passed': 'DeadlinePassed',
  cancelled: 'SagaCancelled',
  'compensation-requested': 'CompensationRequested',
  resolved: 'ItemResolved',
}

/** The full message type of each kind of entry. */
export const entryTypes: ReadonlyMap<EntryKind, string> = new Map(
  // The keys of the record are the kinds, which `entries` forgets.
  Object.entries(MESSAGES).map(([kind, name]) => [kind as EntryKind, `amends.saga.v1.${name}`]),
)

/** The kind of entry of each full message type. */
export const entryKinds: ReadonlyMap<string, EntryKind> = new Map(
  Array.from(entryTypes, ([kind, type]) => [type, kind]),
)

// Words in the order of the constants of their enums.

/** `amends.saga.v1.Direction` */
export const DIRECTIONS: readonly Direction[] = ['forward', 'backward']
/** `amends.saga.v1.Forward` */
export const FORWARDS: readonly Forward[] = ['running', 'completed', 'failed', 'cancelled']
/** `amends.saga.v1.Backward` */
export const BACKWARDS: readonly Backward[] = ['not-needed', 'running', 'done', 'stuck', 'waived']
/** `amends.saga.v1.FailureOutcome` */
export const OUTCOMES: readonly Failure['outcome'][] = ['failed', 'refused', 'unknown']
/** `amends.saga.v1.Verb` */
export const VERBS: readonly Verb[] = ['retry', 'edit', 'replace', 'waive']
/** `amends.saga.v1.OutcomeProbed.Found` */
export const FOUND: readonly Found['kind'][] = ['unknown', 'happened', 'did-not-happen']
