/** What a waiting request is told of the messages that belong to it. */
import type { Delivery } from './delivery.ts'
import { idempotencyKeyOf, removeDelivery } from './delivery.ts'
import type { CascadePart } from './cascade.ts'
import type { OpenPart, ReactionPlace, RunningCommand } from './cascade-parts.ts'
import type { CommandWork } from './command-work.ts'
import type { Sequence } from '../identity.ts'
import type { Committed, StreamKey } from '../ledger/ledger.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import { streamOf } from './cover-of.ts'
import { isRefusal } from './is-refusal.ts'
import type { ReactionContext } from './reaction-context.ts'
import type { WorkOutcome } from './work.ts'

/** The place of what a reaction at this place emits. */
export function deeper(place: CascadePart | undefined): CascadePart | undefined {
  return place === undefined ? undefined : { cascade: place.cascade, depth: place.depth + 1 }
}

/** Tells the request of a delivery what became of its command. */
export function commandEnded(
  context: ReactionContext,
  delivery: Delivery,
  work: Pick<CommandWork, 'command' | 'type'>,
  outcome: WorkOutcome,
): void {
  if (delivery.cascade === undefined) return
  if (outcome.kind === 'rejected') {
    if (isRefusal(outcome.error)) commandRefused(context, delivery, work, outcome.error)
    return
  }
  const stored =
    outcome.kind === 'accepted'
      ? outcome.committed
      : outcome.kind === 'duplicate'
        ? outcome.first
        : undefined
  if (stored === undefined) return
  delivery.cascade.cascade.carriedOut(runningCommand(context, delivery, work, stored))
}

/** Tells the request of a delivery that its command was refused. */
export function commandRefused(
  context: ReactionContext,
  delivery: Delivery,
  work: Pick<CommandWork, 'command' | 'type'>,
  error: Error,
): void {
  delivery.cascade?.cascade.fail({
    component: delivery.component,
    target: work.command.cover,
    commandType: work.type,
    error,
    place: placeOf(context, delivery),
  })
}

/** What the request keeps in mind of a delivery while it is open. */
export function openDelivery(context: ReactionContext, delivery: Delivery): OpenPart {
  return {
    skip: () => ({ conditions: context.term(), rows: [removeDelivery(delivery)] }),
    happened: async () => {
      const { parcel } = delivery
      if (parcel.kind !== 'command' || delivery.attempts === 0) return undefined
      const key = streamOf(parcel.command.cover)
      const first = await context.ledger.claimed({ scope: key, key: idempotencyKeyOf(delivery) })
      if (first === undefined) return undefined
      const payload = parcel.command.pages[0]?.payload
      const type = payload?.case === 'command' ? typeNameFromUrl(payload.value.typeUrl) : ''
      return runningCommand(context, delivery, { command: parcel.command, type }, first)
    },
  }
}

/** Where a delivery stands. */
export function placeOf(context: ReactionContext, delivery: Delivery): ReactionPlace {
  const { component, componentKind, lane, origin } = delivery
  return { component, componentKind, lane, origin, term: context.term }
}

function runningCommand(
  context: ReactionContext,
  delivery: Delivery,
  { command, type }: Pick<CommandWork, 'command' | 'type'>,
  stored: Committed,
): RunningCommand {
  const key = streamOf(command.cover)
  const sequences = sequencesIn(stored, key)
  return { place: placeOf(context, delivery), key, command, commandType: type, sequences }
}

function sequencesIn({ appends }: Committed, { domain, root }: StreamKey): readonly Sequence[] {
  return appends
    .filter(({ key }) => key.domain === domain && key.root === root)
    .flatMap(({ from, count }) => Array.from({ length: count }, (_, index) => from + index))
}
