/** An abort controller that also follows another signal; `release` lets go of that one. */
export type LinkedController = {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  release(): void
}

/** Makes one. */
export function linkedController(outer: AbortSignal | undefined): LinkedController {
  const controller = new AbortController()
  const follow = (): void => controller.abort(outer?.reason)
  if (outer?.aborted === true) follow()
  else outer?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => outer?.removeEventListener('abort', follow),
  }
}
