/** The manager of one process: checks what callers ask, and passes it to the runner. */
import { type LinkedSignal, linkSignals, sleep, throwIfAborted } from '../../abort.ts'
import type { Clock } from '../../clock.ts'
import type { Random, WriteId } from '../../identity.ts'
import { codedError, codeOf } from '../../errors.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Runnable } from '../../machine/bindings.ts'
import type { WorkItem } from '../../machine/work-items.ts'
import { SagaFailedExecutionError } from '../errors/execution-errors.ts'
import { refusalCodes } from '../operator/carry-out.ts'
import { type OperatorAnswer, type ToldWish, toldOf } from '../operator/operator-request.ts'
import type { EndedExecution } from '../runner/ended-execution.ts'
import type { Executables } from '../runner/executables.ts'
import { newExecutionId } from '../runner/execution-id.ts'
import type { LeaseKeeper } from '../runner/lease-keeper.ts'
import { loadExecution } from '../runner/load-execution.ts'
import { readEnded, readRow } from '../runner/read-execution.ts'
import type { RequestDesk } from '../runner/request-desk.ts'
import type { Bounds, Started } from '../runner/executions.ts'
import type { Runner } from '../runner/runner.ts'
import type { ActiveRunner } from './active-runner.ts'
import { askRunner } from './ask-runner.ts'
import { followEnds } from './follow-ends.ts'
import { listExecutions, summaryOf } from './list-executions.ts'
import { checkId, checkStart, checkText, checkTransactionId } from './manager-options.ts'
import { outcomeOf, reportOf } from './saga-outcome.ts'
import type {
  Resolution,
  RunSagaOptions,
  SagaDetails,
  SagaEnded,
  SagaFilter,
  SagaManager,
  SagaManagerStatus,
  SagaOutcome,
  SagaPage,
  StartedSaga,
  StartSagaOptions,
  WaitOptions,
} from './saga-manager.ts'

/** The parts of a manager. */
export type ManagerParts = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: Random
  /** Makes ids in the order of time. */
  readonly newId: () => WriteId
  readonly executables: Executables
  readonly bounds: Bounds
  readonly active: ActiveRunner
  readonly keeper: LeaseKeeper
  readonly desk: RequestDesk
  readonly raiseOnError: boolean
}

/** See the top of this file. */
export class DurableSagaManager implements SagaManager {
  readonly ledger: Ledger
  readonly #parts: ManagerParts
  readonly #opened: AsyncDisposable
  /** Aborts when the manager is closed. */
  readonly #closed = new AbortController()
  #closing: Promise<void> | undefined

  /** @param opened what is closed with the manager */
  constructor(parts: ManagerParts, opened: AsyncDisposable) {
    this.ledger = parts.ledger
    this.#parts = parts
    this.#opened = opened
  }

