/** The envelope of a command on its way to an aggregate, opened. */
import type { Any } from '@bufbuild/protobuf/wkt'
import type { Sequence } from '../identity.ts'
import type {
  ContextualCommand,
  Cover,
  PageHeader,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { dispatchError } from './errors.ts'
import { nextSequenceAsSent } from './next-sequence-as-sent.ts'

/** What a dispatcher needs to know of a command. */
export type IncomingCommand = {
  readonly cover: Cover
  readonly payload: Any
  readonly header: PageHeader | undefined
  /** Sequence of the first event that the command emits. */
  readonly next: Sequence
}

/**
 * Opens the envelope. Only the first page counts.
 *
 * @throws DispatchError `MISSING_COMMAND_BOOK` without a book, or a domain in it;
 *   `MISSING_COMMAND_PAGE` without pages; `MISSING_COMMAND_PAYLOAD` without a typed payload
 */
export function incomingCommand({ command, events }: ContextualCommand): IncomingCommand {
  if (command === undefined) throw dispatchError('MISSING_COMMAND_BOOK')
  const [page] = command.pages
  if (page === undefined) throw dispatchError('MISSING_COMMAND_PAGE')
  if (command.cover === undefined || command.cover.domain === '') {
    throw dispatchError('MISSING_COMMAND_BOOK')
  }
  const { payload, header } = page
  if (payload.case !== 'command' || payload.value.typeUrl === '') {
    throw dispatchError('MISSING_COMMAND_PAYLOAD')
  }
  return { cover: command.cover, payload: payload.value, header, next: nextSequenceAsSent(events) }
}

/** The identifier that an outside system gave to a page. */
export function externalIdOf(header: PageHeader | undefined): string | undefined {
  const origin = header?.sequenceType
  if (origin?.case !== 'externalDeferred' || origin.value.externalId === '') return undefined
  return origin.value.externalId
}
