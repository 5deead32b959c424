/**
 * The runner of this process, when it has one: made when the lease is gained, let go when it is lost.
 * Who needs it waits until there is one.
 */
import { untilAborted } from '../../abort.ts'
import type { LogSink } from '../../coordinator/coordinator.ts'
import { type CodedError, codedError, messageOf } from '../../errors.ts'
import { countOrphans, type Recovery, recover } from '../runner/recovery.ts'
import type { Runner } from '../runner/runner.ts'
import type { RequestFollower } from '../operator/request-follower.ts'
import { followOperators } from './follow-operators.ts'

/** See the top of this file. */
export class ActiveRunner {
  readonly #make: () => Runner
  readonly #log: LogSink
  #runner: Runner | undefined
  #operators: RequestFollower | undefined
  #recovery: Recovery = { taken: 0, orphaned: new Map() }
  #recovering: Promise<void> | undefined
  #awaited: PromiseWithResolvers<Runner> | undefined
  #ended: CodedError | undefined

  constructor(options: { readonly make: () => Runner; readonly log: LogSink }) {
    this.#make = options.make
    this.#log = options.log
  }

  /** The runner, if this process has it. */
  get now(): Runner | undefined {
    return this.#runner
  }

  /** How far it has taken up what was left. */
  get recovery(): Recovery {
    return this.#recovery
  }

  /** Whether it still takes up what was left. */
  get isRecovering(): boolean {
    return this.#recovering !== undefined
  }

  /** Why there will be none any more. */
  get ended(): CodedError | undefined {
    return this.#ended
  }

  /** Waits for the runner. @throws CodedError `SAGA_MANAGER_CLOSED`, `ABORTED` */
  async get(signal?: AbortSignal | undefined): Promise<Runner> {
    if (this.#ended !== undefined) throw this.#ended
    if (this.#runner !== undefined) return this.#runner
    if (this.#awaited === undefined) {
      this.#awaited = Promise.withResolvers<Runner>()
      this.#awaited.promise.catch(() => undefined)
    }
    return await untilAborted(this.#awaited.promise, signal)
  }

  /** This process runs executions from now on. */
  begin(): void {
    if (this.#ended !== undefined) return
    const runner = this.#make()
    this.#runner = runner
    this.#operators = followOperators(runner)
    this.#recovery = { taken: 0, orphaned: new Map() }
    this.#recovering = this.#recover(runner).finally(() => {
      this.#recovering = undefined
    })
    this.#awaited?.resolve(runner)
    this.#awaited = undefined
  }

  /** This process runs no executions any more. */
  lose(): void {
    const runner = this.#runner
    this.#runner = undefined
    void this.#operators?.stop()
    runner?.abandon(codedError('LEASE_LOST'))
  }

  /** Resolves when everything that was left has been taken up. */
  async recovered(): Promise<void> {
    await this.#recovering
  }

  /** Ends for good; what is at work may go on for a while. */
  async close(drainMs: number): Promise<void> {
    const closed = codedError('SAGA_MANAGER_CLOSED')
    this.#ended ??= closed
    this.#awaited?.reject(closed)
    const runner = this.#runner
    this.#runner = undefined
    const stopped = this.#operators?.stop()
    await runner?.stop(drainMs)
    await stopped
    await this.#recovering
  }

  #warn(): void {
    const { orphaned } = this.#recovery
    if (orphaned.size === 0) return
    const definitions = [...orphaned].map(([name, count]) => `${name} (${count})`).join(', ')
    this.#log('warn', 'definitions_missing', { definitions })
  }

  async #recover(runner: Runner): Promise<void> {
    try {
      await recover(runner, this.#recovery, () => this.#runner === runner)
      if (this.#runner !== runner) return
      await runner.watch()
      if (this.#runner === runner) this.#operators?.start()
      await countOrphans(runner, this.#recovery, () => this.#runner === runner)
      this.#warn()
    } catch (error) {
      if (this.#runner === runner)
        this.#log('error', 'recovery_failed', { error: messageOf(error) })
    }
  }
}
