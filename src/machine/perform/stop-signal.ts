/** Tells an attempt to stop. Its signal is made only when somebody looks at it. */

/** See above. A runner keeps one per running attempt, and stops it at an `abort` action. */
export class StopSignal {
  #controller: AbortController | undefined
  #isStopped = false
  #reason: unknown
  #listener: (() => void) | undefined

  /** Whether it was told to stop. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Why, when it was told to stop. */
  get reason(): unknown {
    return this.#reason
  }

  /** The signal for the author. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#isStopped) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Tells it to stop; only the first reason counts. */
  stop(reason: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#reason = reason
    this.#controller?.abort(reason)
    this.#listener?.()
  }

  /** Calls back when it is told to stop; one listener, until it is taken away. */
  onStop(listener: (() => void) | undefined): void {
    this.#listener = listener
    if (this.#isStopped) listener?.()
  }
}
