/**
 * The runner: the shell of the saga machine on a ledger. It holds the executions that are at work in
 * memory, tells them what happens, performs what they begin, and forgets those that wait.
 *
 * 1. An execution that waits for long holds nothing in memory: its state is read again when it is
 *    told something. Its row says when it has to be looked at.
 * 2. Errors of what authors wrote end as outcomes of their step. Errors of the ledger are waited
 *    out. Neither ends the runner.
 * 3. Only the process that holds the lease runs executions; one that loses it stops at once.
 */
import type { Nanoseconds } from '../../clock.ts'
import { codedError, codeOf, messageOf } from '../../errors.ts'
import type { RowChange } from '../../ledger/ledger.ts'
import type { Action } from '../../machine/action.ts'
import type { Told } from '../../machine/input.ts'
import type { LocalAction } from '../../machine/perform/performing.ts'
import type { ExecutionState } from '../../machine/state.ts'
import type { IncomingReply } from '../../participant/reply-message.ts'
import { executionStream } from '../journal/execution-stream.ts'
import { Capacity } from './capacity.ts'
import { Changes } from './changes.ts'
import { checkTold } from './check-told.ts'
import { Children } from './children.ts'
import { drain } from './drain.ts'
import { DueWatch } from './due-watch.ts'
import { type EndedExecution, endedExecution } from './ended-execution.ts'
import type { KnownDefinition } from './executables.ts'
import { correlationIdOf, newExecutionId } from './execution-id.ts'
import { type ExecutionRow, executionOf, putExecution } from './execution-row.ts'
import type { Executions, RunnerOptions, Started, StartOptions } from './executions.ts'
import { checkSame, join } from './join-execution.ts'
import { boundJournal } from './journal-bound.ts'
import type { Written } from './journal-writer.ts'
import {
  type AlsoPut,
  type Answered,
  type ExecutionDraft,
  type ExecutionHost,
  LiveExecution,
} from './live-execution.ts'
import { type LoadedExecution, loadExecution } from './load-execution.ts'
import { lookAfter } from './look-after.ts'
import { Performer } from './performer.ts'
import { markOf, planRow, type RowDraft } from './plan-row.ts'
import { readEnded, readExecution } from './read-execution.ts'
import { ResidentWaits } from './resident-waits.ts'
import { EXECUTIONS } from './spaces.ts'
import { occupationOf } from './standing.ts'
import { Waiters } from './waiters.ts'
import { writeDraft } from './write-draft.ts'

/** See the top of this file. */
export class Runner implements ExecutionHost, Executions {
  readonly options: RunnerOptions
  readonly capacity: Capacity
  readonly #live = new Map<string, LiveExecution>()
  readonly #loading = new Map<string, Promise<LiveExecution>>()
  readonly #waiters = new Waiters<EndedExecution>()
  readonly #resident: ResidentWaits<LiveExecution>
  readonly #performer: Performer
  readonly #children: Children
  readonly #due: DueWatch
  readonly #changes = new Changes()
  #isOpen = true

