/** How long to wait before the next attempt. Pure. */

/** Delays grow by two from the least to the most; jitter keeps attempts from marching in step. */
export type Backoff = { readonly msMin: number; readonly msMax: number }

/**
 * The delay before attempt `attempt + 1`, in milliseconds: doubled per attempt, at most `msMax`,
 * and drawn from its upper half by `fraction` in [0, 1).
 */
export function backoffMs(backoff: Backoff, attempt: number, fraction: number): number {
  const whole = Math.min(backoff.msMin * 2 ** Math.min(attempt - 1, 30), backoff.msMax)
  return whole * (0.5 + fraction / 2)
}
