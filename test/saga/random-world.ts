/**
 * The world outside of random sagas: what took effect in it, by idempotency key. It outlives every
 * process; what a dead process still does has no effect in it. A key that took effect once is answered
 * the same again, as authors promise.
 */
import { refuse } from '../../src/machine/refusal.ts'
import type { FakeClock } from '../../src/testing/fake-clock.ts'
import { type ActPlan, actsOf, type Call, type Calls, type SagaPlan } from './random-plan.ts'

/** Whether the process that calls is still there. */
export type Process = { readonly isDead: boolean }

/** One effect, in the order in which they came. */
export type Effect = {
  readonly kind: 'done' | 'undone'
  /** The name of the step; with a `+` behind it, what the step did beside. */
  readonly name: string
  readonly key: string
}

/** What is told of a call. */
export type CallFrom = {
  readonly process: Process
  readonly idempotencyKey: string
  readonly signal: AbortSignal
}

/** See the top of this file. */
export class RandomWorld {
  readonly effects: Effect[] = []
  /** Calls of each step so far, and of each undo as `undo <name>`. */
  readonly calls = new Map<string, number>()
  /** From now on everything that is called works. */
  isRepaired = false
  /** What was called again although it may have happened. */
  readonly repeated = new Set<string>()
  /** What took effect after it had been given up, or might have been. */
  readonly late = new Set<string>()
  readonly #clock: FakeClock
  readonly #acts: ReadonlyMap<string, ActPlan>
  readonly #keys = new Set<string>()
  /** What was called and may have happened, whatever the caller has heard of it. */
  readonly #open = new Set<string>()

  constructor(plan: SagaPlan, clock: FakeClock) {
    this.#clock = clock
    this.#acts = new Map(actsOf(plan).map((one) => [one.name, one]))
  }

  /** A step is called. */
  async does(name: string, from: CallFrom): Promise<void> {
    const act = this.#acts.get(name)
    await this.#call('done', name, act?.calls ?? [], from)
  }

  /** An undo is called. */
  async undoes(name: string, from: CallFrom): Promise<void> {
    const act = this.#acts.get(name.replace('+', ''))
    await this.#call('undone', name, name.endsWith('+') ? [] : (act?.undoCalls ?? []), from)
  }

  /** Something that a step does beside. */
  async doesBeside(name: string, { process, idempotencyKey }: CallFrom): Promise<void> {
    await aliveOnly(process)
    this.#take('done', `${name}+`, `${idempotencyKey}+`)
  }

  async #call(kind: Effect['kind'], name: string, calls: Calls, from: CallFrom): Promise<void> {
    const { process, idempotencyKey: key, signal } = from
    await aliveOnly(process)
    const called = kind === 'done' ? name : `undo ${name}`
    const nth = this.calls.get(called) ?? 0
    this.calls.set(called, nth + 1)
    const isKnown = this.isRepaired || this.#keys.has(key)
    if (this.#open.has(called) && !this.isRepaired) this.repeated.add(called)
    const call: Call = isKnown ? 'ok' : (calls[Math.min(nth, calls.length - 1)] ?? 'ok')
    if (call !== 'refuses' && call !== 'throws') this.#open.add(called)
    switch (call) {
      case 'ok':
        return this.#take(kind, name, key)
      case 'refuses':
        throw refuse(`no ${called}`)
      case 'throws':
        throw new Error(`${called} failed`)
      case 'lost-before':
        throw disconnected()
      case 'lost':
        this.#take(kind, name, key)
        throw disconnected()
      case 'hangs':
        this.#take(kind, name, key)
        return await forEver(signal)
      case 'late':
        await new Promise<void>((resolve) => this.#clock.after(70, resolve))
        await aliveOnly(process)
        this.late.add(name)
        return this.#take(kind, name, key)
    }
  }

  #take(kind: Effect['kind'], name: string, key: string): void {
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    this.effects.push({ kind, name, key })
  }
}

/** A process that is dead does nothing, and never learns of it. */
async function aliveOnly({ isDead }: Process): Promise<void> {
  if (isDead) await new Promise<never>(() => undefined)
}

function disconnected(): Error {
  return Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' })
}

function forEver(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(new DOMException('aborted', 'AbortError'))
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
