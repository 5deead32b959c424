/** Times and durations as people write them. */
import { type Nanoseconds, NANOSECONDS_PER_MS } from '../../clock.ts'
import { UsageError } from '../command.ts'

/** A moment, in UTC with milliseconds: `2026-11-20 18:00:01.123`. */
export function momentText(at: Nanoseconds): string {
  return isoText(at).replace('T', ' ').replace('Z', '')
}

/** A moment for programs: `2026-11-20T18:00:01.123Z`. Times that no date can hold stay numbers. */
export function isoText(at: Nanoseconds): string {
  const date = new Date(Number(at / NANOSECONDS_PER_MS))
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString()
}

/** How long ago, or how long until: `3m 12s`. */
export function spanText(span: Nanoseconds): string {
  const ms = Number((span < 0n ? -span : span) / NANOSECONDS_PER_MS)
  if (ms < 1_000) return `${ms}ms`
  const parts: string[] = []
  let left = Math.floor(ms / 1_000)
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds)
    left -= count * seconds
    if (count > 0) parts.push(`${count}${unit}`)
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

/** Milliseconds of a duration: `500ms`, `30s`, `10m`, `2h`, `7d`. @throws UsageError */
export function durationMs(option: string, text: string): number {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  const factor = FACTORS[found?.[2] ?? '']
  if (text === '0') return 0
  const ms = Number(found?.[1]) * (factor ?? Number.NaN)
  if (Number.isFinite(ms) && ms <= LONGEST_MS) return ms
  throw new UsageError(`--${option} is a duration such as 500ms, 30s, 10m, 2h or 7d`)
}

const LONGEST_MS = 3_650 * 86_400_000

const FACTORS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Bytes: `12 kB`, `3.4 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  for (const [unit, size] of SIZES) {
    if (bytes >= size) return `${(bytes / size).toFixed(bytes >= size * 10 ? 0 : 1)} ${unit}`
  }
  return `${bytes} B`
}

const SIZES = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
] as const
