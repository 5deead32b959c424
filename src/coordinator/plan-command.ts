/** What a command must be to be let in (P10). Pure. */
import type { OutgoingCommand } from '../client/outgoing-command.ts'
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import { SyncMode } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  checkClientDomain,
  checkCorrelationId,
  checkEdition,
  checkIdempotencyKey,
} from './plan-names.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'

/**
 * The aggregate a command is for.
 *
 * @throws CodedError `DOMAIN_INVALID`, `DOMAIN_RESERVED`, `UNKNOWN_DOMAIN`, `EDITION_INVALID`,
 * `EDITION_UNSUPPORTED`, `CORRELATION_ID_INVALID`, `IDEMPOTENCY_KEY_INVALID`,
 * `NO_HANDLER_REGISTERED`, `PAYLOAD_TOO_LARGE`, `SYNC_MODE_UNSUPPORTED`
 */
export function checkCommand(
  command: OutgoingCommand,
  targets: ReadonlyMap<string, AggregateEndpoint>,
): AggregateEndpoint {
  const { domain, edition, correlationId, idempotencyKey, typeName, content, syncMode } = command
  checkClientDomain(domain)
  if (checkEdition(edition?.name ?? '') !== '') {
    throw codedError('EDITION_UNSUPPORTED', { details: { edition: edition?.name } })
  }
  checkCorrelationId(correlationId)
  if (idempotencyKey !== undefined) checkIdempotencyKey(idempotencyKey)
  const endpoint = targets.get(domain)
  if (endpoint === undefined) {
    const hint = 'Register a component that handles this domain, or correct the name.'
    throw codedError('UNKNOWN_DOMAIN', { details: { domain }, hint })
  }
  if (!endpoint.accepts(typeName)) {
    throw codedError('NO_HANDLER_REGISTERED', { details: { domain, type_url: typeName } })
  }
  const size = content.kind === 'bytes' ? content.bytes.length : 0
  if (size > limits.payloadBytesMax) {
    const details = { page: 0, max: limits.payloadBytesMax, got: size }
    throw codedError('PAYLOAD_TOO_LARGE', { details })
  }
  checkSyncMode(syncMode)
  return endpoint
}

function checkSyncMode(mode: SyncMode): void {
  if (mode === SyncMode.SIMPLE || mode === SyncMode.CASCADE) {
    const hint = 'Send it ASYNC or DECISION and wait for coordinator.settled().'
    throw codedError('SYNC_MODE_UNSUPPORTED', { details: { mode }, hint })
  }
}
