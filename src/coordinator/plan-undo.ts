/** The requests to undo what a stopped request has carried out (design section 7). Pure. */
import { create } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../clock.ts'
import { messageOf } from '../errors.ts'
import {
  type CommandBook,
  CommandBookSchema,
  CompensateSchema,
  NotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../wire/any.ts'
import { timestampFromNanoseconds } from '../wire/timestamp.ts'
import type { ReactionPlace, RunningCommand } from './cascade-parts.ts'
import { coverOf } from './cover-of.ts'
import type { Delivery } from './delivery.ts'
import { pathPart } from './spaces.ts'

/**
 * One delivery per command that stored events, the last one first: whatever was caused by another
 * command is undone before it (P5). All of them stand in one key, so that they keep their order.
 */
export function planUndo(options: {
  readonly place: ReactionPlace
  readonly executed: readonly RunningCommand[]
  readonly error: Error
  readonly now: Nanoseconds
}): readonly Delivery[] {
  const { place, executed, error, now } = options
  const { component, componentKind, lane, origin } = place
  return executed
    .filter(({ sequences }) => sequences.length > 0)
    .reverse()
    .map((done, index) => ({
      component,
      componentKind,
      lane,
      origin,
      path: `undo-${pathPart(index)}`,
      parcel: { kind: 'compensate', envelope: undoEnvelope(done, messageOf(error), now) },
      attempts: 0,
      recovered: false,
    }))
}

/** The contract's form: under the target's cover, with the provenance of the command to undo. */
function undoEnvelope(done: RunningCommand, reason: string, now: Nanoseconds): CommandBook {
  const { key, command, commandType, sequences } = done
  const target = coverOf(key, command.cover?.correlationId ?? '')
  const header = command.pages[0]?.header
  const compensate = create(CompensateSchema, {
    target,
    sequences: [...sequences],
    reason,
    commandType,
  })
  const notification = create(NotificationSchema, {
    cover: target,
    payload: packAny(CompensateSchema, compensate),
    sentAt: timestampFromNanoseconds(now),
  })
  const payload = { case: 'command' as const, value: packAny(NotificationSchema, notification) }
  return create(CommandBookSchema, {
    cover: target,
    pages: [{ ...(header === undefined ? {} : { header }), payload }],
  })
}
