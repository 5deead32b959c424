/**
 * From a saga to what the machine runs: a tree of nodes, and what the author wrote under the same paths.
 * Branches are compiled into the saga they stand in; nested sagas stay definitions of their own.
 */
import {
  type Binding,
  EXECUTABLE,
  type Executable,
  type NamedUndo,
  type Runnable,
} from '../../machine/bindings.ts'
import type {
  ConditionalNode,
  Definition,
  Node,
  ParallelNode,
  Path,
  SequenceNode,
  StepMode,
  StepNode,
} from '../../machine/definition.ts'
import { checkDefinition } from '../../machine/check-definition.ts'
import { codedError } from '../../errors.ts'
import { bindCondition, bindLocal, bindRemote, bindSignal } from './bind-step.ts'
import { ConditionalSagaStep } from './conditional-saga-step.ts'
import { admitInput } from './admit-input.ts'
import { admitSignal } from './admit-signal.ts'
import { LocalSagaStep } from './local-saga-step.ts'
import { NestedSagaStep } from './nested-saga-step.ts'
import { ParallelSagaStep } from './parallel-saga-step.ts'
import { RemoteSagaStep } from './remote-saga-step.ts'
import { type SagaStep, type StepOwner, undoAfterPivot } from './saga-step.ts'
import { SignalSagaStep } from './signal-saga-step.ts'
import { isolatedSequence, transactionBindings } from '../transactions/transaction-steps.ts'
import { free, stepNames } from './step-names.ts'
import { optionError, policiesOf } from './step-options.ts'

/** What is put together while the steps are walked. */
type Scope = {
  readonly saga: string
  readonly bindings: Map<Path, Binding>
  readonly undos: Map<string, NamedUndo>
  readonly children: Set<Runnable<never, unknown>>
  readonly signals: SignalSagaStep[]
  isBehindPivot: boolean
}

/**
 * Compiles a saga that is complete.
 *
 * @throws CodedError `SAGA_STEP_NAME_DUPLICATE`, `SAGA_UNDO_AFTER_PIVOT`, `SAGA_PIVOT_MISPLACED`,
 *   `SAGA_OPTION_INVALID`, `SAGA_ISOLATION_INVALID`
 */
export function compileSaga(saga: StepOwner): Executable {
  const undos = new Map(saga.undos)
  const scope: Scope = {
    saga: saga.name,
    bindings: new Map(),
    undos,
    children: new Set(),
    signals: [],
    isBehindPivot: false,
  }
  const { name, version, deadlineMs, isolated } = saga
  if (isolated) refuseInIsolated(saga)
  const steps = sequenceOf(saga, '', scope)
  const root = isolated ? isolatedSequence(steps) : steps
  if (isolated)
    for (const [path, binding] of transactionBindings()) scope.bindings.set(path, binding)
  const definition: Definition = { name, version, values: 'context', root, deadlineMs }
  checkDefinition(definition)
  return {
    definition,
    bindings: scope.bindings,
    undos,
    isolated,
    admit: (input) => admitInput(saga, input),
    children: [...scope.children],
    admitSignal: (signal, data) => admitSignal(scope.signals, signal, data),
  }
}

/** An isolated saga ends as a whole: nothing in it takes effect earlier, or in a transaction of its own. */
function refuseInIsolated(saga: StepOwner): void {
  for (const step of saga.steps) {
    if (step.isPivot) {
      throw isolationError(saga.name, 'Leave pivot() out: it is passed when all have reserved.')
    }
    if (step instanceof NestedSagaStep) {
      throw isolationError(saga.name, 'Put the steps of the other saga into a branch of this one.')
    }
    const branches =
      step instanceof ParallelSagaStep
        ? step.branches
        : step instanceof ConditionalSagaStep
          ? [...step.ifThenAlternatives, step.elseThenAlternative].flatMap((one) => one?.saga ?? [])
          : []
    for (const branch of branches) refuseInIsolated(branch)
  }
}

function isolationError(saga: string, hint: string): Error {
  return codedError('SAGA_ISOLATION_INVALID', { details: { saga }, hint })
}

function sequenceOf(saga: StepOwner, path: Path, scope: Scope): SequenceNode {
  const names = stepNames(saga.name, saga.steps)
  return {
    kind: 'sequence',
    path,
    nodes: saga.steps.map((step, index) => nodeOf(step, names[index] ?? '', path, scope)),
    continueOnUndoFailure: saga.continueOnCompensationFailure,
  }
}

function nodeOf(step: SagaStep, name: string, parent: Path, scope: Scope): Node {
  const path = parent === '' ? name : `${parent}/${name}`
  if (step instanceof ConditionalSagaStep) return conditionalNode(step, path, scope)
  if (step instanceof ParallelSagaStep) return parallelNode(step, path, scope)
  return stepNode(step, name, path, scope)
}

function conditionalNode(step: ConditionalSagaStep, path: Path, scope: Scope): ConditionalNode {
  const alternatives = step.ifThenAlternatives
  const taken = new Set<string>()
  const branch = (saga: StepOwner): SequenceNode => branchOf(saga, path, taken, scope)
  scope.bindings.set(path, {
    kind: 'choice',
    conditions: alternatives.map(({ condition }) => bindCondition(condition)),
  })
  const branches = alternatives.map(({ saga }) => branch(saga))
  const otherwise = step.elseThenAlternative && branch(step.elseThenAlternative.saga)
  return { kind: 'conditional', path, branches, otherwise }
}

