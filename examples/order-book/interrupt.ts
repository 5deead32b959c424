/** Ctrl-C: the first one asks for an orderly end, the second one gets it at once. */

/** Aborts `stop` at the first SIGINT or SIGTERM; the second ends the process with 130. */
export function onInterrupt(announce: () => void): { readonly stop: AbortSignal } & Disposable {
  const controller = new AbortController()
  let firstMs = 0
  const heard = (): void => {
    if (!controller.signal.aborted) {
      firstMs = performance.now()
      controller.abort()
      announce()
    } else if (performance.now() - firstMs > SAME_KEYSTROKE_MS) process.exit(INTERRUPTED)
  }
  process.on('SIGINT', heard).on('SIGTERM', heard)
  return {
    stop: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', heard).off('SIGTERM', heard)
    },
  }
}

/** The exit code of a run that was interrupted. */
export const INTERRUPTED = 130

// A terminal signals every process of the group, and those that started this one pass it on: one
// keystroke may arrive several times.
const SAME_KEYSTROKE_MS = 250
