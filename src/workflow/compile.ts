/**
 * Compiles a primitive with a compensation inside to a definition of the saga machine: sequences,
 * parallel groups, conditionals and compensating workflows become nodes, everything else a step.
 *
 * 1. A path is made of the names of steps; `branch_<n>`, `then` and `else` name branches.
 * 2. A compensating workflow that is a step becomes part of the definition, unless it has an undo of
 *    its own, a deadline, or the step has settings: then it is one operation to the outer one.
 */
import type {
  ConditionalNode,
  Definition,
  Node,
  ParallelNode,
  Path,
  RetryPolicy,
  SequenceNode,
  StepNode,
} from '../machine/definition.ts'
import { NO_RETRY, PATIENT_RETRY } from '../machine/definition.ts'
import { ABANDON_AFTER_MS } from '../machine/perform/performing.ts'
import type { CompensatingOptions, RegisteredUndo } from './compensation-options.ts'
import { retryPolicy } from './compensation-step.ts'
import {
  type AnyOperations,
  type Composition,
  compositionOf,
  holdsCompensation,
  type PlannedStep,
} from './composition.ts'
import type { BranchCondition } from './branch-condition.ts'
import { plannedOperation } from './planned-steps.ts'
import type { Operation } from './primitive.ts'
import { stepNameOf, stepNames } from './step-names.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** Where a definition is going to run. */
export type Flavour = 'memory' | 'durable'

/** A definition with what belongs to its nodes. */
export type Compiled = {
  readonly definition: Definition
  /** In the order in which they are written. */
  readonly steps: ReadonlyMap<Path, CompiledStep>
  readonly choices: ReadonlyMap<Path, Choice>
  readonly undos: ReadonlyMap<string, RegisteredUndo>
  readonly scope: Scope
}

/** What decides at a conditional. */
export type Choice = { readonly condition: BranchCondition<never>; readonly hasElse: boolean }

/** A step of the definition. */
export type CompiledStep = {
  readonly path: Path
  /** Counts from 0 within the definition. */
  readonly number: number
  readonly planned: PlannedStep
  /** Counts from 1 within its scope. */
  readonly index: number
  readonly scope: Scope
  readonly forwardSpan: string
  readonly backwardSpan: string
  /** The names of the moments at which it, and its undo, begin and end. */
  readonly checkpoints: Checkpoints
  /** A node of the definition. */
  readonly node: StepNode
  /** Milliseconds that it gets to end once it is told to stop. */
  readonly abandonAfterMs: number
}

/** See {@link CompiledStep}. */
export type Checkpoints = {
  readonly forwardStart: string
  readonly forwardEnd: string
  readonly backwardStart: string
  readonly backwardEnd: string
}

/** A composition inside the definition: what its steps have in common. */
export type Scope = {
  readonly path: Path
  /** The name in metrics and logs. */
  readonly primitive: string
  readonly outer: Scope | undefined
  /** Spans around its steps, the outermost first. */
  readonly spans: readonly string[]
  readonly options: CompensatingOptions
  readonly size: number
}

/**
 * Compiles.
 *
 * @throws CodedError `WORKFLOW_INVALID` for a durable run of a compensation that a primitive hides
 */
export function compile(composition: Composition, flavour: Flavour): Compiled {
  const work: Work = { flavour, steps: new Map(), choices: new Map(), undos: new Map() }
  const lead = composition.kind === 'compensating' ? [] : [`primitive.${composition.name}`]
  const options = composition.kind === 'compensating' ? composition.options : NO_OPTIONS
  const { node, scope } = compileComposition(work, composition, {
    path: '',
    outer: undefined,
    lead,
  })
  const root = node.kind === 'sequence' ? node : sequenceOf('', [node], options)
  const definition: Definition = {
    name: composition.name,
    version: options.version ?? '',
    values: 'output',
    root,
    deadlineMs: options.deadlineMs,
  }
  const { steps, choices, undos } = work
  return { definition, steps, choices, undos, scope }
}

type Work = {
  readonly flavour: Flavour
  readonly steps: Map<Path, CompiledStep>
  readonly choices: Map<Path, Choice>
  readonly undos: Map<string, RegisteredUndo>
}

/** Where something is compiled to. */
type At = {
  readonly path: Path
  readonly outer: Scope | undefined
  readonly lead: readonly string[]
}

type CompiledNode = {
  readonly node: SequenceNode | ParallelNode | ConditionalNode
  readonly scope: Scope
}

