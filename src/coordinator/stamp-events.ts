/** Gives decided events their place in the stream, and their bytes. */
import type { Nanoseconds } from '../clock.ts'
import type { Sequence } from '../identity.ts'
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import { encodeEventPage } from '../wire/page-codec.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import type { Decision } from './stateful-endpoint.ts'
import type { StampedEvent } from './work.ts'

/**
 * The events of a decision, numbered from the next sequence of the stream.
 *
 * @throws CodedError `BOOK_TOO_LONG`, `PAYLOAD_TOO_LARGE`, `RESPONSE_BAD_SEQUENCE`,
 * `SEQUENCE_EXHAUSTED`, `COMMAND_REVOKED`
 */
export function stampEvents(
  place: { readonly next: Sequence },
  decision: Decision,
  time: Nanoseconds,
  cascadeId?: string | undefined,
): readonly StampedEvent[] {
  if (decision.kind !== 'events') return []
  const { events } = decision
  if (events.length > limits.pagesPerBookMax) {
    const details = { max: limits.pagesPerBookMax, got: events.length }
    throw codedError('BOOK_TOO_LONG', { details })
  }
  return events.map((event, index) => {
    const sequence = place.next + index
    if (event.sequence !== undefined && event.sequence !== sequence) {
      const details = { expected: sequence, actual: event.sequence }
      throw codedError('RESPONSE_BAD_SEQUENCE', { details })
    }
    if (sequence > limits.sequenceMax) throw codedError('SEQUENCE_EXHAUSTED')
    if (event.value.length > limits.payloadBytesMax) {
      const details = { page: index, max: limits.payloadBytesMax, got: event.value.length }
      throw codedError('PAYLOAD_TOO_LARGE', { details })
    }
    const createdAt = event.createdAt ?? time
    const page = encodeEventPage({
      sequence,
      createdAt,
      typeUrl: TYPE_URL_PREFIX + event.type,
      value: event.value,
      noCommit: cascadeId !== undefined,
      cascadeId,
    })
    const stamped = { sequence, type: event.type, value: event.value, page, createdAt }
    return cascadeId === undefined ? stamped : { ...stamped, cascadeId }
  })
}
