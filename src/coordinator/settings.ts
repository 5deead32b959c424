/** The options of a coordinator, checked and filled in. */
import { codedError } from '../errors.ts'
import { limits, type LimitName } from '../limits.ts'
import type { ComponentOptions, CoordinatorOptions, StartPosition } from './coordinator.ts'
import type { Wiring } from './plan-wiring.ts'
import type { ProgressRecord } from './progress.ts'
import type { Bounds, ReactionSettings } from './scheduled-component.ts'

/** The bounds, with what the user has changed. @throws CodedError `CONFIGURATION_INVALID` */
export function boundsOf(changed: CoordinatorOptions['limits']): Bounds {
  const merged: Record<LimitName, number> = { ...limits }
  for (const [name, value] of Object.entries(changed ?? {})) {
    if (!Object.hasOwn(limits, name) || !Number.isSafeInteger(value) || value < 1) {
      const hint = 'A bound is a positive whole number; its names are those of `limits`.'
      throw invalid({ [name]: value }, hint)
    }
  }
  Object.assign(merged, changed)
  const { leaseMs, leaseRenewalMs } = merged
  if (leaseRenewalMs >= leaseMs) {
    throw invalid({ leaseMs, leaseRenewalMs }, 'A lease is renewed before it runs out.')
  }
  return merged
}

/** The events between two snapshots. @throws CodedError `CONFIGURATION_INVALID` */
export function checkCadence(snapshotEvery: number | undefined): void {
  if (snapshotEvery === undefined) return
  if (Number.isSafeInteger(snapshotEvery) && snapshotEvery >= 0) return
  throw invalid({ snapshotEvery }, 'snapshotEvery counts events: a whole number, 0 for never.')
}

/**
 * Checks settings by component name.
 *
 * @throws CodedError `COMPONENT_UNKNOWN`, `CONFIGURATION_INVALID`
 */
export function checkSettings(settings: CoordinatorOptions['settings'], wiring: Wiring): void {
  const names = new Set(
    [...wiring.sagas, ...wiring.processManagers, ...wiring.projectors].map(({ name }) => name),
  )
  for (const [name, given] of Object.entries(settings ?? {})) {
    if (!names.has(name)) throw codedError('COMPONENT_UNKNOWN', { details: { component: name } })
    checkSetting(name, given ?? {})
  }
}

function checkSetting(component: string, { attempts, from, onExhausted }: ComponentOptions): void {
  if (attempts !== undefined && !(Number.isSafeInteger(attempts) && attempts >= 1)) {
    throw invalid({ component, attempts }, 'Attempts count the first one.')
  }
  if (from !== undefined && from !== 'beginning' && from !== 'head' && !isPosition(from.after)) {
    const hint = "from is 'beginning', 'head', or { after: position }."
    throw invalid({ component, from: JSON.stringify(from).slice(0, 200) }, hint)
  }
  const ends: readonly unknown[] = [undefined, 'park', 'skip']
  if (!ends.includes(onExhausted)) {
    throw invalid({ component, onExhausted }, "onExhausted is 'park' or 'skip'.")
  }
}

/** Callers without types are told at once. */
function isPosition(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function invalid(details: Readonly<Record<string, unknown>>, hint: string): Error {
  return codedError('CONFIGURATION_INVALID', { details, hint })
}

/** Where a component begins in a ledger that does not know it. */
export function startOf(from: StartPosition, tip: number): ProgressRecord {
  if (from === 'beginning') return { low: 0, done: [] }
  return { low: from === 'head' ? tip : from.after, done: [] }
}

/** A component's settings, filled in. */
export function reactionSettings(options: ComponentOptions, bounds: Bounds): ReactionSettings {
  return {
    attempts: options.attempts ?? bounds.reactionAttemptsMax,
    onExhausted: options.onExhausted ?? 'park',
  }
}
