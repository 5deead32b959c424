/** Whether a command may be decided at all, given the sequence it expects. Pure. */
import { MergeStrategy } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { Sequence } from '../identity.ts'

/** What the merge gate says before the handler runs. */
export type MergeDecision =
  | 'run'
  /** Run, then compare the fields the command changes with those that newer events changed. */
  | 'run-then-compare'
  | 'mismatch'
  /** Refuse, and keep the command for a person to decide. */
  | 'dead-letter'

/**
 * The merge gate. A command that claims no sequence (`undefined`: deferred) is never checked. An
 * unknown strategy counts as COMMUTATIVE, as the contract resolves unknown numbers.
 */
export function planMerge(input: {
  readonly strategy: MergeStrategy
  readonly expected: Sequence | undefined
  readonly actual: Sequence
  readonly supportsReplay: boolean
}): MergeDecision {
  const { strategy, expected, actual, supportsReplay } = input
  if (expected === undefined || expected === actual) return 'run'
  switch (strategy) {
    case MergeStrategy.MERGE_AGGREGATE_HANDLES:
      return 'run'
    case MergeStrategy.MERGE_STRICT:
      return 'mismatch'
    case MergeStrategy.MERGE_MANUAL:
      return 'dead-letter'
    case MergeStrategy.MERGE_COMMUTATIVE:
      // Ahead of the stream there is nothing to compare with.
      return supportsReplay && expected < actual ? 'run-then-compare' : 'mismatch'
    default:
      return supportsReplay && expected < actual ? 'run-then-compare' : 'mismatch'
  }
}
