/** The field-overlap test of COMMUTATIVE commands, by folding the history (section 2.4). */
import type { Ledger, StreamKey } from '../ledger/ledger.ts'
import type { Sequence } from '../identity.ts'
import { loadState } from './load-state.ts'
import { codedError } from '../errors.ts'
import { EVERY_CASCADE, type PendingReader } from './plan-pending.ts'
import { ANY_FIELD, changedFields, overlap } from './plan-overlap.ts'
import type { ComparableState, EncodedEvent, StatefulEndpoint } from './stateful-endpoint.ts'
import type { Upcast } from './upcast-event.ts'

/**
 * The fields that both the command's events and the events since its expected sequence change;
 * `undefined` when the states cannot be compared. Every state is folded on its own, because appliers may change a state in place.
 */
export async function compareChanges(options: {
  readonly ledger: Ledger
  readonly key: StreamKey
  readonly endpoint: StatefulEndpoint
  readonly upcast: Upcast
  readonly branchAt?: Sequence | undefined
  readonly reader?: PendingReader
  readonly expected: Sequence
  readonly next: Sequence
  readonly events: readonly EncodedEvent[]
}): Promise<readonly string[] | undefined> {
  const { endpoint, expected, next, events } = options
  const stateAt = async (before: Sequence): Promise<unknown> =>
    (await loadState({ ...options, point: { last: before - 1 } })).state
  const then = await stateAt(expected)
  const now = await stateAt(next)
  let after = await stateAt(next)
  for (const event of events) after = endpoint.fold(after, event)
  return await sharedFields(endpoint, { then, now, before: now, after })
}

/** The fields that differ between `then` and `now`, and between `before` and `after`. */
async function sharedFields(
  endpoint: StatefulEndpoint,
  states: Readonly<Record<'then' | 'now' | 'before' | 'after', unknown>>,
): Promise<readonly string[] | undefined> {
  const made = new Map<unknown, ComparableState>()
  for (const state of new Set(Object.values(states))) {
    const comparable =
      endpoint.comparable === undefined
        ? { state, schema: endpoint.stateSchema }
        : await endpoint.comparable(state)
    if (comparable === undefined) return undefined
    made.set(state, comparable)
  }
  const changed = (from: unknown, to: unknown): ReadonlySet<string> =>
    changedFields(made.get(from)?.state, made.get(to)?.state, made.get(to)?.schema)
  return overlap(changed(states.then, states.now), changed(states.before, states.after))
}

/**
 * The fields that both the command's events and the pending pages of other cascades change. Pages
 * that are confirmed, and those of the command's own cascade, hold nothing. States that cannot be
 * compared overlap.
 */
export async function fieldsHeld(options: {
  readonly ledger: Ledger
  readonly key: StreamKey
  readonly endpoint: StatefulEndpoint
  readonly upcast: Upcast
  readonly next: Sequence
  readonly branchAt?: Sequence | undefined
  readonly reader: string | undefined
  readonly events: readonly EncodedEvent[]
}): Promise<readonly string[]> {
  const { endpoint, next, events, reader } = options
  const point = { last: next - 1 }
  const stateFor = async (seen: PendingReader): Promise<unknown> =>
    (await loadState({ ...options, point, reader: seen })).state
  const mine = await stateFor(reader)
  const all = await stateFor(EVERY_CASCADE)
  let after = await stateFor(reader)
  for (const event of events) after = endpoint.fold(after, event)
  const shared = await sharedFields(endpoint, { then: mine, now: all, before: mine, after })
  return shared ?? [ANY_FIELD]
}

/** Said to a command that changes what is pending elsewhere. */
export function cascadeConflict(
  stream: string,
  cascadeIds: readonly string[],
  fields: readonly string[],
): Error {
  return codedError('CASCADE_CONFLICT', {
    details: { stream, cascade_ids: cascadeIds.join(','), overlapping_fields: fields.join(',') },
    hint: 'Try again once these cascades are committed or rolled back.',
  })
}