function parallelNode(step: ParallelSagaStep, path: Path, scope: Scope): ParallelNode {
  const taken = new Set<string>()
  const { undo = 'parallel', abortSiblings = true } = step.options
  const branches = step.branches.map((saga) => branchOf(saga, path, taken, scope))
  return { kind: 'parallel', path, branches, undo, join: 'merge', abortSiblings }
}

/** A saga as a branch: its steps and undos are those of the saga it stands in. */
function branchOf(saga: StepOwner, parent: Path, taken: Set<string>, scope: Scope): SequenceNode {
  if (saga.steps.some((step) => step.isPivot)) {
    const hint = 'Put the pivot into the saga itself, or run the branch with sagaStep.'
    throw codedError('SAGA_PIVOT_MISPLACED', { details: { branch: saga.name }, hint })
  }
  if (saga.deadlineMs !== undefined) {
    const hint = 'A branch has no deadline of its own: give it to the saga, or use sagaStep.'
    const details = { branch: saga.name, option: 'deadlineMs', value: saga.deadlineMs }
    throw codedError('SAGA_OPTION_INVALID', { details, hint })
  }
  if (saga.isolated) {
    throw isolationError(saga.name, 'A branch belongs to its saga: isolate that one.')
  }
  for (const [name, undo] of saga.undos) addUndo(name, undo, scope)
  const name = free(saga.name.replaceAll('/', '.'), taken)
  return sequenceOf(saga, `${parent}/${name}`, scope)
}

function addUndo(name: string, undo: NamedUndo, { undos, saga }: Scope): void {
  const known = undos.get(name)
  if (known !== undefined && known !== undo) {
    const hint = 'Two undos of one name: the branches of a saga share its undos.'
    throw codedError('SAGA_OPTION_INVALID', {
      details: { saga, option: 'undos', value: name },
      hint,
    })
  }
  undos.set(name, undo)
}

function stepNode(step: SagaStep, name: string, path: Path, scope: Scope): StepNode {
  if (scope.isBehindPivot && step.hasUndo()) throw undoAfterPivot(scope.saga)
  if (step.options.needsNoUndo === true && step.hasUndo()) {
    throw optionError('needsNoUndo', true, `The step ${path} has an undo: leave one of them out.`)
  }
  const mode: StepMode = scope.isBehindPivot
    ? 'retriable'
    : step.isPivot
      ? 'pivot'
      : 'compensatable'
  if (step.isPivot) scope.isBehindPivot = true
  const { options } = step
  const common = {
    kind: 'step',
    path,
    name,
    mode,
    undo: step.hasUndo() ? 'declared' : 'none',
    // Where nothing is to be undone it does not matter whether the step happened.
    undoesUnknown: options.needsNoUndo === true,
    probes: false,
    atMostOnce: options.atMostOnce === true,
    undoesOwnFailure: false,
    ...policiesOf(options, mode),
    attemptTimeoutMs: options.attemptTimeoutMs,
    undoTimeoutMs: options.undoTimeoutMs,
    timeoutMs: options.timeoutMs,
    abandonAfterMs: options.abandonAfterMs,
  } as const
  return bound(step, common, scope)
}

/** A saga that passes a pivot of its own cannot be undone as a step. */
function refusePivotOf({ definition }: NestedSagaStep, saga: string): void {
  const { nodes } = definition[EXECUTABLE]().definition.root
  if (!nodes.some((node) => node.kind === 'step' && node.mode === 'pivot')) return
  throw codedError('SAGA_PIVOT_MISPLACED', {
    details: { saga, step: definition.name },
    hint: 'It has a pivot: make this step the pivot, or put it behind the pivot.',
  })
}

function bound(step: SagaStep, common: Omit<StepNode, 'does'>, scope: Scope): StepNode {
  const { path } = common
  if (step instanceof LocalSagaStep) {
    const { undoUnknown, probe } = step.options
    const undo = step.onFailureOperation === undefined ? 'none' : 'declared'
    const undoesUnknown = common.undoesUnknown || undoUnknown !== undefined
    scope.bindings.set(path, bindLocal(step))
    return { ...common, does: 'operation', undo, undoesUnknown, probes: probe !== undefined }
  }
  if (step instanceof RemoteSagaStep) {
    scope.bindings.set(path, bindRemote(step))
    // The undo of a remote step reads the context, which is there in any case.
    return { ...common, does: 'request', undoesUnknown: common.undoesUnknown || step.hasUndo() }
  }
  if (step instanceof SignalSagaStep) {
    scope.bindings.set(path, bindSignal(step))
    scope.signals.push(step)
    return { ...common, does: 'signal', signal: step.signal }
  }
  if (step instanceof NestedSagaStep) {
    if (common.mode === 'compensatable') refusePivotOf(step, scope.saga)
    scope.children.add(step.definition)
    // What a child did is undone by the child.
    const undo = common.mode === 'retriable' ? 'none' : 'declared'
    return { ...common, does: 'execution', undo, definition: step.definition.name }
  }
  throw codedError('SAGA_STEP_KIND_INVALID', { details: { kind: step.kind } })
}
