/** What all contexts of one run of a workflow share, and what a run may begin with. */
import { type Clock, systemClock } from '../clock.ts'
import { type Random, randomRoot, systemRandom } from '../identity.ts'
import { limits } from '../limits.ts'
import { defaultTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** What a context may begin with. All of it is optional. */
export type WorkflowContextInit<S extends object = Record<string, unknown>> = {
  /** Names the business transaction in logs and spans. Default: a new UUID. */
  readonly correlationId?: string | undefined
  readonly workflowId?: string | undefined
  readonly sessionId?: string | undefined
  /** What caused this run: the id of a message, a span, a step. */
  readonly causationId?: string | undefined
  /** Shared with all steps by reference. Default: an empty object. */
  readonly state?: S | undefined
  readonly metadata?: Record<string, unknown> | undefined
  readonly baggage?: Record<string, string> | undefined
  readonly tags?: Record<string, string> | undefined
  /** Cancels the run: no further step starts, running ones are told, then the rollback runs. */
  readonly signal?: AbortSignal | undefined
  /** The span of a caller elsewhere: 32 and 16 hexadecimal digits. See `fromTraceparent`. */
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  /** Default: 1, sampled. */
  readonly traceFlags?: number | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Default: the randomness of this machine. */
  readonly random?: Random | undefined
  /** Default: `defaultTelemetry()`. */
  readonly telemetry?: Telemetry | undefined
}

/** A moment of a run. */
export type Checkpoint = {
  readonly name: string
  /** Milliseconds since the root context was made; never goes back. */
  readonly atMs: number
}

/** What all contexts of one run share. Most of it is made when it is first asked for. */
export class ContextRun<S extends object> {
  readonly init: WorkflowContextInit<S>
  readonly clock: Clock
  readonly checkpoints: Checkpoint[] = []
  readonly startedMs: number
  #correlationId: string | undefined
  #state: S | undefined
  #metadata: Record<string, unknown> | undefined
  #baggage: Record<string, string> | undefined
  #tags: Record<string, string> | undefined

  constructor(init: WorkflowContextInit<S>, startedMs?: number) {
    this.init = init
    this.clock = init.clock ?? CLOCK
    this.startedMs = startedMs ?? this.clock.monotonicMs()
    this.#correlationId = init.correlationId
    if (init.correlationId !== undefined) checkId('correlationId', init.correlationId)
  }

  get random(): Random {
    return this.init.random ?? RANDOM
  }
  get telemetry(): Telemetry {
    return this.init.telemetry ?? defaultTelemetry()
  }
  get correlationId(): string {
    return (this.#correlationId ??= randomRoot(this.random))
  }
  get state(): S {
    // A caller who gives no state gets an empty bag, which the default type describes.
    return (this.#state ??= this.init.state ?? ({} as S))
  }
  get metadata(): Record<string, unknown> {
    return (this.#metadata ??= this.init.metadata ?? {})
  }
  get baggage(): Record<string, string> {
    return (this.#baggage ??= this.init.baggage ?? {})
  }
  get tags(): Record<string, string> {
    return (this.#tags ??= this.init.tags ?? {})
  }

  elapsedMs(): number {
    return this.clock.monotonicMs() - this.startedMs
  }

  note(name: string): void {
    this.noteAt(name, this.clock.monotonicMs())
  }

  noteAt(name: string, nowMs: number): void {
    if (this.checkpoints.length >= limits.checkpointsMax) return
    this.checkpoints.push({ name, atMs: nowMs - this.startedMs })
  }

  copy(): ContextRun<S> {
    const copy = new ContextRun<S>(
      {
        ...this.init,
        correlationId: this.correlationId,
        state: { ...this.state },
        metadata: { ...this.metadata },
        baggage: { ...this.baggage },
        tags: { ...this.tags },
      },
      this.startedMs,
    )
    // Checkpoints stay with the root.
    Object.defineProperty(copy, 'checkpoints', { value: this.checkpoints })
    return copy
  }
}

const CLOCK = systemClock()
const RANDOM = systemRandom()

function checkId(field: string, id: string): void {
  const max = limits.correlationIdLengthMax
  if (id.length > 0 && id.length <= max) return
  throw workflowInvalid(field, `text of 1 to ${max} characters`, id)
}