  async run<In, Out>(
    definition: Runnable<In, Out>,
    input: NoInfer<In>,
    options: RunSagaOptions = {},
  ): Promise<SagaOutcome<Out>> {
    const { signal, timeoutMs, raiseOnError = this.#parts.raiseOnError, ...start } = options
    using bound = this.#bound(signal, timeoutMs)
    const started = await this.#start(definition, input, start, bound?.signal)
    const outcome = await this.#result<Out>(started.id, bound?.signal, started.runner)
    if (raiseOnError && outcome.forward !== 'completed') {
      throw new SagaFailedExecutionError(outcome.error, undefined, { details: { id: outcome.id } })
    }
    return outcome
  }

  async start<In, Out>(
    definition: Runnable<In, Out>,
    input: NoInfer<In>,
    options: StartSagaOptions = {},
  ): Promise<StartedSaga<Out>> {
    const { id, isNew } = await this.#start(definition, input, options, undefined)
    return { id, isNew, result: (wait = {}) => this.#awaited<Out>(id, wait) }
  }

  async result(id: string, options: WaitOptions = {}): Promise<SagaOutcome<unknown>> {
    return await this.#awaited(checkId(id), options)
  }

  async cancel(id: string, reason = ''): Promise<void> {
    await this.#tell(id, '', { kind: 'cancel', reason })
  }

  async signal(id: string, signal: string, data?: unknown): Promise<void> {
    await this.#tell(id, '', { kind: 'signal', signal: checkText('signal', signal), data })
  }

  async compensate(id: string, reason = ''): Promise<void> {
    await this.#tell(id, '', { kind: 'compensate', reason })
  }

  async resolve(id: string, resolution: Resolution): Promise<void> {
    const { path, verb, by, reason, data, undo, added } = resolution
    checkText('by', by)
    checkText('reason', reason)
    await this.#tell(id, by, { kind: 'resolve', path, verb, reason, data, undo, added })
  }

  async list(filter: SagaFilter = {}): Promise<SagaPage> {
    this.#checkOpen()
    return await listExecutions(this.ledger, this.#parts.clock, filter)
  }

  async inspect(id: string): Promise<SagaDetails> {
    this.#checkOpen()
    const row = await readRow(this.ledger, checkId(id))
    const known = this.#parts.executables.find(row.definition, row.fingerprint)
    const definition = known?.executable.definition
    const loaded = definition && (await loadExecution(this.ledger, row.id, definition))
    const summary = summaryOf(row)
    if (definition === undefined || loaded === undefined) {
      const nothing = { context: undefined, undone: [], steps: [], items: [] }
      return { ...summary, ...nothing, isKnown: false }
    }
    const { state, undone } = loaded
    const { steps, items, undone: names } = reportOf({ id: row.id, definition, state, undone })
    const { forward, backward, failure } = state
    const context = state.values.get('')
    const shown = { forward, backward, failure, openItems: items.length }
    return { ...summary, ...shown, isKnown: true, context, undone: names, steps, items }
  }

  async *workItems(
    filter: { readonly id?: string | undefined } = {},
  ): AsyncGenerator<WorkItem & { readonly id: string; readonly definition: string }> {
    if (filter.id !== undefined) {
      const { id, definition, items } = await this.inspect(filter.id)
      for (const item of items) yield { ...item, id, definition }
      return
    }
    for (let after: string | undefined; ;) {
      const { executions, next } = await this.list({ state: 'stuck', after })
      for (const { id } of executions) yield* this.workItems({ id })
      if (next === undefined) return
      after = next
    }
  }

  ends(options: Parameters<SagaManager['ends']>[0] = {}): AsyncIterable<SagaEnded> {
    this.#checkOpen()
    return followEnds(this.ledger, options)
  }

  status(): SagaManagerStatus {
    const { active } = this.#parts
    const runner = active.now
    const { taken, orphaned } = active.recovery
    return {
      state: this.#state(),
      inMemory: runner?.live ?? 0,
      resident: runner?.resident ?? 0,
      waitingToStart: runner?.capacity.waiting ?? 0,
      recovered: taken,
      orphaned: Object.fromEntries(orphaned),
      ledgerTrouble: runner?.options.writer.trouble,
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #state(): SagaManagerStatus['state'] {
    const { active } = this.#parts
    if (this.#closing !== undefined) return 'closed'
    if (active.now === undefined) return 'standing-by'
    return active.isRecovering ? 'recovering' : 'running'
  }

  async #close(): Promise<void> {
    const { active, keeper, bounds } = this.#parts
    this.#closed.abort(codedError('SAGA_MANAGER_CLOSED'))
    try {
      await active.close(bounds.executionDrainMs)
      await keeper.stop()
    } finally {
      await this.#opened[Symbol.asyncDispose]()
    }
  }

  async #start(
    definition: unknown,
    input: unknown,
    options: StartSagaOptions,
    signal: AbortSignal | undefined,
  ): Promise<Begun> {
    this.#checkOpen()
    const { executables, clock, random } = this.#parts
    const known = executables.ofRunnable(definition)
    const checked = checkStart(options)
    const { admit, isolated } = known.executable
    // Its id is that of what it has pending, at every participant.
    if (isolated === true && checked.id !== undefined) checkTransactionId(checked.id)
    const admitted = admit === undefined ? input : admit(input)
    const { id = newExecutionId(clock, random), correlationId, user } = checked
    const { name, fingerprint } = known
    return await this.#byRunner<Begun>(
      async (runner) => ({ ...(await runner.start(known, admitted, { ...checked, id })), runner }),
      async () => {
        const start = { kind: 'start', definition: name, fingerprint, input: admitted } as const
        const wish = { ...start, correlationId, user }
        const { isNew = false } = await this.#ask({ execution: id, by: user ?? '', wish }, signal)
        return { id, isNew, runner: undefined }
      },
    )
  }

  /** Has it done by the runner of this process, or asks the process that has one. */
  async #byRunner<T>(
    here: (runner: Runner) => Promise<T>,
    elsewhere: () => Promise<T>,
  ): Promise<T> {
    for (;;) {
      this.#checkOpen()
      const runner = this.#parts.active.now
      if (runner === undefined) return await elsewhere()
      try {
        return await here(runner)
      } catch (error) {
        // Nothing was stored: another process runs them.
        if (codeOf(error) !== 'LEASE_LOST' || this.#parts.active.now === runner) throw error
      }
    }
  }

  async #ask(
    asked: Omit<Parameters<typeof askRunner>[1], 'signal'>,
    signal?: AbortSignal | undefined,
  ): Promise<OperatorAnswer> {
    const closed = this.#closed.signal
    const ends = signal === undefined ? closed : AbortSignal.any([signal, closed])
    return await askRunner(this.#parts, { ...asked, signal: ends })
  }

  async #awaited<Out>(id: string, { signal, timeoutMs }: WaitOptions): Promise<SagaOutcome<Out>> {
    using bound = this.#bound(signal, timeoutMs)
    return await this.#result<Out>(id, bound?.signal)
  }

  /** What ends a wait; most callers wait as long as it takes. */
  #bound(signal: AbortSignal | undefined, timeoutMs: number | undefined): LinkedSignal | undefined {
    throwIfAborted(signal)
    if (signal === undefined && timeoutMs === undefined) return undefined
    return linkSignals({ signal, timeoutMs }, this.#parts.clock)
  }

  /** @param startedBy the runner that has just started it, if one of this process has */
  async #result<Out>(
    id: string,
    signal: AbortSignal | undefined,
    startedBy?: Runner | undefined,
  ): Promise<SagaOutcome<Out>> {
    const closing = startedBy && this.#closing
    const ended =
      closing === undefined
        ? await this.#ended(id, signal)
        : await Promise.race([startedBy?.ended(id, signal), closing])
    if (ended === undefined) throw codedError('SAGA_MANAGER_CLOSED')
    const { known, state, undone } = ended
    const { definition } = known.executable
    // The type of what a definition leaves is known to its author alone.
    return outcomeOf({ id, definition, state, undone }) as SagaOutcome<Out>
  }

