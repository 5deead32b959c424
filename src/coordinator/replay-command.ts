/** Sends the command of a dead letter again; the letter leaves the desk with what comes of it. */
import { unpackExact } from '../component/decode-payload.ts'
import { codedError } from '../errors.ts'
import { OPEN } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import {
  type CommandBook,
  MergeStrategy,
  NotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import { streamOf } from './cover-of.ts'
import { removeDeadLetter } from './dead-letter-rows.ts'
import { asCoded } from './direct-command.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import type { AggregateEndpoint, DecisionSubject } from './stateful-endpoint.ts'

/** What sending again needs. */
export type ReplayOptions = Pick<DirectTransportOptions, 'commandPath' | 'targets' | 'journal'>

/**
 * Sends it under a key of its letter, so that sending it twice has one effect.
 *
 * @throws CodedError `UNKNOWN_DOMAIN`, `NO_HANDLER_REGISTERED`, `NO_UNDO_HANDLER`, and what the
 * handler throws: the letter stays then
 */
export async function replayCommand(
  { commandPath, targets, journal }: ReplayOptions,
  { id }: DeadLetterEntry,
  command: CommandBook,
): Promise<void> {
  const key = streamOf(command.cover)
  const endpoint = targets.get(key.domain)
  if (endpoint === undefined) {
    throw codedError('UNKNOWN_DOMAIN', { details: { domain: key.domain } })
  }
  const subject = subjectOf(endpoint, command)
  const outcome = await commandPath.submit({
    key,
    endpoint,
    subject,
    correlationId: command.cover?.correlationId ?? '',
    expected: undefined,
    strategy: MergeStrategy.MERGE_AGGREGATE_HANDLES,
    idempotencyKey: `replay#${id}`,
    keyIsNew: false,
    visibility: OPEN,
    edition: command.cover?.edition,
    settle: (decided) => {
      if (decided.kind === 'rejected') return undefined
      if (decided.decision.kind === 'unhandled') {
        throw codedError('NO_UNDO_HANDLER', { details: { domain: key.domain } })
      }
      return { rows: [removeDeadLetter(id)] }
    },
  })
  switch (outcome.kind) {
    case 'accepted':
      return
    case 'duplicate':
      await journal.commit({ rows: [removeDeadLetter(id)] })
      return
    case 'rejected':
      throw asCoded(outcome.error)
    case 'lost':
      throw codedError('SEQUENCE_CONFLICT')
  }
}

function subjectOf(endpoint: AggregateEndpoint, command: CommandBook): DecisionSubject {
  const payload = command.pages[0]?.payload
  if (payload?.case !== 'command') throw codedError('MISSING_COMMAND_PAYLOAD')
  const { typeUrl, value } = payload.value
  const notification = unpackExact(NotificationSchema, payload.value)
  if (notification !== undefined) return { kind: 'rejection', notification }
  const type = typeNameFromUrl(typeUrl)
  if (!endpoint.accepts(type)) {
    const details = { domain: endpoint.domain, type_url: typeUrl }
    throw codedError('NO_HANDLER_REGISTERED', { details })
  }
  return { kind: 'command', command: { type, value } }
}
