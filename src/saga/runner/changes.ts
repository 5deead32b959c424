/** Something has changed: whoever waits looks again. */

/** See the top of this file. */
export class Changes {
  #waiting: (() => void)[] = []

  /** Wakes those that wait. */
  tell(): void {
    if (this.#waiting.length === 0) return
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Resolves at the next change. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
