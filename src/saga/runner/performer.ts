/**
 * Performs what executions begin: calls what their authors wrote, sends requests, starts children.
 * What comes of it is told to the execution.
 */
import type { GivenUp } from '../../bus/bus.ts'
import type { Clock } from '../../clock.ts'
import { codedError, codeOf, type ErrorCode } from '../../errors.ts'
import type { AbortWhy, Action } from '../../machine/action.ts'
import type { Told } from '../../machine/input.ts'
import { ExecutionWatch } from '../../machine/perform/execution-watch.ts'
import { handleReply } from '../../machine/perform/handle-reply.ts'
import { failureOfError } from '../../machine/perform/outcome-of-error.ts'
import { perform } from '../../machine/perform/perform.ts'
import type { LocalAction, Performing } from '../../machine/perform/performing.ts'
import { StopSignal } from '../../machine/perform/stop-signal.ts'
import type { IncomingReply } from '../../participant/reply-message.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import type { Children } from './children.ts'
import { Committer } from '../transactions/committer.ts'
import type { LiveExecution } from './live-execution.ts'
import type { RequestDesk } from './request-desk.ts'
import type { Executions } from './executions.ts'
import { isCommitterAnswer } from '../transactions/answer-path.ts'

/** What a performer is made from. */
export type PerformerOptions = {
  readonly executions: Executions
  readonly desk: RequestDesk
  readonly children: Children
  readonly clock: Clock
  readonly telemetry: Telemetry
}

/** See the top of this file. */
export class Performer {
  readonly #options: PerformerOptions
  readonly #committer: Committer

  constructor(options: PerformerOptions) {
    this.#options = options
    this.#committer = new Committer(options.desk)
  }

  /** Performs what changes nothing in the world. */
  prepare(execution: LiveExecution, action: LocalAction): Told | Promise<Told> {
    return perform(action, this.#performing(execution))
  }

  /** Performs something that has begun. */
  perform(execution: LiveExecution, action: Action): void {
    const { desk, children } = this.#options
    switch (action.kind) {
      case 'run':
        return this.#run(execution, action)
      case 'undo':
      case 'probe':
        return execution.operate(perform(action, this.#performing(execution)))
      case 'send':
        void desk.send(execution, action).then((told) => {
          if (told !== undefined && !execution.isStopped) execution.offer(told)
        })
        return
      case 'child':
        return children.perform(execution, action)
      case 'abort': {
        const { path, attempt, why } = action
        execution.stops.get(`${path}:${attempt}`)?.stop(whyStopped(why))
        if (isChild(execution, path)) children.abort(execution, path, why)
        return
      }
      case 'wake':
      case 'prepare':
      case 'choose':
      case 'receive':
        return
      default:
        action satisfies never
    }
  }

  /**
   * Handles a reply; resolves when what it says is on disk. One to a request that was never made is
   * given up; one that comes again, or too late, says nothing.
   */
  async reply(reply: IncomingReply): Promise<GivenUp | undefined> {
    const { executions } = this.#options
    let execution: LiveExecution
    try {
      execution = await executions.loaded(reply.executionId)
    } catch (error) {
      // Deleted since, or never ours.
      if (codeOf(error) === 'SAGA_EXECUTION_NOT_FOUND') {
        return givenUp('REPLY_EXECUTION_UNKNOWN', reply)
      }
      throw error
    }
    const { path, direction, attempt, status, services } = reply
    const node = execution.state?.nodes.get(path)
    if (node === undefined) {
      executions.release(execution)
      // The runner asks for itself, too; an answer that comes too late for it says nothing.
      return isCommitterAnswer(path) ? undefined : givenUp('REPLY_STEP_UNKNOWN', reply)
    }
    const answered = { path, direction, attempt, value: node.input }
    const performing = this.#performing(execution)
    const content = contentOf(reply)
    const told =
      content.kind === 'read' || direction === 'backward'
        ? await handleReply(answered, { status, content: content.value, services }, performing)
        : unreadable(reply, content.error)
    await executions.tell(reply.executionId, told)
    return undefined
  }

  #run(execution: LiveExecution, action: Extract<Action, { readonly kind: 'run' }>): void {
    const key = `${action.path}:${action.attempt}`
    const stop = new StopSignal()
    execution.stops.set(key, stop)
    const told = perform(action, this.#performing(execution, stop))
    if (told instanceof Promise) {
      execution.operate(told.finally(() => execution.stops.delete(key)))
      return
    }
    execution.stops.delete(key)
    execution.operate(told)
  }

  #watchOf(execution: LiveExecution): ExecutionWatch {
    const { telemetry, clock } = this.#options
    const { id: executionId, known, state } = execution
    const { spans } = known.executable
    const correlationId = state?.correlationId ?? executionId
    execution.watch ??= new ExecutionWatch({ telemetry, clock, spans, executionId, correlationId })
    return execution.watch
  }

  #performing(execution: LiveExecution, stop?: StopSignal): Performing {
    const { clock, executions } = this.#options
    const { id, state } = execution
    return {
      executable: this.#committer.executableOf(execution),
      executionId: id,
      correlationId: state?.correlationId ?? id,
      clock,
      undoTimeoutMs: executions.options.bounds.undoAttemptMs,
      watching: this.#watchOf(execution).watching,
      addCompensation: async (path, name, data) => {
        await executions.tell(id, { kind: 'undo-added', path, name, data })
      },
      stop,
      onLate: (told) => {
        executions.tell(id, told).catch((error: unknown) => {
          executions.trouble('late_outcome_lost', error, { id })
        })
      },
    }
  }
}

function givenUp(code: ErrorCode, { executionId, path }: IncomingReply): GivenUp {
  const { message } = codedError(code)
  const where = `${executionId.slice(0, 256)} ${path.slice(0, 256)}`
  return { kind: 'dead-letter', code, reason: `${message}: ${where}` }
}

type Content =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'unreadable'; readonly error: unknown; readonly value: undefined }

function contentOf(reply: IncomingReply): Content {
  try {
    return { kind: 'read', value: reply.content() }
  } catch (error) {
    return { kind: 'unreadable', error, value: undefined }
  }
}

/** A service has answered, and nobody knows what: after a success it has happened, else it may have. */
function unreadable({ path, attempt, status, services }: IncomingReply, error: unknown): Told {
  const happened = status === 200
  const failure = failureOfError(path, error, happened ? 'failed' : 'unknown')
  return { kind: 'failed', path, attempt, failure, happened, services }
}

function isChild({ known }: LiveExecution, path: string): boolean {
  return !known.executable.bindings.has(path)
}

function whyStopped(why: AbortWhy): Error {
  return codedError(STOPPED[why])
}

const STOPPED = {
  timeout: 'ATTEMPT_TIMED_OUT',
  deadline: 'EXECUTION_DEADLINE_PASSED',
  cancelled: 'EXECUTION_CANCELLED',
  'sibling-failed': 'ABORTED',
} as const satisfies Readonly<Record<AbortWhy, ErrorCode>>
