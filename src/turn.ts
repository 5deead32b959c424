/** Waiting for the rest of the event loop's present turn. */

/** Resolves in the next turn: sockets, timers and other callers come first. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
