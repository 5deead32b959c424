/** Where what a component emits will begin. */
import type { Sequence } from '../identity.ts'
import type { EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { nextSequenceOf } from '../wire/book.ts'

/**
 * The sequence behind a book that was sent: as its sender says, or else as its pages and snapshot
 * have it; 0 without a book. The sender may have left out pages, so what it says goes before what
 * can be counted; who loads a book counts with `nextSequenceOf`.
 */
export function nextSequenceAsSent(book: EventBook | undefined): Sequence {
  if (book === undefined) return 0
  return book.nextSequence === 0 ? nextSequenceOf(book) : book.nextSequence
}
