/** How an execution ended, as its caller is told. Pure. */
import { codedError } from '../../errors.ts'
import type { Definition, Node, StepNode } from '../../machine/definition.ts'
import type { Failure } from '../../machine/journal.ts'
import type { ExecutionState, NodeState } from '../../machine/state.ts'
import { workItems } from '../../machine/work-items.ts'
import { SagaResponseError } from '../errors/execution-errors.ts'
import { relatedServicesOf } from '../transactions/related-services.ts'
import type { SagaOutcome, SagaReport, StepReport } from './saga-manager.ts'

/** What an outcome is made from. */
export type ReportFrom = {
  readonly id: string
  readonly definition: Definition
  readonly state: ExecutionState
  /** Paths of what was undone, in order. */
  readonly undone: readonly string[]
}

/** How an execution ended, or that it is held up. */
export function outcomeOf(from: ReportFrom): SagaOutcome<unknown> {
  const report = reportOf(from)
  const { forward, backward, failure, values } = from.state
  switch (forward) {
    case 'completed':
      return { ...report, forward, backward, context: values.get('') }
    case 'failed':
    case 'cancelled': {
      const why = failure ?? NO_FAILURE
      return { ...report, forward, backward, failure: why, error: errorOf(why) }
    }
    case 'running':
      return {
        ...report,
        forward,
        backward: 'not-needed',
        failure,
        error: failure && errorOf(failure),
      }
    default:
      return forward satisfies never
  }
}

/** What every outcome has. */
export function reportOf({ id, definition, state, undone }: ReportFrom): SagaReport {
  const steps = [...stepsOf(definition.root)]
  const names = new Map(steps.map(({ path, name }) => [path, name]))
  return {
    id,
    definition: definition.name,
    undone: undone.map((path) => nameOfUndo(path, names.get(path) ?? path, state.nodes.get(path))),
    steps: steps.map((step) => stepReport(step, state.nodes.get(step.path))),
    items: workItems(definition, state),
    relatedServices: relatedServicesOf(state),
  }
}

function nameOfUndo(path: string, name: string, node: NodeState | undefined): string {
  return node?.undo?.request?.target ?? name ?? path
}

function* stepsOf(node: Node): Generator<StepNode> {
  switch (node.kind) {
    case 'step':
      yield node
      return
    case 'sequence':
      for (const inner of node.nodes) yield* stepsOf(inner)
      return
    case 'parallel':
      for (const branch of node.branches) yield* stepsOf(branch)
      return
    case 'conditional':
      for (const branch of node.branches) yield* stepsOf(branch)
      if (node.otherwise !== undefined) yield* stepsOf(node.otherwise)
      return
    default:
      node satisfies never
  }
}

function stepReport({ path, name }: StepNode, node: NodeState | undefined): StepReport {
  if (node === undefined) {
    return { path, name, status: 'not-reached', attempts: 0, undo: 'not-needed' }
  }
  return { path, name, status: statusOf(node), attempts: node.attempt, undo: undoOf(node) }
}

function statusOf({ status }: NodeState): StepReport['status'] {
  switch (status) {
    case 'succeeded':
    case 'skipped':
    case 'refused':
    case 'failed':
    case 'happened':
    case 'unknown':
    case 'exhausted':
      return status
    case 'joined':
      return 'succeeded'
    default:
      return 'running'
  }
}

function undoOf({ undo, added }: NodeState): StepReport['undo'] {
  const all = [undo, ...added.map((one) => one.undo)].flatMap((one) => one?.status ?? [])
  if (all.includes('stuck')) return 'stuck'
  if (all.some((status) => status === 'begun' || status === 'pausing' || status === 'ready')) {
    return 'running'
  }
  if (all.includes('waived')) return 'waived'
  return all.includes('done') ? 'done' : 'not-needed'
}

/** The error that was thrown, or one that says the same. */
function errorOf(failure: Failure): unknown {
  if (failure.error !== undefined) return failure.error
  const { path, code, message, outcome } = failure
  if (code === 'SAGA_RESPONSE_FAILED') {
    return new SagaResponseError(message, { details: { path, outcome } })
  }
  return codedError('SAGA_STEP_FAILED', {
    details: { path, code, message, outcome },
    hint: message,
  })
}

const NO_FAILURE: Failure = { path: '', outcome: 'failed', code: '', message: '' }
