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
    if (!Object.hasOwn(limits, name) || !Number.isFinite(value) || value < 1) {
      const hint = 'A bound is a positive number; its names are those of `limits`.'
      throw codedError('CONFIGURATION_INVALID', { details: { [name]: value }, hint })
    }
  }
  return Object.assign(merged, changed)
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
    const attempts = given?.attempts
    if (attempts !== undefined && !(Number.isInteger(attempts) && attempts >= 1)) {
      const details = { component: name, attempts }
      throw codedError('CONFIGURATION_INVALID', { details, hint: 'Attempts count the first one.' })
    }
  }
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
