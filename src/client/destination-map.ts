/** The histories of several aggregates, by root. */
import type { EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { protoUuidToHex } from '../wire/uuid.ts'
import { type MessageOr, messageIn } from './wrappers/wrapped.ts'

/**
 * Books by their root in lower-case hexadecimal without dashes (Angzarr client:
 * `destination_map`). Books without a cover or a root are left out; of two books for one root the
 * later holds.
 */
export function destinationMap(
  destinations: readonly MessageOr<EventBook>[],
): ReadonlyMap<string, EventBook> {
  const byRoot = new Map<string, EventBook>()
  for (const destination of destinations) {
    const book = messageIn(destination)
    const root = book.cover?.root
    if (root !== undefined) byRoot.set(protoUuidToHex(root), book)
  }
  return byRoot
}
