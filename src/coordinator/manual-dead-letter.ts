/** MANUAL: a stale command is refused and kept on the desk for a person to decide. */
import { create } from '@bufbuild/protobuf'
import type { OutgoingCommand } from '../client/outgoing-command.ts'
import { toCommandBook } from '../client/outgoing-command.ts'
import type { Clock } from '../clock.ts'
import { CodedError } from '../errors.ts'
import { type Random, randomRoot } from '../identity.ts'
import { DeadLetterEntrySchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import {
  AngzarrDeadLetterSchema,
  MergeStrategy,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { timestampFromNanoseconds } from '../wire/timestamp.ts'
import { putDeadLetter } from './dead-letter-rows.ts'
import type { Settlement } from './settlement.ts'
import type { Decided } from './work.ts'

/**
 * The settlement of a MANUAL command: nothing when it is accepted, else its dead letter. A command
 * that is sent again under the same key has the same letter.
 */
export function manualDeadLetter(options: {
  readonly command: OutgoingCommand
  readonly correlationId: string
  readonly clock: Clock
  readonly random: Random
}): (decided: Decided) => Settlement | undefined {
  const { command, correlationId, clock, random } = options
  const name = command.idempotencyKey ?? randomRoot(random)
  return (decided) => {
    if (decided.kind === 'accepted') return undefined
    const { error } = decided
    if (!(error instanceof CodedError) || error.code !== 'SEQUENCE_DEAD_LETTERED') return undefined
    const expectedSequence = Number(error.details['expected'])
    const actualSequence = Number(error.details['actual'])
    const now = clock.wall()
    const book = toCommandBook({ ...command, correlationId })
    const letter = create(AngzarrDeadLetterSchema, {
      ...(book.cover === undefined ? {} : { cover: book.cover }),
      payload: { case: 'rejectedCommand', value: book },
      rejectionReason: `Sequence mismatch: command expects ${expectedSequence}, aggregate at ${actualSequence}`,
      occurredAt: timestampFromNanoseconds(now),
      sourceComponent: command.domain,
      sourceComponentType: 'aggregate',
      rejectionDetails: {
        case: 'sequenceMismatch',
        value: { expectedSequence, actualSequence, mergeStrategy: MergeStrategy.MERGE_MANUAL },
      },
    })
    const entry = create(DeadLetterEntrySchema, {
      id: `manual.${command.domain}.${command.root}.${name}`,
      letter,
      component: command.domain,
      parkedAt: timestampFromNanoseconds(now),
      code: error.code,
    })
    return { rows: [putDeadLetter(entry)] }
  }
}
