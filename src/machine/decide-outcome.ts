/** Outcomes of what steps do: taken, tried again, found out, or given up. */
import type { Nanoseconds } from '../clock.ts'
import { changeOf, SAME } from './change.ts'
import { type Deciding, record } from './decision.ts'
import type { StepNode } from './definition.ts'
import type { Place } from './definition-index.ts'
import { nodeOf, placeOf, stepAt } from './draft.ts'
import { failureOf } from './failures.ts'
import type { Told } from './input.ts'
import type { Change, Failure, Found } from './journal.ts'
import { nextTryAt } from './pause.ts'
import type { NodeState } from './state.ts'
import { whyAborted } from './unwind.ts'
import { undoesUnknown } from './which-undo.ts'

type Outcome = Extract<Told, { readonly kind: 'succeeded' | 'failed' | 'probed' | 'child' }>

/** Decides the outcome of an attempt, an answer about one, or the end of a child. */
export function decideOutcome(deciding: Deciding, input: Outcome): void {
  const place = placeOf(deciding.draft, input.path)
  const step = stepAt(place)
  const node = place === undefined ? undefined : nodeOf(deciding.draft, place)
  if (place === undefined || step === undefined || node === undefined) return
  switch (input.kind) {
    case 'succeeded':
      return decideSuccess(deciding, step, node, input)
    case 'failed':
      return decideFailure(deciding, place, node, input)
    case 'probed':
      return decideProbed(deciding, place, node, input)
    case 'child':
      return decideChild(deciding, step, node, input)
  }
}

/** Journals that an attempt, or what comes before one, did not succeed, and whether it goes on. */
export function recordFailure(
  deciding: Deciding,
  place: Place,
  attempt: number,
  failure: Failure,
  more: {
    readonly happened?: boolean
    readonly services?: readonly string[] | undefined
    /** When it is tried again whatever its policy says. */
    readonly again?: Nanoseconds | undefined
  } = {},
): void {
  const { draft } = deciding
  const node = nodeOf(draft, place)
  const happened = more.happened === true
  const again =
    more.again ??
    (node === undefined || happened ? undefined : againAt(deciding, place, node, failure))
  const { services } = more
  const { at } = draft
  const { path } = place.node
  const begins = { at, begins: [], turns: undefined }
  record(deciding, { kind: 'failed', path, attempt, failure, happened, again, services, ...begins })
}

function decideSuccess(
  deciding: Deciding,
  step: StepNode,
  node: NodeState,
  input: Extract<Outcome, { readonly kind: 'succeeded' }>,
): void {
  if (!isAwaited(step, node, input.attempt) && !isLateSuccess(step, node, input.attempt)) return
  const { draft } = deciding
  const { path, attempt, services } = input
  const change = changeTo(draft.definition.values, node.input, input.value)
  const { at } = draft
  record(deciding, {
    kind: 'succeeded',
    path,
    attempt,
    change,
    services,
    at,
    begins: [],
    turns: undefined,
  })
}

function changeTo(values: 'context' | 'output', before: unknown, after: unknown): Change {
  if (values === 'output') return { kind: 'replace', value: after }
  return after === undefined ? SAME : changeOf(before, after)
}

function decideFailure(
  deciding: Deciding,
  place: Place,
  node: NodeState,
  input: Extract<Outcome, { readonly kind: 'failed' }>,
): void {
  const { attempt, failure, happened, services } = input
  const step = stepAt(place)
  if (step === undefined) return
  const tells = happened === true || failure.outcome === 'refused'
  const isAwaitedNow = tells
    ? isAwaited(step, node, attempt)
    : node.status === 'begun' && attempt === node.attempt
  if (!isAwaitedNow && !(tells && isLate(step, node, attempt))) return
  recordFailure(deciding, place, attempt, failure, { happened: happened === true, services })
}

/** Whether the outcome of this attempt settles the step: of the running one, or of any before. */
function isAwaited({ does }: StepNode, node: NodeState, attempt: number): boolean {
  if (attempt < 1 || attempt > node.attempt || does === 'execution') return false
  if (node.status === 'begun') return does !== 'signal' || node.received !== undefined
  // An earlier attempt has answered after all, before the next one began.
  return node.status === 'pausing' || node.status === 'probing' || node.status === 'ready'
}

/** Whether it tells more about a step that was given up without an answer. */
function isLate({ does }: StepNode, node: NodeState, attempt: number): boolean {
  return node.status === 'unknown' && isStillOpen(does, node, attempt)
}

/** Whether it happened after all, whatever is known about it: nothing that happened is left behind. */
function isLateSuccess({ does }: StepNode, node: NodeState, attempt: number): boolean {
  return GIVEN_UP.has(node.status) && isStillOpen(does, node, attempt)
}

