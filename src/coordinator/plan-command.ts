/** What a command must be to be let in (P10). Pure. */
import type { CommandContent, OutgoingCommand } from '../client/outgoing-command.ts'
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import {
  checkClientDomain,
  checkDomain,
  checkCorrelationId,
  checkEdition,
  checkIdempotencyKey,
} from './plan-names.ts'
import type { Edition } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { sizeAbove } from './plan-size.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'

/**
 * The aggregate a command is for.
 *
 * @throws CodedError `DOMAIN_INVALID`, `DOMAIN_RESERVED`, `UNKNOWN_DOMAIN`, `EDITION_INVALID`,
 * `CORRELATION_ID_INVALID`, `IDEMPOTENCY_KEY_INVALID`,
 * `TYPE_URL_INVALID`, `NO_HANDLER_REGISTERED`, `PAYLOAD_TOO_LARGE`
 */
export function checkCommand(
  command: OutgoingCommand,
  targets: ReadonlyMap<string, AggregateEndpoint>,
): AggregateEndpoint {
  const { domain, edition, correlationId, idempotencyKey, typeName, content } = command
  checkClientDomain(domain)
  checkEditionOf(edition)
  checkCorrelationId(correlationId)
  if (idempotencyKey !== undefined) checkIdempotencyKey(idempotencyKey)
  const endpoint = targets.get(domain)
  if (endpoint === undefined) {
    const hint = 'Register a component that handles this domain, or correct the name.'
    throw codedError('UNKNOWN_DOMAIN', { details: { domain }, hint })
  }
  if (typeName.length > limits.typeUrlLengthMax) {
    throw codedError('TYPE_URL_INVALID', { details: { length: typeName.length } })
  }
  if (!endpoint.accepts(typeName)) {
    throw codedError('NO_HANDLER_REGISTERED', { details: { domain, type_url: typeName } })
  }
  checkSize(content)
  return endpoint
}

/** An edition with its branch points. @throws CodedError `EDITION_INVALID`, `DOMAIN_INVALID` */
function checkEditionOf(edition: Edition | undefined): void {
  if (edition === undefined) return
  checkEdition(edition.name)
  for (const { domain } of edition.divergences) checkDomain(domain)
}

function checkSize(content: CommandContent): void {
  const { payloadBytesMax: max } = limits
  const got =
    content.kind === 'bytes'
      ? content.bytes.length
      : sizeAbove(content.schema, content.message, max)
  if (got === undefined || got <= max) return
  throw codedError('PAYLOAD_TOO_LARGE', { details: { page: 0, max, got } })
}
