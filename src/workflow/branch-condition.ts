/** What decides between branches. */
import type { Awaitable } from '../awaitable.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** Holds or not, at once or later; anything but `true` counts by its truth. */
export type BranchCondition<I> = (input: I, context: WorkflowContext) => Awaitable<unknown>
