/** What a definition must hold before anything runs by it. */
import { codedError, type ErrorCode } from '../errors.ts'
import type { Definition, Node, RetryPolicy, StepNode } from './definition.ts'
import { childrenOf } from './definition-index.ts'

/**
 * Checks a definition as a whole. The details of an error name the definition, the path and, of
 * options, the field.
 *
 * @throws CodedError `SAGA_NAME_INVALID` without a name
 * @throws CodedError `SAGA_EMPTY` for a sequence, group or conditional with nothing in it
 * @throws CodedError `SAGA_STEP_NAME_INVALID`, `SAGA_STEP_NAME_DUPLICATE` for names and paths
 * @throws CodedError `SAGA_PIVOT_TWICE`, `SAGA_PIVOT_MISPLACED`, `SAGA_UNDO_AFTER_PIVOT`
 * @throws CodedError `SAGA_OPTION_INVALID` for times and retry policies that make no sense
 */
export function checkDefinition(definition: Definition): void {
  const { name, deadlineMs } = definition
  const refuse = (code: ErrorCode, details: Details): never => {
    throw codedError(code, { details: { definition: name, ...details } })
  }
  if (name.trim() === '') refuse('SAGA_NAME_INVALID', {})
  checkTime(refuse, '', 'deadlineMs', deadlineMs)
  const check: Check = { refuse, paths: new Set(), pivot: undefined, isBranch: false }
  checkNode(check, definition.root)
}

type Details = Readonly<Record<string, unknown>>
type Refuse = (code: ErrorCode, details: Details) => never

type Check = {
  readonly refuse: Refuse
  readonly paths: Set<string>
  /** The path of the pivot, once it has been seen. */
  pivot: string | undefined
  /** Whether what is looked at runs beside others, or not always. */
  isBranch: boolean
}

function checkNode(check: Check, node: Node): void {
  const { refuse, paths } = check
  const { path } = node
  if (paths.has(path)) refuse('SAGA_STEP_NAME_DUPLICATE', { path })
  paths.add(path)
  if (node.kind === 'step') return checkStep(check, node)
  const children = childrenOf(node)
  if (children.length === 0) refuse('SAGA_EMPTY', { path })
  const wasBranch = check.isBranch
  if (node.kind !== 'sequence') check.isBranch = true
  for (const child of children) checkNode(check, child)
  check.isBranch = wasBranch
}

function checkStep(check: Check, step: StepNode): void {
  const { refuse } = check
  const { path, name, mode, undo } = step
  if (name.trim() === '' || name.includes('/')) refuse('SAGA_STEP_NAME_INVALID', { path, name })
  if (path === '') refuse('SAGA_STEP_NAME_INVALID', { path, name })
  if (mode === 'pivot') {
    if (check.pivot !== undefined) refuse('SAGA_PIVOT_TWICE', { path, pivot: check.pivot })
    // Whether it is passed must not depend on a condition, or on who comes first.
    if (check.isBranch) refuse('SAGA_PIVOT_MISPLACED', { path })
    check.pivot = path
  } else if (check.pivot !== undefined) {
    if (mode !== 'retriable' || undo === 'declared') {
      refuse('SAGA_UNDO_AFTER_PIVOT', { path, pivot: check.pivot })
    }
  } else if (mode === 'retriable') {
    // Before the pivot everything can be undone, so nothing has to succeed.
    refuse('SAGA_PIVOT_MISPLACED', { path, mode })
  }
  checkWhatItDoes(refuse, step)
  checkTimes(refuse, step)
}

function checkWhatItDoes(refuse: Refuse, step: StepNode): void {
  const { path, does, signal, definition, probes } = step
  // A request is found out about by sending it again, an execution by asking for it.
  if (probes && does !== 'operation') refuse('SAGA_OPTION_INVALID', { path, field: 'probes' })
  if (does === 'signal' && (signal === undefined || signal === '')) {
    refuse('SAGA_OPTION_INVALID', { path, field: 'signal' })
  }
  if (does === 'execution' && (definition === undefined || definition === '')) {
    refuse('SAGA_OPTION_INVALID', { path, field: 'definition' })
  }
}

function checkTimes(refuse: Refuse, step: StepNode): void {
  const { path } = step
  checkTime(refuse, path, 'attemptTimeoutMs', step.attemptTimeoutMs)
  checkTime(refuse, path, 'undoTimeoutMs', step.undoTimeoutMs)
  checkTime(refuse, path, 'timeoutMs', step.timeoutMs)
  checkTime(refuse, path, 'abandonAfterMs', step.abandonAfterMs)
  checkRetry(refuse, path, 'retry', step.retry)
  checkRetry(refuse, path, 'undoRetry', step.undoRetry)
}

function checkTime(refuse: Refuse, path: string, field: string, ms: number | undefined): void {
  if (ms !== undefined && !(ms >= 0)) refuse('SAGA_OPTION_INVALID', { path, field, input: ms })
}

function checkRetry(refuse: Refuse, path: string, field: string, policy: RetryPolicy): void {
  const { maxAttempts, initialMs, factor, maxMs, jitter } = policy
  const isCount = maxAttempts === Infinity || (Number.isInteger(maxAttempts) && maxAttempts >= 1)
  const wrong = !isCount
    ? 'maxAttempts'
    : !(initialMs >= 0 && Number.isFinite(initialMs))
      ? 'initialMs'
      : !(factor >= 1 && Number.isFinite(factor))
        ? 'factor'
        : !(maxMs >= 0)
          ? 'maxMs'
          : jitter !== 'full' && jitter !== 'none'
            ? 'jitter'
            : undefined
  if (wrong === undefined) return
  refuse('SAGA_OPTION_INVALID', { path, field: `${field}.${wrong}`, input: policy[wrong] })
}