const GIVEN_UP: ReadonlySet<NodeState['status']> = new Set([
  'unknown',
  'refused',
  'failed',
  'exhausted',
])

function isStillOpen(does: StepNode['does'], node: NodeState, attempt: number): boolean {
  if (attempt < 1 || attempt > node.attempt) return false
  if (does !== 'operation' && does !== 'request') return false
  const undo = node.undo?.status
  // The undo of a request names what it undoes, and its service sees to it that nothing is left.
  if (does === 'request') return undo === undefined || undo === 'stuck' || undo === 'not-needed'
  return undo !== 'waived'
}

function decideProbed(
  deciding: Deciding,
  place: Place,
  node: NodeState,
  input: Extract<Outcome, { readonly kind: 'probed' }>,
): void {
  const { draft } = deciding
  const { path, attempt } = input
  if (node.status !== 'probing' || attempt !== node.attempt) return
  const found: Found =
    input.found === 'happened'
      ? { kind: 'happened', change: changeTo(draft.definition.values, node.input, input.value) }
      : { kind: input.found }
  const failure = node.failure ?? failureOf(path, 'unknown', 'ATTEMPT_INTERRUPTED')
  const known: Failure = { ...failure, outcome: 'failed' }
  const again =
    found.kind === 'happened'
      ? undefined
      : found.kind === 'unknown'
        ? repeatAt(deciding, place, node)
        : againAt(deciding, place, node, known)
  const { at } = draft
  record(deciding, {
    kind: 'probed',
    path,
    attempt,
    found,
    again,
    at,
    begins: [],
    turns: undefined,
  })
}

/** When a failed attempt is followed by another one, if it is. */
function againAt(
  deciding: Deciding,
  place: Place,
  node: NodeState,
  failure: Failure,
): Nanoseconds | undefined {
  const step = stepAt(place)
  if (step === undefined || failure.outcome === 'refused') return undefined
  if (failure.outcome === 'unknown') {
    return step.probes ? undefined : repeatAt(deciding, place, node)
  }
  if (deciding.draft.state.unwinding) return undefined
  return tryAt(deciding, step, node)
}

/** When an attempt of unknown outcome is repeated with the same key, if it is. */
function repeatAt(deciding: Deciding, place: Place, node: NodeState): Nanoseconds | undefined {
  const step = stepAt(place)
  const { state, index } = deciding.draft
  if (step === undefined || step.atMostOnce) return undefined
  // On the way back it is repeated only where nothing but its answer can say what to undo.
  if (state.unwinding && undoesUnknown(step)) return undefined
  if (whyAborted(state, index, place) !== undefined) return undefined
  return tryAt(deciding, step, node)
}

function tryAt(
  { draft, random }: Deciding,
  step: StepNode,
  node: NodeState,
): Nanoseconds | undefined {
  if (node.timedOut || step.does === 'execution') return undefined
  const tries = node.status === 'ready' ? node.tries + 1 : node.tries
  return nextTryAt(step.retry, tries, { at: draft.at, random })
}

function decideChild(
  deciding: Deciding,
  step: StepNode,
  node: NodeState,
  input: Extract<Outcome, { readonly kind: 'child' }>,
): void {
  const { draft } = deciding
  const { path, forward, backward } = input
  const hasEnded = forward !== 'running' && backward !== 'running'
  if (step.does !== 'execution' || !hasEnded) return
  if (node.status !== 'begun' && !isAwaitedBack(node, forward, backward)) return
  const isWhole = forward === 'completed' && (backward === 'not-needed' || backward === 'waived')
  const change =
    node.status === 'begun' && isWhole
      ? changeTo(draft.definition.values, node.input, input.value)
      : SAME
  const failure = isWhole ? undefined : childFailure(path, input.failure)
  const { at } = draft
  const begins = { at, begins: [], turns: undefined }
  record(deciding, { kind: 'child', path, forward, backward, change, failure, ...begins })
}

/** Whether the end of a child tells something new about its undo. */
function isAwaitedBack(node: NodeState, forward: string, backward: string): boolean {
  const status = node.undo?.status
  if (status === 'begun') return forward !== 'completed' || backward !== 'not-needed'
  return status === 'stuck' && node.child?.backward === 'stuck' && backward !== 'stuck'
}

function childFailure(path: string, failure: Failure | undefined): Failure {
  if (failure === undefined) return failureOf(path, 'failed', 'CHILD_EXECUTION_FAILED')
  // The child has undone what it did, so that for the step nothing has happened.
  const { error: _error, ...plain } = failure
  const outcome = failure.outcome === 'refused' ? 'refused' : 'failed'
  return 'error' in failure
    ? { ...plain, path, outcome, error: failure.error }
    : { ...plain, path, outcome }
}
