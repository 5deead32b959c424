/** The report of a run in memory, made of its state and what was seen of it. */
import type { ExecutionState, NodeState } from '../machine/state.ts'
import type { CompiledStep } from './compile.ts'
import type { CompensationReport, CompensationStepReport } from './compensation-report.ts'
import type { MemoryObserver } from './memory-observer.ts'
import type { MemoryRun } from './memory-run.ts'

/** Makes it. `inner` is the report of a run that a step hid, and whose error this run passes on. */
export function makeReport(
  run: MemoryRun,
  inner?: CompensationReport | undefined,
): CompensationReport {
  const { compiled, observer, context } = run
  const state = run.begun
  const steps = [...compiled.steps.values()].map((step) => stepReport(step, state, observer))
  const [first] = steps
  const isFailed = state === undefined || state.unwinding || state.forward !== 'completed'
  const left = [...observer.left, ...(inner?.abandoned ?? [])]
  const undoErrors = [...observer.undoErrors, ...(inner?.undoErrors ?? [])]
  const isLeft = left.length > 0 || inner?.status === 'incomplete' || steps.some(isIncomplete)
  return {
    primitive: compiled.definition.name,
    executionId: run.id,
    correlationId: context.correlationId,
    status: !isFailed ? 'completed' : isLeft ? 'incomplete' : 'compensated',
    reason: isFailed && first !== undefined ? observer.reason : undefined,
    failedStep: observer.failedStep,
    durationMs: (observer.endedMs ?? context.clock.monotonicMs()) - observer.startedMs,
    steps,
    undone: [...observer.undone],
    undoErrors,
    abandoned: left,
  }
}

/** Steps whose undo was left out because the workflow stops at the first one that fails. */
export function skippedSteps({ compiled, begun }: MemoryRun): readonly CompiledStep[] {
  if (begun === undefined) return []
  return [...compiled.steps.values()].filter(
    (step) => undoOf(step, begun, begun.nodes.get(step.path)) === 'skipped',
  )
}

function isIncomplete({ forward, undo }: CompensationStepReport): boolean {
  if (undo === 'failed' || undo === 'skipped') return true
  return (forward === 'unknown' || forward === 'abandoned') && undo !== 'done'
}

function stepReport(
  step: CompiledStep,
  state: ExecutionState | undefined,
  observer: MemoryObserver,
): CompensationStepReport {
  const { path, planned } = step
  const record = observer.recordKnown(step)
  const node = state?.nodes.get(path)
  return {
    name: planned.name,
    path,
    forward: forwardOf(node, record),
    undo: state === undefined ? 'not-needed' : undoOf(step, state, node),
    attempts: node?.attempt ?? 0,
    undoAttempts: node?.undoAttempt ?? 0,
    durationMs: record?.forwardMs,
    undoDurationMs: record?.undoMs,
    error: record?.error,
    undoError: record?.undoError,
  }
}

function forwardOf(
  node: NodeState | undefined,
  record: { readonly isUnknown: boolean; readonly isLeftBehind: boolean } | undefined,
): CompensationStepReport['forward'] {
  switch (node?.status) {
    case undefined:
    case 'ready':
    case 'skipped':
      return 'not-run'
    case 'succeeded':
      return 'succeeded'
    default:
      if (record?.isLeftBehind === true) return 'abandoned'
      return record?.isUnknown === true ? 'unknown' : 'failed'
  }
}

/** Of several undos of one step the worst tells. */
function undoOf(
  { planned }: CompiledStep,
  state: ExecutionState,
  node: NodeState | undefined,
): CompensationStepReport['undo'] {
  if (node === undefined || !state.unwinding) return 'not-needed'
  const happened = node.status === 'succeeded'
  const hasOwn = happened && planned.compensate !== undefined
  const isOwnDone = node.undo?.status === 'done' && (hasOwn || !happened)
  const added = node.added.map(({ undo }) => undo?.status)
  // Stuck without an attempt is a step of unknown outcome, which is told as that.
  const isStuck = node.undo?.status === 'stuck' && node.undo.attempt > 0
  if (isStuck || added.includes('stuck')) return 'failed'
  if ((hasOwn && node.undo === undefined) || added.includes(undefined)) return 'skipped'
  if (isOwnDone || added.includes('done')) return 'done'
  return happened ? 'no-compensation' : 'not-needed'
}
