/** When something is tried again. */
import { type Nanoseconds, NANOSECONDS_PER_MS } from '../clock.ts'
import type { RetryPolicy } from './definition.ts'

/** What a pause is decided with. */
export type Moment = { readonly at: Nanoseconds; readonly random: number }

/** When the next try is due after so many, or `undefined` when there is none left. */
export function nextTryAt(
  policy: RetryPolicy,
  tries: number,
  { at, random }: Moment,
): Nanoseconds | undefined {
  if (tries >= policy.maxAttempts) return undefined
  return at + nanosecondsOf(pauseMs(policy, tries, random))
}

/** Milliseconds as nanoseconds; fractions count, what is too long for a clock is cut. */
export function nanosecondsOf(ms: number): Nanoseconds {
  if (Number.isInteger(ms) && ms <= MS_MAX) return BigInt(ms) * NANOSECONDS_PER_MS
  return BigInt(Math.round(Math.min(ms, MS_MAX) * Number(NANOSECONDS_PER_MS)))
}

/** About three hundred years. */
const MS_MAX = 10_000_000_000_000

function pauseMs(policy: RetryPolicy, tries: number, random: number): number {
  if (policy.initialMs === 0) return 0
  const longest = Math.min(policy.maxMs, policy.initialMs * policy.factor ** (tries - 1))
  return policy.jitter === 'full' ? longest * random : longest
}