const NO_OPTIONS: CompensatingOptions = Object.freeze({})

function compileComposition(work: Work, composition: Composition, at: At): CompiledNode {
  const isCompensatingScope = composition.kind === 'compensating'
  const options = isCompensatingScope ? composition.options : (at.outer?.options ?? NO_OPTIONS)
  const size = isCompensatingScope ? composition.steps.length : composition.operations.length
  const spans = isCompensatingScope ? [...at.lead, 'compensation_workflow.execute'] : at.lead
  const { path, outer } = at
  const scope: Scope = { path, primitive: composition.name, outer, spans, options, size }
  switch (composition.kind) {
    case 'compensating':
      return { node: compensatingNode(work, composition.steps, scope), scope }
    case 'sequence':
      return { node: sequenceNode(work, composition.operations, scope), scope }
    case 'parallel':
      return { node: parallelNode(work, composition, scope), scope }
    case 'conditional':
      return { node: conditionalNode(work, composition, scope), scope }
  }
}

function compensatingNode(work: Work, planned: readonly PlannedStep[], scope: Scope): SequenceNode {
  for (const [name, undo] of Object.entries(scope.options.undos ?? {})) {
    if (work.undos.has(name) && work.undos.get(name) !== undo) {
      throw workflowInvalid(`undos.${name}`, 'one function in all workflows put together', name)
    }
    work.undos.set(name, undo)
  }
  const nodes = planned.map((step, i): Node => {
    const path = joined(scope.path, step.name)
    const spans = { forward: `step_${i + 1}.forward`, backward: `step_${i + 1}.compensate` }
    const inner = isPartOfOuter(step) ? compositionOf(step.run) : undefined
    if (inner === undefined) return stepNode(work, step, { path, index: i + 1, scope, spans })
    return compileComposition(work, inner, { path, outer: scope, lead: [spans.forward] }).node
  })
  return sequenceOf(scope.path, nodes, scope.options)
}

function sequenceNode(work: Work, operations: AnyOperations, scope: Scope): SequenceNode {
  const unique = stepNames()
  const nodes = operations.map((operation, i) => {
    const name = unique(stepNameOf(operation), i + 1)
    return operationNode(work, operation, name, i, `sequential.step_${i}`, scope)
  })
  return sequenceOf(scope.path, nodes, scope.options)
}

function parallelNode(
  work: Work,
  composition: Extract<Composition, { kind: 'parallel' }>,
  scope: Scope,
): ParallelNode {
  const { path } = scope
  const branches = composition.operations.map((operation, i) =>
    branchNode(work, operation, `branch_${i + 1}`, i, `parallel.branch_${i}`, scope),
  )
  const abortSiblings = composition.failFast
  return {
    kind: 'parallel',
    // A group at the root needs a name of its own: the root is a sequence.
    path: path === '' ? 'parallel' : path,
    branches,
    undo: 'in-order',
    join: 'list',
    abortSiblings,
  }
}

function conditionalNode(
  work: Work,
  composition: Extract<Composition, { kind: 'conditional' }>,
  scope: Scope,
): ConditionalNode {
  const path = scope.path === '' ? 'conditional' : scope.path
  const [then, otherwise] = composition.operations.map((operation, i) => {
    const name = i === 0 ? 'then' : 'else'
    return branchNode(work, operation, name, i, `conditional.branch_${name}`, scope)
  })
  work.choices.set(path, { condition: composition.condition, hasElse: otherwise !== undefined })
  return { kind: 'conditional', path, branches: then === undefined ? [] : [then], otherwise }
}

/** A branch is a sequence; what it runs is named below it. */
function branchNode(
  work: Work,
  operation: Operation<never, unknown>,
  branch: string,
  i: number,
  span: string,
  scope: Scope,
): SequenceNode {
  const path = joined(scope.path, branch)
  const name = stepNameOf(operation) || `step_${i + 1}`
  const inside = { ...scope, path }
  const node = operationNode(work, operation, name, i, span, inside)
  return sequenceOf(path, [node], scope.options)
}

function operationNode(
  work: Work,
  operation: Operation<never, unknown>,
  name: string,
  i: number,
  span: string,
  scope: Scope,
): Node {
  const path = joined(scope.path, name)
  const inner = holdsCompensation(operation) ? inlined(operation) : undefined
  if (inner !== undefined) {
    return compileComposition(work, inner, { path, outer: scope, lead: [span] }).node
  }
  const spans = { forward: span, backward: `${span}.compensate` }
  return stepNode(work, plannedOperation(name, operation), { path, index: i + 1, scope, spans })
}

