/** What becomes of the events that a projector fails on: another try, a parked key, or a skip. */
import type { Clock, Timer } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { dispositionOfError } from '../errors/client-error.ts'
import type { RowChange, StoredEvent } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { backoffMs } from './backoff.ts'
import type { LogSink } from './coordinator.ts'
import { deadLetterOfEvent } from './dead-letter-rows.ts'
import type { ProjectionKeys } from './projection-keys.ts'
import type { ComponentHost } from './scheduled-component.ts'
import type { ReactionWatch } from './telemetry/reaction-watch.ts'

/** An event that could not be projected. */
export type ProjectionFailure = {
  readonly event: StoredEvent
  readonly key: string
  readonly error: unknown
}

/** What is to be written down, and done, because of failures. */
export type Judgement = {
  readonly letters: readonly DeadLetterEntry[]
  /** Changes that end what keys waited behind before. */
  readonly ended: readonly RowChange[]
  /** Events that are given up and hold nobody up. */
  readonly skipped: readonly StoredEvent[]
  /** Why the projector must not go on. */
  readonly halt: { readonly error: unknown } | undefined
}

/** What judging needs. */
export type FailureOptions = {
  readonly name: string
  readonly host: ComponentHost
  readonly keys: ProjectionKeys
  readonly clock: Clock
  readonly log: LogSink
  readonly watch: ReactionWatch
  /** A key may be tried again. */
  readonly woken: () => void
}

/** See the top of this file. */
export class ProjectionFailures {
  readonly #options: FailureOptions
  readonly #alarms = new Set<Timer>()

  constructor(options: FailureOptions) {
    this.#options = options
  }

  /** Decides about each failure, one per key. */
  judge(failures: readonly ProjectionFailure[]): Judgement {
    const letters: DeadLetterEntry[] = []
    const ended: RowChange[] = []
    const skipped: StoredEvent[] = []
    const { host, keys } = this.#options
    for (const failure of failures) {
      const { key, error } = failure
      const disposition = dispositionOfError(error)
      if (disposition === 'halt') return { letters, ended, skipped, halt: { error } }
      const attempts = keys.attemptsOf(key) + 1
      if (disposition === 'retry' && attempts < host.settings.attempts) {
        keys.wait(key, attempts)
        this.#wakeLater(key, attempts, error)
        continue
      }
      const letter = this.#letterOf(failure, attempts)
      // A key that catches up has more to do: it stays parked.
      if (host.settings.onExhausted === 'park' || keys.catchesUp(key)) {
        ended.push(...keys.park(key, letter, error))
        letters.push(letter)
      } else {
        keys.skip(key)
        skipped.push(failure.event)
        letters.push({ ...letter, lane: '' })
      }
    }
    return { letters, ended, skipped, halt: undefined }
  }

  /** Resolves after the wait before another attempt at a commit. */
  pause(attempt: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(this.#delayMs(attempt), resolve)
    })
  }

  /** Nothing is tried again. */
  stop(): void {
    for (const alarm of this.#alarms) alarm.cancel()
  }

  #letterOf({ event, key, error }: ProjectionFailure, attempts: number): DeadLetterEntry {
    const { name: component, clock, log } = this.#options
    const kind = 'projector'
    const now = clock.wall()
    const made = deadLetterOfEvent({ component, kind, lane: key, event, error, attempts, now })
    const { correlationId: correlation_id } = event
    log('error', 'dead_letter', { component, key, id: made.id, correlation_id })
    return made
  }

  #wakeLater(key: string, attempt: number, error: unknown): void {
    const { name: component, keys, clock, log, watch, woken } = this.#options
    watch.retried('projector', component)
    log('warn', 'projection_retried', { component, key, attempt, error: messageOf(error) })
    const alarm = clock.after(this.#delayMs(attempt), () => {
      this.#alarms.delete(alarm)
      keys.wake(key)
      woken()
    })
    this.#alarms.add(alarm)
  }

  #delayMs(attempt: number): number {
    const { limits, random } = this.#options.host
    const backoff = { msMin: limits.reactionBackoffMsMin, msMax: limits.reactionBackoffMsMax }
    return backoffMs(backoff, attempt, random.fraction())
  }
}
