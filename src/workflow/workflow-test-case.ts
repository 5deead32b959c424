/** A workflow under test with the mocks it is made of. TTA.dev's WorkflowTestCase. */
import type { CompensationReport } from './compensation-report.ts'
import { reportOf } from './compensation-report.ts'
import type { Primitive } from './primitive.ts'
import { WorkflowContext } from './workflow-context.ts'

/** What a test case needs of a mock. */
export type ResettableMock = {
  assertCalled(): void
  assertCallCount(times: number): void
  reset(): void
}

/** See the head of this file. */
export class WorkflowTestCase<I, O> {
  readonly workflow: Primitive<I, O>
  /** Mocks that `resetMocks` resets. */
  readonly mocks: ResettableMock[] = []

  constructor(workflow: Primitive<I, O>) {
    this.workflow = workflow
  }

  /** Runs the workflow. */
  async execute(input: I, context: WorkflowContext = new WorkflowContext()): Promise<O> {
    return await this.workflow.execute(input, context)
  }

  /**
   * Runs a workflow that is expected to fail; its error and the report that is attached to it.
   *
   * @throws Error when it does not fail
   */
  async executeFailing(
    input: I,
    context: WorkflowContext = new WorkflowContext(),
  ): Promise<{ readonly error: unknown; readonly report: CompensationReport | undefined }> {
    let value: unknown
    try {
      value = await this.workflow.execute(input, context)
    } catch (error) {
      return { error, report: reportOf(error) }
    }
    throw new Error(`${this.workflow.name} did not fail but returned ${String(value)}`)
  }

  /** @throws AssertionError unless the mock was called, so many times if it is said */
  assertPrimitiveCalled(mock: ResettableMock, times?: number): void {
    if (times === undefined) mock.assertCalled()
    else mock.assertCallCount(times)
  }

  resetMocks(): void {
    for (const mock of this.mocks) mock.reset()
  }
}

/** See {@link WorkflowTestCase}. */
export function workflowTest<I, O>(workflow: Primitive<I, O>): WorkflowTestCase<I, O> {
  return new WorkflowTestCase(workflow)
}
