/**
 * The world outside of a saga: what took effect in it, by idempotency key. It outlives every process,
 * and does what its authors promised: the same key takes effect once.
 */

/** How a step misbehaves. */
export type Misbehaviour =
  | { readonly kind: 'none' }
  /** The business says no. */
  | { readonly kind: 'refuses'; readonly at: string }
  /** It takes effect, and no answer comes, whenever it is tried. */
  | { readonly kind: 'hangs'; readonly at: string }
  /** Its undo fails, whenever it is tried, and the payment is refused. */
  | { readonly kind: 'undo-fails'; readonly at: string }
  /** Somebody cancels while it runs. */
  | { readonly kind: 'cancelled'; readonly at: string }

/** See the top of this file. */
export class CrashWorld {
  readonly misbehaviour: Misbehaviour
  /** Effects by key: `book`, and `undo book` for its undo. */
  readonly effects = new Map<string, string>()
  /** Called when a step runs at which somebody is to cancel. */
  cancel: () => void = () => undefined

  constructor(misbehaviour: Misbehaviour) {
    this.misbehaviour = misbehaviour
  }

  /** A step is done under a key; `refuse` says no. */
  async does(step: string, key: string, signal: AbortSignal, refuse: () => Error): Promise<void> {
    const { kind } = this.misbehaviour
    const isHere = kind !== 'none' && this.misbehaviour.at === step
    if (isHere && kind === 'refuses') throw refuse()
    if (kind === 'undo-fails' && step === 'pay') throw refuse()
    this.effects.set(key, step)
    if (isHere && kind === 'cancelled') this.cancel()
    if (isHere && kind === 'hangs') await forEver(signal)
  }

  /** A step is undone under a key. */
  undoes(step: string, key: string): void {
    const { kind } = this.misbehaviour
    if (kind === 'undo-fails' && this.misbehaviour.at === step)
      throw new Error(`cannot undo ${step}`)
    this.effects.set(key, `undo ${step}`)
  }

  /** Steps that took effect and were not undone. */
  standing(): readonly string[] {
    const done = new Set(this.effects.values())
    return [...done].filter((effect) => !effect.startsWith('undo ') && !done.has(`undo ${effect}`))
  }

  /** Steps, or undos, that took effect under two keys. */
  doubled(): readonly string[] {
    const all = [...this.effects.values()]
    return all.filter((effect, index) => all.indexOf(effect) !== index)
  }

  /** Undos of what never took effect. */
  baseless(): readonly string[] {
    const done = new Set(this.effects.values())
    return [...done].filter((effect) => effect.startsWith('undo ') && !done.has(effect.slice(5)))
  }
}

function forEver(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(new DOMException('aborted', 'AbortError'))
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
