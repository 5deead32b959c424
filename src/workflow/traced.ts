/**
 * Part of a primitive's work inside a span of its own, between two checkpoints of the same name. The
 * end is noted however the work ends, and an error is put on its span once.
 */
import type { Awaitable } from '../awaitable.ts'
import type { Attributes } from '../telemetry/tracing.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** Runs the work with a child context whose span it is. `attributes` is called only for a span. */
export async function traced<T>(
  context: WorkflowContext,
  name: string,
  attributes: () => Attributes,
  work: (context: WorkflowContext) => Awaitable<T>,
): Promise<T> {
  context.checkpoint(`${name}.start`)
  const tracer = context.telemetry.tracer()
  if (tracer === undefined) {
    try {
      return await work(context)
    } finally {
      context.checkpoint(`${name}.end`)
    }
  }
  const span = tracer.start(name, context.span, attributes())
  const within = context.child(name, span)
  try {
    return await span.run(() => work(within))
  } catch (error) {
    span.fail(context.telemetry.describe(error))
    throw error
  } finally {
    context.checkpoint(`${name}.end`)
    span.end()
  }
}