  /** Waits here or, while another process runs the executions, for what that one stores. */
  async #ended(id: string, signal: AbortSignal | undefined): Promise<EndedExecution> {
    const { active, ledger, executables } = this.#parts
    for (;;) {
      this.#checkOpen()
      const runner = active.now
      try {
        if (runner !== undefined) return await runner.ended(id, signal)
        const ended = await readEnded({ ledger, executables }, id)
        if (ended !== undefined) return ended
        await this.#runnerOrPause(signal)
      } catch (error) {
        if (codeOf(error) !== 'LEASE_LOST') throw error
      }
    }
  }

  /** Waits for a runner of this process, but not for long: another one may do the work. */
  async #runnerOrPause(signal: AbortSignal | undefined): Promise<void> {
    const { active, clock } = this.#parts
    const pause = new AbortController()
    const pausing = sleep(LOOK_AGAIN_MS, clock, pause.signal)
    pausing.catch(() => undefined)
    try {
      await Promise.race([active.get(signal), pausing])
    } finally {
      pause.abort()
    }
  }

  async #tell(given: string, by: string, wish: ToldWish): Promise<void> {
    this.#checkOpen()
    const id = checkId(given)
    await this.#byRunner(
      async (runner) => {
        const { refused } = await runner.tell(id, toldOf({ wish, by }))
        if (refused !== undefined) throw codedError(refusalCodes[refused], { details: { id } })
      },
      async () => {
        // Refused before anything is stored.
        await readRow(this.ledger, id)
        await this.#ask({ execution: id, by, wish })
      },
    )
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw codedError('SAGA_MANAGER_CLOSED')
  }
}

/** What was started, and the runner of this process that did it, if it was here. */
type Begun = Started & { readonly runner: Runner | undefined }

/** How often a process that stands by looks for what the other one has stored. */
const LOOK_AGAIN_MS = 100