  constructor(options: RunnerOptions) {
    const { ledger, clock, bounds } = options
    this.options = options
    this.capacity = new Capacity(bounds.executionsInMemoryMax, bounds.executionsWaitingMax)
    this.#resident = new ResidentWaits({
      clock,
      residentMs: bounds.executionResidentMs,
      forget: (execution) => execution.park(),
    })
    this.#children = new Children(this)
    this.#performer = new Performer({ ...options, executions: this, children: this.#children })
    this.#due = new DueWatch({
      ledger,
      clock,
      partMax: bounds.executionsResumingMax,
      look: (rows) => lookAfter(this, rows.map(executionOf)),
      failed: (error) => this.trouble('due_executions_failed', error),
      pauseMs: bounds.reactionBackoffMsMax,
    })
  }

  /** Executions in memory. */
  get live(): number {
    return this.#live.size
  }

  /** Executions in memory that only wait. */
  get resident(): number {
    return this.#resident.size
  }

  /** Begins to look after what is due. */
  async watch(): Promise<void> {
    await this.#due.start()
  }

  /**
   * Starts an execution, or finds the one that was started under the id before.
   *
   * @throws CodedError `SAGA_EXECUTION_ID_TAKEN`, `SAGA_OVERLOADED`, `SAGA_MANAGER_CLOSED`; what the
   * input is refused with
   */
  async start(known: KnownDefinition, input: unknown, options: StartOptions): Promise<Started> {
    this.#checkOpen()
    const id = options.id ?? newExecutionId(this.options.clock, this.options.random)
    const loading = this.#loading.get(id)
    const underWay = this.#live.get(id) ?? (loading && (await loading))
    if (underWay !== undefined) return await join(underWay, known)
    // What an execution needs to go on does not wait behind new ones.
    if (options.parent !== undefined) this.capacity.takeAnyway()
    else if (!this.capacity.take()) {
      this.#resident.makeRoom(1)
      await this.capacity.wait()
      const meanwhile = this.#live.get(id)
      if (meanwhile !== undefined) {
        this.capacity.give()
        return await join(meanwhile, known)
      }
    }
    return await this.#begin(known, input, { ...options, id }, 0)
  }

  /**
   * Resolves when an execution has ended or is stuck; the signal ends the wait, not the execution.
   *
   * @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `SAGA_DEFINITION_UNKNOWN`, `ABORTED`
   */
  async ended(id: string, signal?: AbortSignal | undefined): Promise<EndedExecution> {
    const live = this.#live.get(id)
    if (live !== undefined) {
      const ended = endedExecution(live)
      return ended ?? (await this.#waiters.wait(id, signal))
    }
    // Registered before it is looked up, so that an end between the two is not missed.
    const waiting = this.#waiters.wait(id, signal)
    waiting.catch(() => undefined)
    const ended = await readEnded(this.options, id)
    return ended ?? (await waiting)
  }

  /** An execution that has ended or is stuck; undefined while it goes on. */
  async endedNow(id: string): Promise<EndedExecution | undefined> {
    const live = this.#live.get(id)
    return live === undefined ? await readEnded(this.options, id) : endedExecution(live)
  }

  /**
   * Tells an execution something; resolves when that is decided and stored, with the row that
   * `alsoPut` makes.
   *
   * @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `SAGA_DEFINITION_UNKNOWN`, `SAGA_SIGNAL_INVALID`,
   * `SAGA_MANAGER_CLOSED`
   */
  async tell(id: string, told: Told, alsoPut?: AlsoPut | undefined): Promise<Answered> {
    for (;;) {
      this.#checkOpen()
      const live = this.#live.get(id)
      const execution = live?.state === undefined ? await this.loaded(id) : live
      if (told.kind === 'signal') await checkTold(this, execution, told)
      // It may have been forgotten between the two.
      if (!execution.isStopped) return await execution.tell(told, alsoPut)
    }
  }

  /**
   * An execution as it stands, read from the ledger when it is not in memory. It must be told
   * something, or released.
   *
   * @param row its row, when that has just been read
   */
  async loaded(id: string, row?: ExecutionRow | undefined): Promise<LiveExecution> {
    for (;;) {
      this.#checkOpen()
      const live = this.#live.get(id)
      if (live === undefined) return await this.#load(id, row)
      if (live.state !== undefined) return live
      // It is being started, or somebody tries to, and another one has the id already.
      await live.started.promise.catch(() => undefined)
    }
  }

  /** Lets go of an execution that was {@link loaded} and is told nothing. */
  release(execution: LiveExecution): void {
    if (execution.isIdle && !execution.isStopped) this.stored(execution)
  }

  /** Whether an execution is at work here, or about to be. */
  has(id: string): boolean {
    return this.#live.has(id) || this.#loading.has(id)
  }

  /** Waits until there is room for more executions; tells whether it had to. */
  async room(): Promise<boolean> {
    const isFull = !this.capacity.take()
    if (isFull) {
      this.#resident.makeRoom(this.options.bounds.executionsResumingMax)
      await this.capacity.wait()
    }
    this.capacity.give()
    return isFull
  }

  /** Takes a reply; resolves when what it says is on disk. */
  async reply(reply: IncomingReply): ReturnType<Performer['reply']> {
    return await this.#performer.reply(reply)
  }

  /** Writes down that nobody here knows the definition of an execution. */
  async orphan(row: ExecutionRow): Promise<void> {
    await this.put([putExecution({ ...row, standing: 'orphaned', dueAt: undefined }, false)])
  }

  /** Changes rows alone. */
  async put(rows: readonly RowChange[]): Promise<void> {
    const written = await this.options.writer.offer({ appends: [], rows })
    if (written.kind === 'lease-lost') this.options.leaseLost()
  }

  /** Stops: what is at work may go on for a while, nothing new begins. */
  async stop(drainMs: number): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    const closed = codedError('SAGA_MANAGER_CLOSED')
    this.capacity.close(closed)
    await this.#due.stop()
    await drain(this.#live, this.#changes, { clock: this.options.clock, drainMs })
    this.abandon(closed)
  }

  /** Forgets everything at once; what was begun is taken up by the next process. */
  abandon(error: unknown): void {
    this.#isOpen = false
    this.capacity.close(error)
    this.#resident.stop()
    this.options.writer.stop()
    for (const execution of this.#live.values()) execution.stop(error)
    this.#live.clear()
    this.#waiters.rejectAll(error)
    void this.#due.stop()
    this.#changes.tell()
  }

  /** Says that something failed that is nobody's outcome. */
  trouble(event: string, error: unknown, fields: Readonly<Record<string, unknown>> = {}): void {
    this.options.log('error', event, { ...fields, code: codeOf(error), error: messageOf(error) })
  }

  // What live executions need of their host.

  now(): Nanoseconds {
    return this.options.clock.wall()
  }

  random(): number {
    return this.options.random.fraction()
  }

  prepare(execution: LiveExecution, action: LocalAction): Told | Promise<Told> {
    return this.#performer.prepare(execution, action)
  }

  perform(execution: LiveExecution, action: Action): void {
    this.#performer.perform(execution, action)
  }

  rowOf(
    execution: LiveExecution,
    state: ExecutionState,
    actions: readonly Action[],
  ): RowDraft | undefined {
    const { bounds, retentionMs } = this.options
    return planRow(state, actions, {
      definition: execution.known.executable.definition,
      now: this.now(),
      user: execution.user,
      mark: execution.mark,
      isParking: execution.isParking,
      isOperating: execution.isOperating,
      residentMs: bounds.executionResidentMs,
      retentionMs,
    })
  }

  async write(execution: LiveExecution, draft: ExecutionDraft): Promise<Written> {
    const { row } = draft
    const written = await writeDraft(this.options, execution, draft)
    if (row?.kind === 'put' && row.dueAt !== undefined) this.#due.note(row.dueAt)
    return written
  }

  async reload(execution: LiveExecution): Promise<LoadedExecution | undefined> {
    const { definition } = execution.known.executable
    return await loadExecution(this.options.ledger, execution.id, definition)
  }

  turned(execution: LiveExecution): void {
    boundJournal(this, execution)
  }

  stored(execution: LiveExecution): void {
    const ended = endedExecution(execution)
    if (ended !== undefined) {
      this.#waiters.resolve(ended.id, ended)
      this.#children.ended(ended)
    }
    const { state, mark } = execution
    if (state === undefined || !execution.isIdle) this.#resident.end(execution)
    else if (mark !== undefined && mark.standing !== 'running') this.#forget(execution)
    else {
      const { kind, wakeAt } = occupationOf(state, execution.actions)
      execution.wakeAt(wakeAt, this.options.clock)
      if (kind !== 'works') this.#resident.begin(execution)
    }
    this.#changes.tell()
  }

  failed(execution: LiveExecution, error: unknown): void {
    const isNew = execution.state === undefined
    if (this.#live.get(execution.id) === execution) this.#forget(execution, error)
    this.#changes.tell()
    const code = codeOf(error)
    if (code === 'LEASE_LOST') this.options.leaseLost()
    // Whoever started it has been told.
    else if (!isNew && code !== 'SAGA_MANAGER_CLOSED') {
      this.trouble('execution_failed', error, { id: execution.id })
      this.#waiters.reject(execution.id, error)
    }
  }

  async #begin(
    known: KnownDefinition,
    input: unknown,
    options: StartOptions & { readonly id: string },
    next: number,
  ): Promise<Started> {
    const { id, parent, correlationId = correlationIdOf(id), user = '', alsoPut } = options
    const execution = new LiveExecution(this, { id, known, user, next })
    this.#live.set(id, execution)
    const { fingerprint } = known
    try {
      const told = { kind: 'start', id, fingerprint, value: input, correlationId, parent } as const
      await execution.tell(told, alsoPut)
      return { id, isNew: true }
    } catch (error) {
      if (this.#live.get(id) === execution) this.#forget(execution, error)
      if (codeOf(error) !== 'SAGA_EXECUTION_TAKEN') throw error
      const row = await this.options.ledger.row(EXECUTIONS, id)
      if (row !== undefined) {
        checkSame(id, executionOf(row).definition, known)
        return { id, isNew: false }
      }
      // One that was deleted had this id: its stream goes on counting.
      const head = await this.options.ledger.head(executionStream(id))
      if (head <= next) throw error
      this.capacity.takeAnyway()
      return await this.#begin(known, input, options, head)
    }
  }

  #load(id: string, row?: ExecutionRow | undefined): Promise<LiveExecution> {
    const loading = this.#loading.get(id)
    if (loading !== undefined) return loading
    const loaded = this.#read(id, row).finally(() => this.#loading.delete(id))
    this.#loading.set(id, loaded)
    return loaded
  }

  async #read(id: string, given: ExecutionRow | undefined): Promise<LiveExecution> {
    const { row, known, loaded } = await readExecution(this.options, id, given)
    this.#checkOpen()
    const already = this.#live.get(id)
    if (already !== undefined) return already
    const { user } = row
    const execution = new LiveExecution(this, { id, known, user, next: loaded.next })
    execution.restore(loaded, markOf(row))
    this.capacity.takeAnyway()
    this.#live.set(id, execution)
    // An operation that was begun by whoever had it before is not begun again by what it is told next.
    if (loaded.actions.some(({ kind }) => kind === 'run')) execution.takeUp().catch(() => undefined)
    return execution
  }

  #forget(execution: LiveExecution, why?: unknown): void {
    this.#live.delete(execution.id)
    this.#resident.end(execution)
    execution.stop(why)
    this.capacity.give()
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw codedError('SAGA_MANAGER_CLOSED')
  }
}