function stepNode(
  work: Work,
  planned: PlannedStep,
  place: {
    readonly path: Path
    readonly index: number
    readonly scope: Scope
    readonly spans: { readonly forward: string; readonly backward: string }
  },
): StepNode {
  const { path, index, scope, spans } = place
  const undoesFailed = planned.compensateWhenFailed !== undefined
  const undoesUnknown = undoesFailed || planned.undoUnknown !== undefined
  if (work.flavour === 'durable') checkNothingHidden(planned, path)
  const node: StepNode = {
    kind: 'step',
    path,
    name: planned.name,
    does: 'operation',
    mode: planned.mode,
    undo: planned.compensate !== undefined || undoesUnknown ? 'declared' : 'none',
    undoesUnknown,
    probes: false,
    atMostOnce: planned.atMostOnce,
    undoesOwnFailure: undoesFailed,
    retry: planned.retry ?? (planned.mode === 'retriable' ? PATIENT_RETRY : NO_RETRY),
    undoRetry: planned.compensationRetry ?? undoRetryOf(scope.options, work.flavour),
    attemptTimeoutMs: planned.timeoutMs,
    undoTimeoutMs: planned.compensationTimeoutMs ?? scope.options.compensationTimeoutMs,
    abandonAfterMs: scope.options.abandonAfterMs,
  }
  const { forward: forwardSpan, backward: backwardSpan } = spans
  const checkpoints = checkpointsOf(scope, spans)
  work.steps.set(path, {
    number: work.steps.size,
    path,
    planned,
    index,
    scope,
    forwardSpan,
    backwardSpan,
    checkpoints,
    node,
    abandonAfterMs: abandonAfterMsOf(planned, scope),
  })
  return node
}

function checkpointsOf(
  scope: Scope,
  spans: { readonly forward: string; readonly backward: string },
): Checkpoints {
  const prefix = scope.outer === undefined ? '' : `${scope.path}/`
  return {
    forwardStart: `${prefix}${spans.forward}.start`,
    forwardEnd: `${prefix}${spans.forward}.end`,
    backwardStart: `${prefix}${spans.backward}.start`,
    backwardEnd: `${prefix}${spans.backward}.end`,
  }
}

/** A workflow inside that is told to stop rolls itself back first, however long that takes. */
function abandonAfterMsOf({ run }: PlannedStep, { options }: Scope): number {
  return options.abandonAfterMs ?? (holdsCompensation(run) ? Infinity : ABANDON_AFTER_MS)
}

function undoRetryOf(options: CompensatingOptions, flavour: Flavour): RetryPolicy {
  if (options.compensationRetry !== undefined) return retryPolicy(options.compensationRetry)
  return flavour === 'durable' ? PATIENT_RETRY : NO_RETRY
}

function isPartOfOuter(step: PlannedStep): boolean {
  if (!holdsCompensation(step.run) || inlined(step.run) === undefined) return false
  if (step.compensate !== undefined || step.undoUnknown !== undefined) return false
  if (step.compensateWhenFailed !== undefined || step.mode !== 'compensatable') return false
  return step.retry === undefined && step.timeoutMs === undefined
}

/** A workflow with a deadline runs by itself: the machine knows one deadline per execution. */
function inlined(operation: Operation<never, unknown>): Composition | undefined {
  const composition = compositionOf(operation)
  if (composition?.kind !== 'compensating') return composition
  return composition.options.deadlineMs === undefined ? composition : undefined
}

/** What a primitive hides is not journalled, and would not be undone with the rest. */
function checkNothingHidden(planned: PlannedStep, path: Path): void {
  if (planned.compensate !== undefined || !holdsCompensation(planned.run)) return
  throw workflowInvalid(
    `step ${path}`,
    'a workflow itself, or have an undo of its own: what a retry, timeout or other wrapper hides cannot be undone durably',
    planned.name,
  )
}

function sequenceOf(
  path: Path,
  nodes: readonly Node[],
  { continueOnCompensationFailure }: CompensatingOptions,
): SequenceNode {
  const continueOnUndoFailure = continueOnCompensationFailure ?? true
  return { kind: 'sequence', path, nodes, continueOnUndoFailure }
}

function joined(path: Path, name: string): Path {
  return path === '' ? name : `${path}/${name}`
}
