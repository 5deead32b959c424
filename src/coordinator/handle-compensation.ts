/** HandleCompensation: a notification that another coordinator brings to an aggregate of this one. */
import { create } from '@bufbuild/protobuf'
import { compensateOf } from '../component/rejection.ts'
import { undeclaredRejection } from '../component/decide-rejection.ts'
import { codedError } from '../errors.ts'
import { OPEN } from '../ledger/ledger.ts'
import {
  type BusinessResponse,
  BusinessResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type CommandBook,
  type CommandRequest,
  MergeStrategy,
  type Notification,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackExact } from '../component/decode-payload.ts'
import { commandResponse, firstResponse, pageOf } from './command-response.ts'
import { streamOf } from './cover-of.ts'
import { asCoded } from './direct-command.ts'
import type { FactOptions } from './inject-facts.ts'
import { checkClientDomain } from './plan-names.ts'

/**
 * Has an aggregate answer a rejection, or undo a command. A notification of the same kind and
 * provenance is answered with what the first one stored. The notification itself is never stored.
 *
 * @throws CodedError `COMPENSATION_ENVELOPE_INVALID`, `UNKNOWN_DOMAIN`, `NO_UNDO_HANDLER`, what a
 * cover can be refused with, and what the handler throws
 */
export async function handleCompensation(
  options: Pick<FactOptions, 'commandPath' | 'ledger' | 'targets' | 'upcast'>,
  request: CommandRequest,
): Promise<BusinessResponse> {
  const { command: book } = request
  if (book === undefined) throw codedError('MISSING_COMMAND_BOOK')
  const { notification, kind } = envelopeOf(book)
  checkClientDomain(book.cover?.domain ?? '')
  const key = streamOf(book.cover)
  const endpoint = options.targets.get(key.domain)
  if (endpoint === undefined) {
    throw codedError('UNKNOWN_DOMAIN', { details: { domain: key.domain } })
  }
  const correlationId = book.cover?.correlationId ?? ''
  const outcome = await options.commandPath.submit({
    key,
    endpoint,
    subject: { kind: 'rejection', notification },
    correlationId,
    expected: undefined,
    strategy: MergeStrategy.MERGE_COMMUTATIVE,
    idempotencyKey: keyOf(book, kind),
    keyIsNew: false,
    visibility: OPEN,
    settle: (decided) => {
      if (
        decided.kind === 'accepted' &&
        decided.decision.kind === 'unhandled' &&
        kind === 'compensate'
      ) {
        throw codedError('NO_UNDO_HANDLER', { details: { domain: key.domain } })
      }
      return undefined
    },
  })
  switch (outcome.kind) {
    case 'duplicate': {
      const { events } = await firstResponse(options.ledger, key, outcome.first, options.upcast)
      return create(BusinessResponseSchema, {
        result: { case: 'events', value: events ?? {} },
      })
    }
    case 'accepted': {
      const { decision, events, from } = outcome
      if (decision.kind === 'unhandled') return undeclaredRejection(notification)
      if (decision.kind === 'revocation') {
        return create(BusinessResponseSchema, {
          result: { case: 'revocation', value: decision.revocation },
        })
      }
      if (decision.kind === 'notification') {
        return create(BusinessResponseSchema, {
          result: { case: 'notification', value: decision.notification },
        })
      }
      const stored = commandResponse({ key, correlationId, from, pages: events.map(pageOf) })
      return create(BusinessResponseSchema, {
        result: { case: 'events', value: stored.events ?? {} },
      })
    }
    case 'rejected':
      throw asCoded(outcome.error)
    case 'lost':
      throw codedError('SEQUENCE_CONFLICT')
  }
}

type Envelope = {
  readonly notification: Notification
  readonly kind: 'rejection' | 'compensate'
}

function envelopeOf(book: CommandBook): Envelope {
  const payload = book.pages[0]?.payload
  const notification =
    payload?.case === 'command' ? unpackExact(NotificationSchema, payload.value) : undefined
  if (notification === undefined) throw codedError('COMPENSATION_ENVELOPE_INVALID')
  if (compensateOf(notification) !== undefined) return { notification, kind: 'compensate' }
  if (unpackExact(RejectionNotificationSchema, notification.payload) !== undefined) {
    return { notification, kind: 'rejection' }
  }
  throw codedError('COMPENSATION_ENVELOPE_INVALID')
}

/** Kind and provenance; a notification without provenance is carried out each time. */
function keyOf(book: CommandBook, kind: Envelope['kind']): string | undefined {
  const place = book.pages[0]?.header?.sequenceType
  if (place?.case !== 'angzarrDeferred') return undefined
  const { source, sourceSeq, sourceComponent, commandIndex } = place.value
  const { domain, edition, root } = streamOf(source)
  const trigger = `${edition}:${domain}:${root}#${sourceSeq}`
  return `notification#${trigger}#${sourceComponent}#${commandIndex}#${kind}`
}
