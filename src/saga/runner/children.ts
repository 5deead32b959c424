/**
 * Executions that are steps of others. The id of a child is made of its parent's and the path, so
 * that asking for it again finds the same one. What becomes of it is told to its parent.
 */
import { codedError, codeOf } from '../../errors.ts'
import { sendFailed } from '../../machine/perform/handle-reply.ts'
import type { Action } from '../../machine/action.ts'
import type { EndedExecution } from './ended-execution.ts'
import type { LiveExecution } from './live-execution.ts'
import type { Executions } from './executions.ts'

type ChildAction = Extract<Action, { readonly kind: 'child' }>

/** See the top of this file. */
export class Children {
  readonly #executions: Executions

  constructor(executions: Executions) {
    this.#executions = executions
  }

  /** Starts the child of a step, or asks it to undo itself. */
  perform(parent: LiveExecution, action: ChildAction): void {
    const begun =
      action.direction === 'forward' ? this.#start(parent, action) : this.#undo(parent, action)
    begun.catch((error: unknown) => {
      if (parent.isStopped) return
      parent.offer(sendFailed(action, error))
    })
  }

  /** Asks the child of a step to stop. */
  abort(parent: LiveExecution, path: string, reason: string): void {
    this.#executions
      .tell(childIdOf(parent.id, path), { kind: 'cancel', reason })
      .catch((error: unknown) => {
        if (!parent.isStopped)
          this.#executions.trouble('child_not_cancelled', error, { id: parent.id, path })
      })
  }

  /** Tells its parent how a child has ended, or that it is stuck. */
  ended({ state }: EndedExecution): void {
    const { parent, forward, backward, failure, values } = state
    if (parent === undefined) return
    const { id, path } = parent
    this.#executions
      .tell(id, { kind: 'child', path, forward, backward, value: values.get(''), failure })
      .catch((error: unknown) => {
        // A parent that is taken up later asks for its child again.
        if (codeOf(error) === 'SAGA_MANAGER_CLOSED' || codeOf(error) === 'LEASE_LOST') return
        this.#executions.trouble('parent_not_told', error, { id, path })
      })
  }

  async #start(parent: LiveExecution, { path, definition, value }: ChildAction): Promise<void> {
    const { options } = this.#executions
    const known = options.executables.newest(definition)
    const { admit } = known.executable
    const input = admit === undefined ? value : admit(value)
    const id = childIdOf(parent.id, path)
    const { isNew } = await this.#executions.start(known, input, {
      id,
      correlationId: parent.state?.correlationId,
      user: parent.user,
      parent: { id: parent.id, path },
    })
    if (!isNew) await this.#tellIfEnded(id)
  }

  async #undo(parent: LiveExecution, { path }: ChildAction): Promise<void> {
    const id = childIdOf(parent.id, path)
    const { refused } = await this.#executions.tell(id, {
      kind: 'compensate',
      reason: `undo of ${path}`,
    })
    if (refused === 'PAST_PIVOT') throw codedError('SAGA_EXECUTION_PAST_PIVOT', { details: { id } })
    await this.#tellIfEnded(id)
  }

  async #tellIfEnded(id: string): Promise<void> {
    const ended = await this.#executions.endedNow(id)
    if (ended !== undefined) this.ended(ended)
  }
}

/** The id of the execution that is a step of another one. */
export function childIdOf(parentId: string, path: string): string {
  return `${parentId}/${path}`
}
