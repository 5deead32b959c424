/** An explicit `Compensate`: the undo runs, and a page of the engine in the stream says so. */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import { OPEN } from '../ledger/ledger.ts'
import {
  type Compensate,
  CompensateSchema,
  MergeStrategy,
  NotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../wire/any.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { streamOf } from './cover-of.ts'
import { asCoded } from './direct-command.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { delegate } from './facts-of-book.ts'
import { checkClientDomain } from './plan-names.ts'
import type { AggregateEndpoint, Decision, StatefulEndpoint } from './stateful-endpoint.ts'

const codec = messageCodec(CompensateSchema)

/**
 * Has the target undo what the listed events did. They stay as they are.
 *
 * @throws CodedError `UNKNOWN_DOMAIN`, `NO_UNDO_HANDLER`, what a cover can be refused with, and what
 * the undo throws
 */
export async function markCompensation(
  options: Pick<DirectTransportOptions, 'commandPath' | 'targets'>,
  compensate: Compensate,
): Promise<void> {
  checkClientDomain(compensate.target?.domain ?? '')
  const key = streamOf(compensate.target)
  const endpoint = options.targets.get(key.domain)
  if (endpoint === undefined) {
    throw codedError('UNKNOWN_DOMAIN', { details: { domain: key.domain } })
  }
  const { target } = compensate
  const outcome = await options.commandPath.submit({
    key,
    endpoint: marking(endpoint, compensate),
    subject: {
      kind: 'rejection',
      notification: create(NotificationSchema, {
        ...(target === undefined ? {} : { cover: target }),
        payload: packAny(CompensateSchema, compensate),
      }),
    },
    correlationId: target?.correlationId ?? '',
    expected: undefined,
    strategy: MergeStrategy.MERGE_COMMUTATIVE,
    idempotencyKey: undefined,
    keyIsNew: true,
    visibility: OPEN,
  })
  if (outcome.kind === 'rejected') throw asCoded(outcome.error)
}

function marking(endpoint: AggregateEndpoint, compensate: Compensate): StatefulEndpoint {
  return {
    ...delegate(endpoint),
    decide: async (request) => marked(await endpoint.decide(request), compensate),
  }
}

function marked(decision: Decision, compensate: Compensate): Decision {
  if (decision.kind === 'unhandled') {
    const details = { command_type: compensate.commandType }
    throw codedError('NO_UNDO_HANDLER', { details })
  }
  const marker = { type: CompensateSchema.typeName, value: codec.encode(compensate) }
  const events = decision.kind === 'events' ? decision.events : []
  // Their place is behind the marker.
  const undone = events.map(({ type, value, createdAt }) => ({ type, value, createdAt }))
  return { kind: 'events', events: [marker, ...undone] }
}
