/** A command of the wire as the command path takes it. */
import type { OutgoingCommand } from '../client/outgoing-command.ts'
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import {
  type CommandPage,
  type CommandRequest,
  MergeStrategy,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import { streamOf } from './cover-of.ts'
import { effectiveMode } from './plan-sync-mode.ts'

/**
 * Reads a request.
 *
 * @throws CodedError `MISSING_COMMAND_BOOK`, `MISSING_COMMAND_PAGE`, `MISSING_COMMAND_PAYLOAD`,
 * `BOOK_TOO_LONG`, and what a cover can be refused with
 */
export function outgoingCommandOf(
  request: CommandRequest,
  idempotencyKey: string | undefined,
): OutgoingCommand {
  const book = request.command
  if (book === undefined) throw codedError('MISSING_COMMAND_BOOK')
  if (book.pages.length > limits.pagesPerBookMax) {
    const details = { max: limits.pagesPerBookMax, got: book.pages.length }
    throw codedError('BOOK_TOO_LONG', { details })
  }
  const [page] = book.pages
  if (page === undefined) throw codedError('MISSING_COMMAND_PAGE')
  if (page.payload.case !== 'command' || page.payload.value.typeUrl === '') {
    throw codedError('MISSING_COMMAND_PAYLOAD')
  }
  const { typeUrl, value } = page.payload.value
  const key = streamOf(book.cover)
  return {
    domain: key.domain,
    edition: book.cover?.edition,
    root: key.root,
    correlationId: book.cover?.correlationId ?? '',
    sequence: sequenceOf(page),
    mergeStrategy: isDeferred(page) ? MergeStrategy.MERGE_AGGREGATE_HANDLES : page.mergeStrategy,
    syncMode: effectiveMode(request.syncMode, page.header?.syncMode),
    cascadeErrorMode: request.cascadeErrorMode,
    typeName: typeNameFromUrl(typeUrl),
    content: { kind: 'bytes', typeUrl, bytes: value },
    idempotencyKey: idempotencyKey ?? externalIdOf(page),
    keyIsNew: false,
  }
}

/** An absent header counts as 0, as the contract has it. */
function sequenceOf({ header }: CommandPage): number {
  const place = header?.sequenceType
  return place?.case === 'sequence' ? place.value : 0
}

/** A deferred command claims no sequence, so there is nothing to check: its aggregate decides. */
function isDeferred({ header }: CommandPage): boolean {
  const place = header?.sequenceType.case
  return place === 'externalDeferred' || place === 'angzarrDeferred'
}

function externalIdOf({ header }: CommandPage): string | undefined {
  const place = header?.sequenceType
  const id = place?.case === 'externalDeferred' ? place.value.externalId : ''
  return id === '' ? undefined : id
}
